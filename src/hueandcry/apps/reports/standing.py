"""How the intake stands, in numbers that name nobody: for metrics, reminders and the first page."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.reports import holding, queries
from hueandcry.apps.reports.models import Call, Report
from hueandcry.apps.reports.rules import AGAIN, HOUR, Desk, Flag, State
from hueandcry.apps.reports.settings import OVERDUE_HOURS
from hueandcry.core.types import Micros
from hueandcry.engine.policy import face as policy


@dataclass(frozen=True, slots=True)
class Standing:
    """Reports that ask for somebody, now."""

    unread: int  #: that no assessor has read yet
    waiting: dict[str, int]  #: desk → lines of its queue
    stopping: int  #: in the stop-payment lane
    overdue: int  #: that wait longer than the policy wants
    asked: int
    calls: int  #: that are due
    taken_back: int  #: after claims were made of them: somebody has to look
    held: int  #: by a legal hold
    reviews: int  #: legal holds that should have been looked at again by now

    @property
    def lines(self) -> int:
        """Lines of the queue at all desks."""
        return sum(self.waiting.values())


def standing(at: Micros) -> Standing:
    """The numbers of now."""
    kept = Report.objects.filter(purged_at=None)
    open_ = kept.filter(follows=None)
    waiting = open_.filter(state=State.WAITING)
    late = at - policy.number(OVERDUE_HOURS.name) * HOUR
    return Standing(
        kept.filter(state=State.RECEIVED).count(),
        {desk.value: waiting.filter(desk=desk).count() for desk in Desk},
        waiting.filter(stop_until__gt=at).count(),
        waiting.filter(at__lte=late).count(),
        open_.filter(state=State.ASKED).count(),
        Call.objects.filter(done_at=None, due_at__lte=at).count(),
        queries.marked(Flag.WITHDRAWN).count(),
        queries.held().count(),
        holding.overdue(at),
    )


def held(most: int) -> int:
    """How many reports a legal hold keeps, counted up to `most`."""
    return queries.held()[:most].count()


def looked_at_again(most: int) -> dict[Flag, int]:
    """How many reports have to be looked at again, and for what, each counted up to `most`."""
    return {flag: queries.marked(flag)[:most].count() for flag in AGAIN}


def waiting(most: int) -> int:
    """How many lines of the queue wait for a decision, counted up to `most`: one statement."""
    rows = Report.objects.filter(follows=None, purged_at=None, state=State.WAITING)
    return rows[:most].count()
