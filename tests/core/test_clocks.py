"""Deadlines: a table worked out by hand, and what holds for every clock."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.clocks import (
    Clock,
    Place,
    Span,
    Unit,
    domestic_order_ends_first,
    due,
    extended,
    late,
    read,
    read_span,
    renewed,
    start,
)
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import DAY, MINUTE, SECOND, Micros

BANGKOK = Place(ZoneInfo("Asia/Bangkok"))
HANOI = Place(ZoneInfo("Asia/Ho_Chi_Minh"))
VIENNA = Place(ZoneInfo("Europe/Vienna"))
NEW_YORK = Place(ZoneInfo("America/New_York"))
BRUNEI = Place(ZoneInfo("Asia/Brunei"), weekend=frozenset({4, 6}))
SONGKRAN = Place(
    ZoneInfo("Asia/Bangkok"), holidays=frozenset(date(2026, 4, day) for day in (13, 14, 15))
)


def at(text: str) -> Micros:
    return read_time(f"{text}.000000Z")


def shown(micros: Micros) -> str:
    return time_text(micros).removesuffix(".000000Z")


#: rule, start in UTC, place, end in UTC: each counted on paper with a calendar.
BY_HAND = [
    # Bangkok is UTC+7: 23:59:59 there is 16:59:59 UTC.
    ("60 days", "2026-01-01T00:00:00", BANGKOK, "2026-03-02T16:59:59"),
    # 18:00 UTC is already 2 January there, so day 60 is one later.
    ("60 days", "2026-01-01T18:00:00", BANGKOK, "2026-03-03T16:59:59"),
    # A leap year: 31 January, 29 days of February, then 31 days bring 31 March.
    ("60 days", "2028-01-31T05:00:00", BANGKOK, "2028-03-31T16:59:59"),
    # The same in a common year ends a day later in the calendar.
    ("60 days", "2026-01-31T05:00:00", BANGKOK, "2026-04-01T16:59:59"),
    # From the leap day itself: 60 days after 29 February are 29 April.
    ("60 days", "2028-02-29T05:00:00", BANGKOK, "2028-04-29T16:59:59"),
    # Summer time begins in Vienna on 29 March 2026: the end is at UTC+2, the start was at UTC+1.
    ("60 days", "2026-02-01T12:00:00", VIENNA, "2026-04-02T21:59:59"),
    # It ends there on 25 October 2026: the end is at UTC+1.
    ("60 days", "2026-09-01T12:00:00", VIENNA, "2026-10-31T22:59:59"),
    # In New York on 1 November 2026; the end is at UTC-5, already the next day in UTC.
    ("60 days", "2026-09-15T03:30:00", NEW_YORK, "2026-11-14T04:59:59"),
    # Over the end of a year: 31 days of December, 31 of January, 28 of February less one.
    ("90 days", "2026-12-01T01:00:00", HANOI, "2027-03-01T16:59:59"),
    # Months end with the month where the day is missing.
    ("1 month", "2026-01-31T05:00:00", BANGKOK, "2026-02-28T16:59:59"),
    ("1 month", "2028-01-31T05:00:00", BANGKOK, "2028-02-29T16:59:59"),
    ("6 months", "2026-08-31T05:00:00", BANGKOK, "2027-02-28T16:59:59"),
    ("12 months", "2028-02-29T05:00:00", BANGKOK, "2029-02-28T16:59:59"),
    # Hours and minutes know neither zone nor day.
    ("1 hour", "2026-03-29T00:30:00", VIENNA, "2026-03-29T01:30:00"),
    ("24 hours", "2026-03-28T12:00:00", VIENNA, "2026-03-29T12:00:00"),
    ("15 minutes", "2028-02-28T23:50:00", BANGKOK, "2028-02-29T00:05:00"),
    # Friday noon: the two working days are Monday and Tuesday.
    ("2 working days", "2026-01-02T05:00:00", BANGKOK, "2026-01-06T16:59:59"),
    # In Brunei people work on Saturday, and neither on Friday nor on Sunday (UTC+8).
    ("2 working days", "2026-01-01T05:00:00", BRUNEI, "2026-01-05T15:59:59"),
    # Over the Thai new year: 10 April is a Friday, 13 to 15 April are holidays.
    ("2 working days", "2026-04-10T05:00:00", SONGKRAN, "2026-04-17T16:59:59"),
    ("10 working days", "2026-01-02T05:00:00", BANGKOK, "2026-01-16T16:59:59"),
]


@pytest.mark.parametrize(("span", "begun", "place", "ends"), BY_HAND)
def test_a_deadline_is_what_a_calendar_on_paper_says(
    span: str, begun: str, place: Place, ends: str
) -> None:
    assert shown(due(read_span(span), at(begun), place)) == ends


HELD = at("2026-01-01T00:00:00")  # 07:00 in Bangkok
SIXTY = read_span("60 days")


@pytest.mark.parametrize(
    ("arrives", "too_late"),
    [
        ("2026-03-01T09:00:00", False),  # day 59
        ("2026-03-02T09:00:00", False),  # day 60
        ("2026-03-02T16:59:59", False),  # its last second
        ("2026-03-02T17:00:00", True),  # day 61 begins in Bangkok
        ("2026-03-03T09:00:00", True),  # day 61
    ],
)
def test_assistance_is_in_time_to_the_last_second_of_day_60(arrives: str, too_late: bool) -> None:
    assert late(due(SIXTY, HELD, BANGKOK), at(arrives)) is too_late


def test_the_last_second_lasts_to_its_end() -> None:
    end = due(SIXTY, HELD, BANGKOK)
    assert not late(end, end + SECOND - 1)
    assert late(end, end + SECOND)


def test_an_extension_is_counted_from_the_end_that_stood() -> None:
    end = due(SIXTY, HELD, BANGKOK)
    early, last = at("2026-02-01T00:00:00"), at("2026-03-02T16:59:59")
    thirty = read_span("30 days")
    assert shown(renewed(end, early, thirty, BANGKOK)) == "2026-04-01T16:59:59"
    assert renewed(end, early, thirty, BANGKOK) == renewed(end, last, thirty, BANGKOK)


def test_an_extension_asked_for_after_expiry_is_refused() -> None:
    with pytest.raises(Conflict, match="before expiry"):
        renewed(due(SIXTY, HELD, BANGKOK), at("2026-03-02T17:00:00"), SIXTY, BANGKOK)


def test_a_wall_time_that_occurs_twice_counts_the_second_time() -> None:
    # In Sao Paulo midnight went back to 23:00 on 17 February 2018: 23:59:59 came twice.
    place = Place(ZoneInfo("America/Sao_Paulo"))
    assert shown(place.end_of(date(2018, 2, 17))) == "2018-02-18T02:59:59"


def test_a_day_that_a_place_skipped_does_not_shorten_a_clock() -> None:
    # Samoa had no 30 December 2011: what ended on it ends as late as it could.
    place = Place(ZoneInfo("Pacific/Apia"))
    assert shown(place.end_of(date(2011, 12, 30))) == "2011-12-31T09:59:59"


def test_days_are_paused_whole_and_hours_exactly() -> None:
    pause = [(HELD + DAY, HELD + DAY + 3 * 3600 * SECOND)]
    assert shown(due(SIXTY, HELD, BANGKOK, pause)) == "2026-03-03T16:59:59"
    assert due(read_span("24 hours"), HELD, BANGKOK, pause) == HELD + DAY + 3 * 3600 * SECOND
    assert shown(due(read_span("2 working days"), HELD, BANGKOK, pause)) == "2026-01-06T16:59:59"


def test_a_pause_that_ends_before_it_began_is_refused() -> None:
    with pytest.raises(Conflict):
        due(SIXTY, HELD, BANGKOK, [(HELD + 1, HELD)])


def test_a_clock_that_is_paused_has_no_end_and_is_never_overdue() -> None:
    clock = start("decide-24h", read_span("24 hours"), HELD, BANGKOK, pauses=[(HELD + 1, None)])
    assert clock == Clock("decide-24h", "Asia/Bangkok", HELD, None)
    assert not read(clock, HELD + 400 * DAY).overdue


def test_a_clock_rings_at_14_7_and_2_days_and_is_overdue_after_its_end() -> None:
    alarms = [read_span(f"{days} days") for days in (14, 7, 2)]
    clock = start("H42-60d", SIXTY, HELD, BANGKOK, alarms=alarms)
    assert clock.due is not None
    assert [(clock.due - each) // DAY for each in clock.alarms] == [14, 7, 2]
    rung = [read(clock, clock.due - days * DAY).alarms for days in (15, 14, 8, 7, 3, 2, 1)]
    assert rung == [0, 1, 1, 2, 2, 3, 3]
    assert read(clock, HELD).next_at == clock.alarms[0]
    assert read(clock, clock.due).next_at == clock.due + SECOND
    assert not read(clock, clock.due).overdue
    assert read(clock, clock.due + SECOND).overdue
    assert read(clock, clock.due + SECOND).next_at is None


def test_an_extended_clock_rings_anew_and_none_is_shortened() -> None:
    clock = start("H42-60d", SIXTY, HELD, BANGKOK, alarms=[read_span("2 days")])
    assert clock.due is not None
    longer = extended(clock, clock.due + 30 * DAY)
    assert longer.due == clock.due + 30 * DAY
    assert longer.alarms == (clock.alarms[0] + 30 * DAY,)
    with pytest.raises(Conflict, match="never shortened"):
        extended(longer, clock.due)


def test_the_domestic_order_is_renewed_before_the_data_need_not_be_kept() -> None:
    ninety = due(read_span("90 days"), HELD, BANGKOK)
    assert not domestic_order_ends_first(ninety, due(SIXTY, HELD, BANGKOK))
    assert domestic_order_ends_first(ninety, ninety + DAY)
    assert domestic_order_ends_first(ninety, None)


@pytest.mark.parametrize(
    "text", ["", "60", "60 day", "1 days", "0 days", "-1 days", "60  days", "sixty days", "٦ days"]
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_span(text)


def test_a_place_where_nobody_works_has_no_working_days() -> None:
    with pytest.raises(Malformed):
        due(read_span("2 working days"), HELD, Place(BANGKOK.zone, weekend=range(7)))


STARTS = st.integers(at("1990-01-01T00:00:00"), at("2040-01-01T00:00:00"))
SPANS = st.builds(Span, st.integers(1, 200), st.sampled_from(Unit))
PLACES = st.sampled_from([BANGKOK, HANOI, VIENNA, NEW_YORK, BRUNEI])


@given(SPANS)
def test_a_span_is_read_back_from_its_words(span: Span) -> None:
    assert read_span(str(span)) == span


@given(st.integers(1, 400), STARTS, PLACES)
def test_so_many_days_are_never_less_than_so_many_times_24_hours_but_for_a_lost_hour(
    days: int, begun: Micros, place: Place
) -> None:
    end = due(Span(days, Unit.DAY), begun, place)
    assert end + SECOND > begun + days * DAY - 60 * MINUTE
    assert end < begun + (days + 1) * DAY + 60 * MINUTE
    assert place.day(end).toordinal() == place.day(begun).toordinal() + days
    assert place.day(end + SECOND) > place.day(end)


@given(SPANS, STARTS, PLACES, st.integers(0, 30 * DAY))
def test_a_pause_never_shortens_a_clock(
    span: Span, begun: Micros, place: Place, paused: Micros
) -> None:
    plain = due(span, begun, place)
    assert due(span, begun, place, [(begun, begun + paused)]) >= plain


@given(SPANS, STARTS, STARTS, PLACES)
def test_who_starts_later_never_ends_earlier(
    span: Span, one: Micros, other: Micros, place: Place
) -> None:
    first, second = sorted((one, other))
    assert due(span, first, place) <= due(span, second, place)
