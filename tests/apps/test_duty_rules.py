"""What duty decides, without a database: gaps, who is told next, times as people write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.duty import rules
from hueandcry.apps.duty.rules import Span, Step
from hueandcry.apps.duty.wording import About, worded
from hueandcry.core.errors import Malformed
from hueandcry.core.law import LAW
from hueandcry.core.times import read_time
from hueandcry.core.types import DAY, SECOND

HOUR = 3_600 * SECOND
instants = st.integers(0, 100)
spans = st.builds(
    lambda person, begins, length, second: Span(person, begins, begins + length, second),
    st.integers(1, 4),
    instants,
    st.integers(1, 40),
    st.booleans(),
)


@given(st.lists(spans, max_size=8), instants, instants)
def test_an_instant_is_in_a_gap_if_and_only_if_nobody_is_on(
    held: list[Span], since: int, until: int
) -> None:
    found = rules.gaps(held, since, until)
    for at in range(since, until):
        covered = any(span.covers(at) for span in held)
        assert covered != any(begin <= at < end for begin, end in found)
    assert found == sorted(found) and all(begin < end for begin, end in found)


@given(st.lists(spans, max_size=6), st.sets(st.integers(1, 6)), st.sets(st.integers(1, 6)))
def test_step_by_step_everybody_who_can_be_reached_is_told_once(
    on: list[Span], desk: set[int], reachable: set[int]
) -> None:
    told: list[int] = []
    step = Step.NOBODY
    while True:
        step_now, people = rules.next_step(step, on, desk, reachable - set(told))
        if step_now is Step.NOBODY:
            break
        assert step_now > step and people and people <= desk
        if step_now is Step.FIRST:
            assert all(any(s.person == p and not s.second for s in on) for p in people)
        told += people
        step = step_now
    assert sorted(told) == sorted(desk & reachable)


def test_a_step_that_reaches_nobody_is_passed_over_at_once() -> None:
    on = [Span(1, 0, 9), Span(2, 0, 9, second=True)]

    def after(step: Step, spans: list[Span], desk: set[int], reach: set[int]) -> object:
        reached, people = rules.next_step(step, spans, desk, reach)
        return reached, sorted(people)

    assert after(Step.NOBODY, on, {1, 2, 3}, {2, 3}) == (Step.SECOND, [2])
    assert after(Step.NOBODY, [], {1, 2, 3}, {3}) == (Step.DESK, [3])
    assert after(Step.FIRST, on, {1}, {1, 2}) == (Step.DESK, [1])
    assert after(Step.DESK, on, {1, 2}, {1, 2}) == (Step.NOBODY, [])


def test_a_time_without_an_offset_is_by_the_clocks_of_the_zone() -> None:
    bangkok, berlin = ZoneInfo("Asia/Bangkok"), ZoneInfo("Europe/Berlin")
    assert rules.instant("2026-12-01T08:00", bangkok) == read_time("2026-12-01T01:00:00.000000Z")
    same = read_time("2026-12-01T06:00:00.000000Z")
    for text in ("2026-12-01T08:00:00+02:00", "2026-12-01T06:00:00Z"):
        assert rules.instant(text, bangkok) == same
    twice = "2026-10-25T02:30"  # the clocks go back from three to two
    assert rules.instant(twice, berlin, last=True) - rules.instant(twice, berlin) == HOUR
    with pytest.raises(Malformed):
        rules.instant("tomorrow", bangkok)


@pytest.mark.parametrize(("begins", "ends"), [(5, 5), (6, 5), (-9, -1), (0, 32 * DAY)])
def test_what_is_no_shift_is_refused(begins: int, ends: int) -> None:
    with pytest.raises(Malformed):
        rules.check_span(begins, ends, 0)


def test_a_far_deadline_wakes_nobody_by_telephone() -> None:
    assert not rules.is_near("hold-60d", 14 * DAY, 0, 72 * HOUR)
    assert rules.is_near("hold-60d", 2 * DAY, 0, 72 * HOUR)
    assert rules.is_near("hold-60d", -DAY, 0, 72 * HOUR)
    assert rules.goes_on_at("hold-60d", 14 * DAY, 0, 72 * HOUR, 5) == DAY
    assert rules.goes_on_at("hold-60d", 3 * DAY + HOUR, 0, 72 * HOUR, 5) == HOUR
    assert rules.goes_on_at("hold-60d", 2 * DAY, 0, 72 * HOUR, 5) == 5
    assert rules.goes_on_at("", 60 * DAY, 0, 72 * HOUR, 5) == 5
    assert rules.is_near("", 60 * DAY, 0, 72 * HOUR) and rules.is_near("x", None, 0, 72 * HOUR)


def test_every_hold_warns_two_days_before_its_end_when_telephones_ring_too() -> None:
    holds = [
        rule
        for instrument in LAW.instruments.values()
        for rule in instrument.clocks
        if rule.starts == "held" and rule.what == "hold"
    ]
    assert len(holds) >= 4 and all("2 days" in rule.alarms for rule in holds)
    assert rules.is_near("hold-60d", 2 * DAY, 0, 72 * HOUR)


def test_a_notice_says_type_number_deadline_and_link_and_no_more() -> None:
    due = read_time("2026-12-04T16:59:59.000000Z")
    about = About(7, 12, "EPOC_PR", "EU11-60d", due, True, "ORDER_VIA_STATE", 2)
    said = worded("duty-1", about, "https://centre.example", due)
    assert said.short == (
        "EPOC_PR #12: EU11-60d ran out 2026-12-04 16:59 UTC. https://centre.example/console/duty/"
    )
    assert "ORDER_VIA_STATE" in said.text and b'"escalates_to":"ORDER_VIA_STATE"' in said.body
    fresh = worded("duty-2", About(8, 13, "STATUS", "", None, False, "", 1), "https://c", due)
    assert fresh.subject == "STATUS #13: new"
