"""What the desk decides about reports, and takes back. The door owns the transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hueandcry.apps.reports import acting, claiming, grouping, queries, rules, sealed
from hueandcry.apps.reports.claiming import Made
from hueandcry.apps.reports.models import Message, Report, Value
from hueandcry.apps.reports.rules import Consent, Doing, Flag, Origin, State
from hueandcry.core import taxonomy
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted, TooLarge
from hueandcry.core.types import Actor, Micros, Signal

#: Why a report is rejected: codes, so that they add up.
REASONS = ("not-a-scam", "nothing-to-act-on", "duplicate", "spam", "test", "other")

#: Why a report that had to be looked at again stays as it was decided, with its claims.
STANDING = (
    *("seen-by-us", "other-evidence", "reporter-is-suspect", "danger-goes-on", "nothing-new"),
    "other",
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What of a report is set right; None leaves it as it is."""

    lure: str | None = None
    method: str | None = None
    language: str | None = None
    ticks: Mapping[int, bool] = field(default_factory=dict)  #: number of a value → ticked
    roles: Mapping[int, str] = field(default_factory=dict)  #: number of a value → rules.Role
    add: tuple[tuple[Signal, str], ...] = ()  #: (signal, role) that nobody found


class _Before(msgspec.Struct, frozen=True):
    """What an adjustment replaced, sealed in its act: so that it can be undone."""

    fields: dict[str, str]
    ticks: dict[int, bool]
    roles: dict[int, str]
    added: list[int]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed report and the claims that came of it."""

    number: int
    claims: list[Made]


def confirm(
    actor: Actor,
    number: int,
    at: Micros,
    ticks: Collection[int] | None = None,
    *,
    rule: str = "",
    version: int | None = None,
) -> Confirmed:
    """Confirms a report: its ticked values (or exactly `ticks`, by number) become claims.

    Raises NotPermitted where values are ticked and the reporter did not agree that signals are
    shared, Conflict where it was decided meanwhile or is not of this `version` any more.
    """
    row = _open(number, version)
    values = list(Value.objects.filter(report=row).order_by("pk"))
    if ticks is not None:
        _tick(values, ticks)
    chosen = [value for value in values if value.ticked]
    # Values of reports alike are here because their own reporters agreed.
    own = [value for value in chosen if value.origin != Origin.ALIKE]
    if own and Consent.SIGNALS not in queries.consents(row):
        raise NotPermitted(
            "no_consent",
            "The reporter did not agree that links and numbers are shared",
            do="Ask the reporter, or confirm with nothing ticked",
        )
    change = acting.Change(Doing.CONFIRM, rule=rule)
    before = row.state
    acting.move(row, change, at)
    claiming.withdraw_for(row, actor, at, keep=[value.pk for value in chosen])
    made = claiming.raise_for(row, chosen, actor, at)
    _looked_at(row)
    act = acting.act_row(row, change, before, actor, at)
    acting.log(act, row, claims=sorted(str(each.claim) for each in made if each.claim))
    return Confirmed(row.pk, made)


def _open(number: int, version: int | None = None) -> Report:
    row = queries.report(number)
    if version is not None and row.version != version:
        raise Conflict("report_changed", f"Report {number} was changed meanwhile", do="Look again")
    return row


def _tick(values: Collection[Value], ticks: Collection[int]) -> None:
    """Ticks exactly these; raises NotFound for a number that is no value of the report."""
    if unknown := set(ticks) - {value.pk for value in values}:
        raise NotFound("report_value", f"The report has no value {min(unknown)}")
    for value in values:
        if value.ticked != (wanted := value.pk in ticks):
            value.ticked = wanted
            Value.objects.filter(pk=value.pk).update(ticked=wanted)


def adjust(actor: Actor, number: int, what: Adjustment, at: Micros) -> None:
    """Sets lure, method, language, ticks, roles and values right; raises Malformed, NotFound."""
    row = queries.report(number)
    fields = _fields(row, what)
    values = {value.pk: value for value in Value.objects.filter(report=row)}
    if unknown := {*what.ticks, *what.roles} - values.keys():
        raise NotFound("report_value", f"The report has no value {min(unknown)}")
    if not set(what.roles.values()) <= {"", *rules.Role}:
        raise Malformed("role", "There is no such way of meeting a number")
    if len(values) + len(what.add) > rules.MAX_VALUES:
        raise TooLarge("report_values", f"A report has at most {rules.MAX_VALUES} values")
    before = _Before(
        {name: getattr(row, name) for name in fields},
        {pk: values[pk].ticked for pk in what.ticks},
        {pk: values[pk].role for pk in what.roles},
        [],
    )
    for pk, ticked in what.ticks.items():
        Value.objects.filter(pk=pk).update(ticked=ticked)
    for pk, role in what.roles.items():
        Value.objects.filter(pk=pk).update(role=role)
    before.added.extend(_added(row, what))
    detail = msgspec.json.encode(before).decode()
    acting.do(row, acting.Change(Doing.ADJUST, fields=fields, detail=detail), actor, at)


def _fields(row: Report, what: Adjustment) -> dict[str, str]:
    wanted = {"lure": what.lure, "method": what.method, "language": what.language}
    fields = {name: text for name, text in wanted.items() if text is not None}
    for name in ("lure", "method"):
        if (code := fields.get(name)) and not taxonomy.is_code(code):
            raise Malformed(name, f"{code[:40]!a} is no {name}", do="Write a code such as `sms`")
    if len(fields.get("language", "")) > 8:
        raise Malformed("language", "This is no language", do="Write it as `th`")
    return fields


def _added(row: Report, what: Adjustment) -> list[int]:
    held = {bytes(key) for key in Value.objects.filter(report=row).values_list("key", flat=True)}
    made = []
    for signal, role in dict(what.add).items():
        if (key := sealed.key_of(signal)) in held:
            continue
        value = Value.objects.create(
            report=row,
            kind=signal.kind.value,
            key=key,
            sealed=sealed.seal(signal.value),
            origin=Origin.DESK,
            role=role,
        )
        made.append(value.pk)
    return made


def merge(actor: Actor, number: int, into: int, at: Micros, *, rule: str = "") -> None:
    """Merges a report into another one; that one may be decided, but not merged or withdrawn.

    Whatever was merged into whatever, and follows whom: no report ever waits for itself.
    """
    row, other = queries.report(number), queries.report(into)
    gone = other.state in (State.MERGED, State.WITHDRAWN) or other.purged_at is not None
    if other.pk == row.pk or gone:
        raise Conflict("merge", f"Nothing can be merged into report {into}", do="Choose another")
    if row.pk in queries.awaited(other):
        grouping.succeed(other)  # what is left has to stand for the others
    change = acting.Change(Doing.MERGE, fields={"into_id": other.pk}, rule=rule)
    # Of two that are merged into each other at once one is refused, and neither waits for ever.
    if other.pk < row.pk:
        acting.stay(other)
    acting.do(row, change, actor, at)
    if other.pk > row.pk:
        acting.stay(other)


def reject(actor: Actor, number: int, reason: str, at: Micros) -> None:
    """Rejects a report for one of REASONS; raises Malformed."""
    _check_reason(reason, REASONS)
    row = queries.report(number)
    change = acting.Change(Doing.REJECT, detail=reason)
    before = row.state
    acting.move(row, change, at)
    claiming.withdraw_for(row, actor, at)  # what a rule raised
    _looked_at(row)
    acting.log(acting.act_row(row, change, before, actor, at), row)


def _check_reason(reason: str, known: Collection[str]) -> None:
    if reason not in known:
        do = f"Use one of: {', '.join(known)}"
        raise Malformed("reason", f"{reason[:40]!a} is no reason", do=do)


def stand(actor: Actor, number: int, reason: str, at: Micros) -> None:
    """Leaves a report as it was decided, and its claims, for one of STANDING.

    Of one that was taken back, or to which something was added; other answers are `undo` and
    `reopen`. Raises Malformed, or Conflict where nobody has to look again. What was kept only so
    that somebody can look goes with the next purge.
    """
    _check_reason(reason, STANDING)
    row = queries.report(number)
    flags = Flag(row.flags)
    if not rules.AGAIN & flags:
        raise Conflict("no_second_look", f"Nobody has to look at report {number} again")
    fields: dict[str, Any] = {"flags": flags & ~rules.AGAIN}
    if queries.is_withdrawn(row):
        fields["purge_after"] = at
    acting.do(row, acting.Change(Doing.STAND, fields=fields, detail=reason), actor, at)
    _looked_at(row)


def reopen(actor: Actor, number: int, at: Micros) -> None:
    """Puts a decided report to which something was added back into the queue, with its claims.

    It stands for itself from then on. Raises Conflict where nothing was added.
    """
    row = queries.report(number)
    if not queries.may_be_reopened(row):
        raise Conflict("nothing_added", f"Nothing was added to report {number} that was decided")
    flags = Flag(row.flags) & ~Flag.ADDED
    fields = {"flags": flags, "into_id": None, "follows_id": None}
    acting.do(row, acting.Change(Doing.REOPEN, fields=fields), actor, at)


def _looked_at(row: Report) -> None:
    """What was found after the decision is no longer new: somebody has decided again."""
    Value.objects.filter(report=row, late=True).update(late=False)


def ask(actor: Actor, number: int, question: str, at: Micros) -> None:
    """Asks the reporter, who sees it by the receipt code; NotPermitted where there is none."""
    row = queries.report(number)
    if row.receipt is None:
        raise NotPermitted("no_receipt", "Nobody holds a receipt code of this report", do="Call")
    say(row, "question", question, at, actor.person)
    acting.do(row, acting.Change(Doing.ASK), actor, at)


def say(row: Report, kind: str, text: str, at: Micros, person: int | None) -> None:
    """Keeps one message; raises Malformed for an empty or too long one."""
    text = text.strip()
    most = rules.MAX_TEXT if kind == "question" else rules.MAX_STORY
    if not text or len(text) > most:
        raise Malformed("message", f"A message has 1 to {most} letters")
    sealed_ = sealed.seal(text)
    Message.objects.create(report=row, kind=kind, sealed=sealed_, at=at, person_id=person)


# --- undoing -------------------------------------------------------------------------------------


def undo(actor: Actor, number: int, at: Micros) -> str:
    """Takes the last decision or adjustment back; which it was. Raises Conflict when none is left.

    Claims that rest on this report alone are withdrawn, everywhere; the others stay.
    """
    row = queries.report(number)
    act = queries.last_act(row, rules.UNDOABLE)
    if act is None:
        raise Conflict("nothing_to_undo", f"Nothing was decided about report {number}")
    doing = Doing(act.kind)
    fields: dict[str, Any] = {}
    if doing is Doing.ADJUST:
        fields = _restored(row, msgspec.json.decode(sealed.opened(act.detail), type=_Before))
    elif doing is Doing.MERGE:
        fields = {"into_id": None, "follows_id": None}  # it stands for itself again
    after = State(act.before)
    if queries.is_withdrawn(row) or not row.story:  # by its reporter: it is out for good
        after, fields = State.WITHDRAWN, {**fields, "purge_after": at}
    raised = doing in (Doing.CONFIRM, Doing.RULE)
    if doing is not Doing.ADJUST:  # then nobody has to look once more
        fields["flags"] = Flag(row.flags) & ~(rules.AGAIN if raised else Flag.ADDED)
    change = acting.Change(Doing.UNDO, after, fields, detail=doing)
    before = row.state
    acting.move(row, change, at)
    if raised:
        claiming.withdraw_for(row, actor, at)
        grouping.take_back(row)
    undone = acting.log(acting.act_row(row, change, before, actor, at), row, undoes=act.version)
    type(act).objects.filter(pk=act.pk, undone_by=None).update(undone_by=undone)
    return doing.value


def _restored(row: Report, before: _Before) -> dict[str, Any]:
    for pk, ticked in before.ticks.items():
        Value.objects.filter(pk=pk).update(ticked=ticked)
    for pk, role in before.roles.items():
        Value.objects.filter(pk=pk).update(role=role)
    Value.objects.filter(report=row, pk__in=before.added).delete()
    return dict(before.fields)
