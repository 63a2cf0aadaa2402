"""Deadlines: a rule and a start give an instant, and the rule is kept beside it.

Minutes and hours run from instant to instant. Days, working days and months end at 23:59:59 of the
last day where the clock belongs, so that nobody loses the rest of a day to another time zone. No
clock is ever shortened: where a wall time occurs twice or never, the later instant counts, and a
deadline named to the second lasts through that second. Overdue is a flag, not a state. Zones are
handed in, since their tables are files of the machine; `now` is handed in as everywhere.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.types import DAY, MINUTE, SECOND, Micros

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_LAST_SECOND: Final = time(23, 59, 59)
_SPAN: Final = re.compile(r"([1-9][0-9]{0,3}) (minute|hour|day|working day|month)(s?)", re.ASCII)


class Unit(StrEnum):
    """What a span is counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working day"
    MONTH = "month"


_EXACT: Final = {Unit.MINUTE: MINUTE, Unit.HOUR: 60 * MINUTE}


@dataclass(frozen=True, slots=True)
class Span:
    """A number of units, such as 60 days."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clock belongs: its zone, its weekend (Monday is 0) and its holidays."""

    zone: tzinfo
    weekend: Collection[int] = frozenset({5, 6})
    holidays: Collection[date] = frozenset()

    def day(self, at: Micros) -> date:
        """The calendar day of an instant, here."""
        return (_EPOCH + timedelta(microseconds=at)).astimezone(self.zone).date()

    def end_of(self, day: date) -> Micros:
        """The instant of 23:59:59 on that day, here; of two, the later."""
        moments = (
            datetime.combine(day, _LAST_SECOND, self.zone).replace(fold=fold) for fold in (0, 1)
        )
        return max((moment - _EPOCH) // _MICRO for moment in moments)

    def works(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock: its instants, and from which rule and in which zone they were reckoned."""

    rule: str
    zone: str
    started: Micros
    due: Micros | None  #: None while it is paused
    alarms: tuple[Micros, ...] = ()  #: ascending


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at one instant."""

    overdue: bool
    alarms: int  #: how many alarms have rung
    next_at: Micros | None  #: when it will say something else


def read_span(text: str) -> Span:
    """`15 minutes`, `8 hours`, `60 days`, `2 working days`, `6 months`; Malformed otherwise."""
    match = _SPAN.fullmatch(text)
    if match is None or (int(match[1]) == 1) == bool(match[3]):
        raise Malformed("span", f"{text[:40]!a} is no span", do="Write 60 days, or 1 hour")
    return Span(int(match[1]), Unit(match[2]))


def due(
    span: Span, start: Micros, place: Place, pauses: Iterable[tuple[Micros, Micros]] = ()
) -> Micros:
    """When `span` from `start` has passed at `place`; pauses are added, in days rounded up.

    Raises Conflict for a pause that ends before it began.
    """
    paused = _paused(start, pauses)
    if span.unit in _EXACT:
        return start + span.count * _EXACT[span.unit] + paused
    return place.end_of(_last_day(span, place.day(start), -(-paused // DAY), place))


def renewed(due_at: Micros, asked: Micros, span: Span, place: Place) -> Micros:
    """The end after an extension asked for in time; Conflict once the clock has run out.

    The extension is counted from the end that stood, never from the day on which it was asked.
    """
    if late(due_at, asked):
        raise Conflict(
            "expired",
            "The hold has ended before its extension was asked for",
            why="An extension is asked for before expiry",
            do="Ask for preservation anew, at once; the data may still be there",
        )
    return due(span, due_at, place)


def late(due_at: Micros, at: Micros) -> bool:
    """Whether `at` is after the second in which the clock ends."""
    return at >= due_at + SECOND


def start(
    rule: str,
    span: Span,
    started: Micros,
    place: Place,
    *,
    alarms: Sequence[Span] = (),
    pauses: Sequence[tuple[Micros, Micros | None]] = (),
) -> Clock:
    """A clock with its instants; while the last pause is open it has none."""
    if pauses and pauses[-1][1] is None:
        return Clock(rule, str(place.zone), started, None)
    closed = [(begun, ended) for begun, ended in pauses if ended is not None]
    return until(rule, started, due(span, started, place, closed), place, alarms)


def until(
    rule: str, started: Micros, end: Micros, place: Place, alarms: Sequence[Span] = ()
) -> Clock:
    """A clock whose end is known, with the alarms that lie after its start."""
    before = {end - _exact(alarm) for alarm in alarms}
    return Clock(
        rule, str(place.zone), started, end, tuple(sorted(at for at in before if at > started))
    )


def extended(clock: Clock, end: Micros) -> Clock:
    """The same clock with a later end, its alarms as far before it; Conflict for an earlier."""
    if clock.due is None or end < clock.due:
        raise Conflict("shortened", "A clock that runs is never shortened")
    return replace(clock, due=end, alarms=tuple(at + end - clock.due for at in clock.alarms))


def read(clock: Clock, now: Micros) -> Reading:
    """What the clock says now, and when it is worth asking again."""
    if clock.due is None:
        return Reading(False, 0, None)
    rung = sum(at <= now for at in clock.alarms)
    overdue = late(clock.due, now)
    upcoming = (*clock.alarms[rung:], *(() if overdue else (clock.due + SECOND,)))
    return Reading(overdue, rung, min(upcoming, default=None))


def domestic_order_ends_first(domestic: Micros, hold: Micros | None) -> bool:
    """Whether RENEW_DOMESTIC_ORDER must be raised: the order lapses while the data must be kept.

    `hold` is None while a request for assistance is pending: then there is no end to wait for.
    """
    return hold is None or domestic < hold


def _paused(start: Micros, pauses: Iterable[tuple[Micros, Micros]]) -> Micros:
    total = 0
    for begun, ended in pauses:
        if ended < begun:
            raise Conflict("pause", "A pause cannot end before it began")
        total += max(0, ended - max(begun, start))
    return total


def _last_day(span: Span, first: date, paused: int, place: Place) -> date:
    if span.unit is Unit.MONTH:
        return _months_after(first, span.count) + timedelta(days=paused)
    if span.unit is Unit.DAY:
        return first + timedelta(days=span.count + paused)
    return _working_day(first + timedelta(days=paused), span.count, place)


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _working_day(day: date, count: int, place: Place) -> date:
    """The `count`th working day after `day`; Malformed for a place where nobody ever works."""
    days = (each for each in _days_after(day, limit=20 * count + 400) if place.works(each))
    for nth, each in enumerate(days, 1):
        if nth == count:
            return each
    raise Malformed("working_days", "There are not enough working days in this calendar")


def _days_after(day: date, *, limit: int) -> Iterator[date]:
    return (day + timedelta(days=n) for n in range(1, limit))


def _exact(span: Span) -> Micros:
    return span.count * _EXACT.get(span.unit, DAY)
