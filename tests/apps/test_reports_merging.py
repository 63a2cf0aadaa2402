"""Whatever is merged into whatever, and undone: no report waits for itself, and none is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from hueandcry.apps.reports import acting, face, following, queries
from hueandcry.apps.reports.face import State
from hueandcry.apps.reports.models import Report
from hueandcry.apps.reports.rules import OPEN
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.types import MINUTE
from hueandcry.engine.store.work import unit_of_work
from reports_scene import ACTOR, Reports

pytestmark = pytest.mark.database

TEXT = "Your parcel waits at the depot, please pay the customs fee of twenty today"


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def rest(reports: Reports) -> None:
    """Lets the loop run until nothing moves by itself any more."""
    for _ in range(50):
        now = reports.now
        if not (following.settle_some(now) + following.return_some(now) + following.succeed_one()):
            return
    raise AssertionError("the loop never comes to rest")


def check_acyclic() -> None:
    """Nothing that a report waits for, by whatever way, waits for that report."""
    rows = {row.pk: row for row in Report.objects.all()}
    for number in rows:
        seen, ahead = set[int](), [number]
        while ahead:
            row = rows[ahead.pop()]
            further = {n for n in (row.into_id, row.follows_id) if n is not None} - seen
            assert number not in further, f"report {number} waits for itself"
            seen |= further
            ahead += further


def check_none_is_lost(queue: list[int]) -> None:
    """What is not taken back stands in the queue, is decided, or waits for one of these."""
    for row in Report.objects.filter(state__in=(State.WAITING, State.ASKED, State.MERGED)):
        ends = [row, *Report.objects.in_bulk(queries.awaited(row)).values()]
        decided = any(end.state in (State.CONFIRMED, State.REJECTED) for end in ends)
        assert decided or any(end.pk in queue for end in ends), (row.pk, row.state)


def decided(reports: Reports, number: int, what: Callable[..., Any], *more: Any) -> None:
    reports.did(what, number, *more)


def test_a_report_is_not_merged_into_one_that_waits_for_it_through_another(
    reports: Reports,
) -> None:
    """A → C → A's follower → C: nobody would ever decide about any of them."""
    first = reports.waiting(f"{TEXT} Ann").number
    follower = reports.waiting(f"{TEXT} Bo").number
    other = reports.waiting("an entirely different story").number
    assert set(reports.numbers()) == {other, first}
    decided(reports, first, face.merge, other)
    decided(reports, other, face.merge, follower)
    check_acyclic()
    rest(reports)
    check_acyclic()
    assert reports.numbers() == [follower]


def test_what_was_merged_into_one_that_is_taken_back_waits_again(reports: Reports) -> None:
    own = reports.waiting("an entirely different story").number
    bait = reports.waiting("a story that somebody takes back again")
    decided(reports, own, face.merge, bait.number)
    with unit_of_work():
        face.withdraw(bait.code or "", reports.now)
    rest(reports)
    assert reports.numbers() == [own]
    last = reports.opened(own).acts[-1]
    assert (last.kind, last.rule) == ("reopen", "left-alone")


def test_what_was_merged_into_a_decided_one_stays_decided_when_that_is_taken_back(
    reports: Reports,
) -> None:
    own = reports.waiting("an entirely different story").number
    first = reports.waiting("a story with a link", "https://evil.example/x")
    decided(reports, own, face.merge, first.number)
    reports.confirmed(first.number)
    with unit_of_work():
        face.withdraw(first.code or "", reports.now)
    rest(reports)
    assert Report.objects.get(pk=own).state == State.MERGED


def test_a_follower_whose_merge_is_undone_stands_for_itself(reports: Reports) -> None:
    first = reports.waiting(f"{TEXT} Ann").number
    follower = reports.waiting(f"{TEXT} Bo").number
    decided(reports, first, face.reject, "spam")
    rest(reports)
    assert reports.numbers() == []
    decided(reports, follower, face.undo)
    rest(reports)
    assert reports.numbers() == [follower]


def test_of_two_that_are_merged_into_each_other_at_once_one_is_refused(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = reports.waiting("an entirely different story").number
    two = reports.waiting("a story that has nothing to do with it").number
    with monkeypatch.context() as patched, pytest.raises(Conflict):
        _while_reading(patched, lambda: face.merge(ACTOR, two, one, reports.now))
        decided(reports, one, face.merge, two)
    assert set(reports.numbers()) == {one, two}


def _while_reading(patched: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Another decision comes between what a merge reads and what it writes."""
    real, once = acting.do, [meanwhile]

    def do(*args: Any) -> Any:
        if once:
            once.pop()()
        return real(*args)

    patched.setattr(acting, "do", do)


def _doings(reports: Reports, sent: list[face.Submitted], chance: random.Random) -> list[Any]:
    one, other = chance.sample(sent, 2)
    return [
        *3 * [lambda: reports.did(face.merge, one.number, other.number)],
        *2 * [lambda: reports.did(face.undo, one.number)],
        lambda: reports.did(face.reject, one.number, "spam"),
        lambda: reports.confirmed(one.number),
        lambda: reports.did(face.ask, one.number, "what?"),
        lambda: _unit(face.add, one.code, f"more {chance.random()}", reports.now),
        lambda: reports.did(face.reopen, one.number),
        lambda: following.settle_some(reports.now),
        lambda: rest(reports),
    ]


def _unit(do: Any, *args: Any) -> None:
    with unit_of_work():
        do(*args)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_merged_and_undone_no_report_waits_for_itself_and_none_is_lost(
    reports: Reports, seed: int
) -> None:
    chance = random.Random(seed)
    sent = [reports.waiting(f"{TEXT} {name}") for name in ("Ann", "Bo", "Cy", "Di")]
    sent += [reports.waiting(f"{word} {word[::-1]} is all") for word in ("apple", "mountain")]
    for step in range(60):
        reports.now += MINUTE
        doing = chance.choice(_doings(reports, sent, chance))
        if step in (20, 40):  # two of them are taken back on the way
            code = sent[step // 20].code
            doing = lambda code=code: _unit(face.withdraw, code, reports.now)  # noqa: E731
        with suppress(HueError):  # what is not allowed just then
            doing()
        check_acyclic()
    rest(reports)
    check_none_is_lost(reports.numbers(states=OPEN))
