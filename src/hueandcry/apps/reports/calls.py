"""The hotline: who called before, whom to call back and when."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.reports import acting, browsing, intake, queries, rules, sealed
from hueandcry.apps.reports.models import Call, Report
from hueandcry.apps.reports.rules import Doing
from hueandcry.apps.reports.stories import Line, NewReport, Submitted
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.types import DAY, Actor, Micros


@dataclass(frozen=True, slots=True)
class CallView:
    """A call back that was promised; whom to call is opened with the reporter, for a purpose."""

    number: int
    report: int
    due_at: Micros
    note: str
    overdue: bool
    stop_until: Micros | None


def take_call(
    actor: Actor, new: NewReport, at: Micros, back_at: Micros | None = None, note: str = ""
) -> Submitted:
    """Accepts what a caller tells, and promises a call back where one is due."""
    if back_at is not None:
        _check(back_at, note, at)
    sent = intake.submit(actor, new, at)
    if back_at is not None and not sent.again:
        promise_call(actor, sent.number, back_at, note, at)
    return sent


def known_caller(phone: str, market: str) -> list[Line]:
    """Earlier reports by the caller of this number, the newest first, at most 50."""
    caller = intake.caller_of(phone, market)
    if caller is None:
        return []
    rows = Report.objects.filter(reporter__caller=caller).select_related("group").order_by("-pk")
    return [browsing.line(row) for row in rows[:50]]


def promise_call(actor: Actor, number: int, due_at: Micros, note: str, at: Micros) -> int:
    """Promises to call a reporter back; the number of the call. Raises Malformed, Conflict."""
    _check(due_at, note, at)
    row = queries.report(number)
    acting.do(row, acting.Change(Doing.CALL), actor, at)
    call = Call.objects.create(
        report=row, due_at=due_at, note=sealed.seal(note) if note else "", person_id=actor.person
    )
    return call.pk


def _check(due_at: Micros, note: str, at: Micros) -> None:
    if not at <= due_at <= at + 30 * DAY:
        raise Malformed("call_back", "A call back is due within the next 30 days")
    if len(note) > rules.MAX_TEXT:
        raise Malformed("note", f"A note has at most {rules.MAX_TEXT} letters")


def called_back(actor: Actor, call: int, at: Micros) -> None:
    """Says that a call back was made; raises NotFound, or Conflict where it was before."""
    found = Call.objects.select_related("report").filter(pk=call).first()
    if found is None:
        raise NotFound("call", f"There is no call {call}")
    if Call.objects.filter(pk=call, done_at=None).update(done_at=at) != 1:
        raise Conflict("call_made", f"Call {call} was made already")
    acting.do(found.report, acting.Change(Doing.CALLED), actor, at)


def not_called_back(actor: Actor, call: int, at: Micros) -> None:
    """Takes back that a call was made: it is promised again. Raises NotFound, Conflict."""
    found = Call.objects.select_related("report").filter(pk=call).first()
    if found is None:
        raise NotFound("call", f"There is no call {call}")
    if Call.objects.filter(pk=call, done_at__isnull=False).update(done_at=None) != 1:
        raise Conflict("call_waiting", f"Call {call} is still to be made")
    acting.do(found.report, acting.Change(Doing.CALL), actor, at)


def call_backs(at: Micros, limit: int = 100) -> list[CallView]:
    """Calls that were promised and not made, the most overdue first."""
    rows = Call.objects.select_related("report").filter(done_at=None).order_by("due_at", "pk")
    return [_view(call, at) for call in rows[:limit]]


def calls_made(at: Micros, limit: int = 10) -> list[CallView]:
    """Calls that were made in the last day, the newest first."""
    rows = Call.objects.select_related("report").filter(done_at__gt=at - DAY)
    return [_view(call, at) for call in rows.order_by("-done_at", "-pk")[:limit]]


def _view(call: Call, at: Micros) -> CallView:
    return CallView(
        call.pk,
        call.report_id,
        call.due_at,
        sealed.opened(call.note),
        call.due_at <= at,
        call.report.stop_until,
    )
