"""The queue and the page of a report, as its desk sees them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import queries, rules, sealed
from hueandcry.apps.reports.models import (
    Act,
    Attachment,
    Consent,
    Loss,
    Message,
    Report,
    Reporter,
    Value,
)
from hueandcry.apps.reports.rules import Desk, Flag, State
from hueandcry.apps.reports.stories import (
    ActView,
    ConsentView,
    FileView,
    Line,
    LossView,
    MessageView,
    Opened,
    QueuePage,
    ReporterView,
    SealedReporter,
    Story,
    ValueView,
)
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.core.extract import extract, personal_spans
from hueandcry.core.types import Actor, Audience, Kind, Micros, Signal
from hueandcry.engine.keys.own import own

_CURSOR: Final = "reports/queue"
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """Which reports of the queue; every one that is given has to hold."""

    states: frozenset[State] = frozenset({State.WAITING})
    desk: Desk | None = None
    language: str = ""
    source: str = ""
    lure: str = ""
    flag: Flag | None = None
    lost: bool = False  #: money went, or was about to
    stopping: bool = False  #: in the stop-payment lane now
    token: int | None = None  #: brought by this token
    again: Flag | None = None  #: decided, and to be looked at again for this: in any state
    held: bool = False  #: a legal hold keeps it: in any state


def queue(where: Filters, at: Micros, cursor: str | None = None, limit: int = 50) -> QueuePage:
    """A page of the queue: by harm and freshness, the most urgent first.

    Of near-identical reports one stands for all. Raises Untrusted for a cursor of elsewhere.
    """
    rows = _matching(where, at)
    if cursor:
        rows = queries.below(rows, *_place(cursor))
    limit = min(max(limit, 1), _MOST)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    last = found[:limit][-1] if more else None
    return QueuePage([line(row) for row in found[:limit]], _cursor(last) if last else None)


def neighbours(number: int, where: Filters, at: Micros) -> tuple[int | None, int | None]:
    """The reports before and after this one in the queue, wherever it stands by now itself.

    Raises NotFound.
    """
    here, rows = queries.report(number), _matching(where, at)
    after = queries.below(rows, here.rank, here.pk).values_list("pk", flat=True).first()
    before = queries.above(rows, here.rank, here.pk).order_by("rank", "pk")
    return before.values_list("pk", flat=True).first(), after


def _matching(where: Filters, at: Micros) -> QuerySet[Report]:
    rows = _listed(where)
    wanted = {
        "desk": where.desk,
        "language": where.language,
        "source": where.source,
        "lure": where.lure,
        "token": where.token,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if where.stopping:
        rows = rows.filter(stop_until__gt=at)
    if where.lost:
        rows = queries.losing(rows)
    if where.flag is not None:
        rows = rows.extra(where=["flags & %s <> 0"], params=[int(where.flag)])
    return rows


def _listed(where: Filters) -> QuerySet[Report]:
    if where.held:
        return queries.held()
    return queries.lines(where.states) if where.again is None else queries.marked(where.again)


def _cursor(row: Report) -> str:
    return own().seal(_CURSOR, f"{row.rank} {row.pk}".encode())


def _place(cursor: str) -> tuple[Micros, int]:
    rank, number = own().open_sealed(_CURSOR, cursor).split()
    return int(rank), int(number)


def line(row: Report) -> Line:
    """A row as a line of the queue; `lost` where the query says so."""
    lost = getattr(row, "lost", None)
    return Line(
        row.pk,
        UUID(bytes=row.root),
        row.source,
        row.intake,
        State(row.state),
        row.at,
        row.changed_at,
        row.language,
        row.market,
        row.lure,
        row.method,
        row.finding,
        row.likelihood,
        row.harm,
        Flag(row.flags),
        Desk(row.desk),
        row.stop_until,
        row.group.size if row.group else 1,
        Loss.objects.filter(report=row).exists() if lost is None else lost,
    )


# --- one report ----------------------------------------------------------------------------------


def open_report(number: int, actor: Actor, purpose: str, at: Micros) -> Opened:
    """A report with all that was found in it; the access is logged, in the caller's transaction.

    Raises Malformed without a purpose: what somebody wrote about their own harm is personal.
    """
    row = queries.report(number)
    _log(row, "report.open", actor, purpose, at)
    return opened(row, at)


def number_of(id: UUID, token: int | None = None) -> int:
    """The number of the report of this id, with `token` only of that token's; NotFound."""
    number: int = queries.by_root(id.bytes, token).pk
    return number


def brought_by(
    token: int, before: int | None, limit: int, state: State | None = None
) -> list[Line]:
    """What a token brought, the newest first, from below the number `before`."""
    rows = Report.objects.filter(token=token).select_related("group").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if state is not None:
        rows = rows.filter(state=state)
    return [line(row) for row in rows[:limit]]


def opened_for(id: UUID, token: int, at: Micros) -> Opened:
    """A report that this token brought; raises NotFound, the same for those of others."""
    return opened(queries.by_root(id.bytes, token), at)


