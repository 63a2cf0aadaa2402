"""One act on one report: one conditional UPDATE, one row, one ledger entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import rules, sealed
from hueandcry.apps.reports.models import Act, Report
from hueandcry.apps.reports.rules import Doing, State
from hueandcry.core.errors import Conflict
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.timeline import face as timeline


@dataclass(frozen=True, slots=True)
class Change:
    """What an act changes on its report; `after` only where the rules do not say it."""

    doing: Doing
    after: State | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    rule: str = ""


def move(row: Report, change: Change, at: Micros) -> Report:
    """Changes the row if it still is what was read; raises Conflict, and then nothing changed."""
    if row.purged_at is not None:
        raise Conflict("report_purged", f"Report {row.pk} was purged: only its bare row is left")
    before = State(row.state)
    after = change.after or rules.after(before, change.doing)
    if after is None or change.doing not in rules.ALLOWED[before]:
        raise Conflict(
            "report_state",
            f"Report {row.pk} is {before}: it cannot be done now ({change.doing})",
            do="Look at it again; a decision can be undone",
        )
    known = Report.objects.filter(
        pk=row.pk, state=row.state, version=row.version, follows=row.follows_id
    )
    fields = {"state": after, "version": row.version + 1, "changed_at": at, **change.fields}
    if known.update(**fields) != 1:
        raise Conflict("report_changed", f"Report {row.pk} was changed just now", do="Look again")
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def stay(row: Report) -> None:
    """Makes sure that a row is what was read, until the transaction ends; raises Conflict."""
    same = Report.objects.filter(pk=row.pk, state=row.state, version=row.version)
    if same.update(version=row.version) != 1:
        raise Conflict("report_changed", f"Report {row.pk} was changed just now", do="Look again")


def act_row(row: Report, change: Change, before: str, actor: Actor, at: Micros) -> Act:
    """The act on a report that `move` has just changed."""
    return Act(
        report=row,
        kind=change.doing,
        version=row.version,
        before=before,
        after=row.state,
        at=at,
        person_id=actor.person,
        token_id=actor.token,
        rule=change.rule,
        detail=sealed.seal(change.detail) if change.detail else "",
    )


def facts(act: Act, row: Report) -> dict[str, Any]:
    """What the ledger commits to: who did what to which report, and never what is in it."""
    said = {
        "report": row.root.hex(),
        "act": act.kind,
        "version": act.version,
        "before": act.before,
        "after": act.after,
        "at": time_text(act.at),
        "person": act.person_id,
    }
    if act.token_id is not None:
        said["token"] = act.token_id
    return {**said, "rule": act.rule} if act.rule else said


def log(act: Act, row: Report, **more: Any) -> Act:
    """Keeps an act with its entry in the ledger, and a hop of the report's timeline."""
    ledger.append(f"report.{act.kind}", act, **facts(act, row), **more)
    hop([row.root], act.kind, act.at)
    return act


def log_many(kind: Doing, acts: Sequence[tuple[Act, Report]], at: Micros) -> None:
    """As `log`, for many reports in one go."""
    ledger.append_many(f"report.{kind}", [(act, facts(act, row)) for act, row in acts])
    hop([row.root for _, row in acts], kind, at)


#: The hops that the way from the first word to the claim is made of (docs/reports.md).
HOPS = {
    Doing.SUBMIT: "reported",
    Doing.READ: "read",
    Doing.CONFIRM: "triaged",
    Doing.REJECT: "triaged",
    Doing.MERGE: "triaged",
}


def hop(roots: Sequence[bytes], kind: str, at: Micros) -> None:
    """Notes the hop that an act is, if it is one."""
    name = HOPS.get(Doing(kind))
    if name is not None:
        timeline.note(roots, name, members.us().fingerprint, at, timeline.Source.OWN)


def do(row: Report, change: Change, actor: Actor, at: Micros) -> Act:
    """`move`, and the act with its entry, in the caller's transaction."""
    before = row.state
    move(row, change, at)
    return log(act_row(row, change, before, actor, at), row)