def reporter(number: int, actor: Actor, purpose: str, at: Micros) -> ReporterView:
    """Who reported; the access is logged. Raises NotFound where nobody said who they are."""
    row = queries.report(number)
    held = Reporter.objects.filter(report=row).first()
    if held is None:
        raise NotFound("reporter", "Nobody said who reported this, or it was purged")
    _log(row, "report.reporter", actor, purpose, at)
    who = sealed.unpack(held.sealed, SealedReporter)
    return ReporterView(who.name, who.phone, who.email, who.address, who.safe_way)


def _log(row: Report, action: str, actor: Actor, purpose: str, at: Micros) -> None:
    if not purpose.strip():
        raise Malformed("purpose", "A report is opened for a purpose", do="Say which")
    note = members.AccessNote(
        action, f"report {row.pk}", purpose=purpose, person=actor.person, token=actor.token
    )
    members.log_access(note, at)


def opened(row: Report, at: Micros) -> Opened:
    """Everything about a report, as it is now."""
    story = sealed.unpack(row.story, Story) if row.story else Story()
    assessment: dict[str, Any] = sealed.unpack(row.read, dict) if row.read else {}
    alike = Report.objects.filter(group=row.group).exclude(pk=row.pk) if row.group else ()
    doings = {doing for doing in rules.ALLOWED[State(row.state)] if doing is not rules.Doing.READ}
    if queries.last_act(row, rules.UNDOABLE) is None:
        doings.discard(rules.Doing.UNDO)
    if not rules.AGAIN & Flag(row.flags):
        doings.discard(rules.Doing.STAND)
    if not queries.may_be_reopened(row):
        doings.discard(rules.Doing.REOPEN)
    return Opened(
        line=line(row),
        text=story.text,
        assessment=assessment,
        values=_values(row),
        losses=_losses(row),
        files=_files(row),
        messages=messages(row),
        consents=_consents(row),
        acts=_acts(row),
        alike=[other.pk for other in alike.order_by("-pk")[:50]] if alike else [],
        merged_into=row.into_id,
        has_reporter=Reporter.objects.filter(report=row).exists(),
        may=frozenset(doings),
        review_at=row.review_at,
        kept=row.kept,
        purged_at=row.purged_at,
        version=row.version,
        given=tuple(value.text for value in story.values),
        personal=personal_spans(story.text, extract(story.text, row.market)),
    )


def _values(row: Report) -> list[ValueView]:
    held = list(Value.objects.filter(report=row).order_by("start", "pk"))
    found = [Signal(Kind(v.kind), sealed.opened(v.sealed)) for v in held]
    known, allow = signals.Lookups(Audience.OWN).of(found), signals.allow_lists()
    named = queries.named_by({v.key for v in held})
    shielded = signals.shielded(found)
    return [
        ValueView(
            value.pk,
            signal,
            value.origin,
            None if value.start is None or value.end is None else (value.start, value.end),
            value.confidence,
            value.role,
            value.ticked,
            UUID(bytes=value.claim) if value.claim else None,
            answer["verdict"],
            allow.of(signal.kind, signal.value),
            named.get(value.key, 0),
            value.late,
            signal.key in shielded,
        )
        for value, signal, answer in zip(held, found, known, strict=True)
    ]


def _losses(row: Report) -> list[LossView]:
    return [
        LossView(x.amount, x.currency, x.rail, x.at, x.value_id, sealed.opened(x.reference))
        for x in Loss.objects.filter(report=row).order_by("pk")
    ]


def _files(row: Report) -> list[FileView]:
    return [file_view(each) for each in Attachment.objects.filter(report=row).order_by("pk")]


def file_view(row: Attachment) -> FileView:
    """An attachment as it is shown."""
    return FileView(
        row.pk,
        sealed.opened(row.name),
        row.sha256,
        row.size,
        row.media_type,
        row.blob,
        row.state,
        sealed.unpack(row.read, dict) if row.read else {},
    )


def messages(row: Report, kinds: Collection[str] = ()) -> list[MessageView]:
    """What was written about a report after it was sent, the oldest first."""
    held = Message.objects.filter(report=row).order_by("pk")
    if kinds:
        held = held.filter(kind__in=kinds)
    return [MessageView(m.kind, sealed.opened(m.sealed), m.at, m.person_id) for m in held]


def _consents(row: Report) -> list[ConsentView]:
    held = Consent.objects.filter(report=row).order_by("pk")
    return [ConsentView(c.purpose, c.wording, c.given_at, c.withdrawn_at) for c in held]


def _acts(row: Report) -> list[ActView]:
    return [
        ActView(
            act.version,
            act.kind,
            act.before,
            act.after,
            act.at,
            act.person_id,
            act.token_id,
            act.rule,
            "" if act.kind == rules.Doing.ADJUST else sealed.opened(act.detail),
            act.undone_by_id is not None,
            act.log_index,
        )
        for act in Act.objects.filter(report=row).order_by("version")
    ]
