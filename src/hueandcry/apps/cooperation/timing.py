"""The clocks of requests: begun and ended by acts, and rung when they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hueandcry.apps.cooperation import authorities, money_rules, queries, registry, rules, sealed
from hueandcry.apps.cooperation.models import Alarm, Clock, Request
from hueandcry.apps.cooperation.settings import ZONE
from hueandcry.apps.members import face as members
from hueandcry.core import clocks
from hueandcry.core.clocks import Place, read_span
from hueandcry.core.law import LAW, ClockRule, run
from hueandcry.core.machine import HOLD, Side, pauses
from hueandcry.core.machine.guards import WARNING
from hueandcry.core.times import read_time
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

Pauses = Sequence[tuple[Micros, Micros | None]]

_RULES: Final = {rule.code: rule for each in LAW.instruments.values() for rule in each.clocks}

PENDING: Final = "MLA_PENDING"  #: a hold that waits for the decision on assistance
_ORDER: Final = "domestic-order"  #: what the clock of our own State's order waits for …
_RENEW: Final = "RENEW_DOMESTIC_ORDER"  #: … and what it asks for when it rings
_ORDERED: Final = frozenset({"hold", "renew_order"})  #: acts that begin it
_AT_ONCE: Final = 500  #: clocks that ring in one transaction
_TURNS: Final = frozenset({"return_incomplete", "supplement"})  #: acts that stop and start clocks


def our_zone() -> str:
    """Where days end for requests to us."""
    return zone(policy.value(ZONE.name))


def zone(name: object) -> str:
    """The name of a time zone; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name).key if isinstance(name, str) else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def place(row: Request) -> Place:
    """Where the days of a request are counted, with what lawyers ticked of its calendar."""
    return registry.current().place(_country(row)).calendar(ZoneInfo(row.zone))


def rule_of(row: Clock) -> ClockRule | None:
    """The rule of a clock; None where the law does not have it any more."""
    return _RULES.get(row.rule)


def follow(row: Request, event: str, at: Micros) -> None:
    """Begins, stops, starts and ends clocks after an act that brought `row` where it is."""
    given, side = sealed.opened(row.given), Side(row.side)
    held = {each.rule: each for each in queries.clocks([row])}
    for rule in LAW.clocks(row.type, row.instrument):
        here = held.get(rule.code)
        if here is not None:
            _go_on(row, here, rule, event, at)
        elif rules.begins(rule, side, event, row.state, given):
            started = read_time(given["value_time"]) if rule.starts == "value-time" else at
            _set(Clock(request=row, rule=rule.code, started=started), row, rule, at, [])


def _go_on(row: Request, here: Clock, rule: ClockRule, event: str, at: Micros) -> None:
    if here.ended_at is not None:
        return
    if rules.ends(rule, event, row.state):
        _ended(here, at)
        here.save()
    elif rule.pauses and event in _TURNS:
        past = [(each.target, each.at) for each in queries.transitions(row)]
        _set(here, row, rule, at, pauses(past))


def _ended(here: Clock, at: Micros) -> None:
    """What it waited for was done: in time or not by when it was, though it rang meanwhile."""
    here.ended_at, here.next_at = at, None
    here.overdue = here.due is not None and clocks.late(here.due, at)


def _set(here: Clock, row: Request, rule: ClockRule, at: Micros, stood_still: Pauses) -> None:
    _show(here, run(rule, here.started, place(row), pauses=stood_still), at)
    here.save()


def _show(here: Clock, running: clocks.Clock, at: Micros) -> None:
    """Notes what a clock says from an instant on; the caller stores it."""
    said = clocks.read(running, at)
    here.due, here.alarms = running.due, list(running.alarms)
    here.next_at, here.overdue = said.next_at, said.overdue


def _held(row: Request, rule: ClockRule) -> Clock | None:
    """The clock of a request by this rule, if it has been begun."""
    return next((each for each in queries.clocks([row]) if each.rule == rule.code), None)


def hold_rule(row: Request) -> ClockRule | None:
    """The rule by which a hold lasts at least so long, of its basis or of policy."""
    every = LAW.clocks(row.type, row.instrument)
    return next((each for each in every if each.starts == "held" and each.what == "hold"), None)


def least_until(row: Request, at: Micros) -> Micros | None:
    """The earliest end of a hold that takes effect at `at`, in the zone of the place."""
    rule = hold_rule(row)
    return None if rule is None else run(rule, at, place(row)).due


def limit_rule(row: Request) -> ClockRule | None:
    """The rule by which money is held provisionally at most so long; None for another type."""
    every = LAW.clocks(row.type, row.instrument)
    return next((each for each in every if each.what == "provisional-hold"), None)


def legal_limit(row: Request, at: Micros) -> Micros | None:
    """When a provisional hold that takes effect at `at` has to end by the law of its place.

    None where no lawyer has ticked the length of a hold there: then a person says until when.
    """
    rule = limit_rule(row)
    length = registry.current().place(_country(row)).checked("hold_length")
    if rule is None or not length:
        return None
    return run(rule, at, place(row), by_place=length).due


def _country(row: Request) -> str:
    """Where a request is carried out: the country of the requested side."""
    if row.side == Side.REQUESTED:
        return members.us().country
    return authorities.party(row.peer.hex()).country


def follow_hold(row: Request, event: str, at: Micros) -> None:
    """Sets the clocks of a hold after an act upon it: of its end, and of our own order for it."""
    _follow_end(row, at)
    _follow_order(row, event, at)


def _follow_end(row: Request, at: Micros) -> None:
    """The end as it stands; the clock stands still while there is none."""
    rule = hold_rule(row)
    if rule is None or row.hold_until is None:
        return
    here = _held(row, rule) or Clock(request=row, rule=rule.code, started=at)
    if row.hold in HOLD.final:
        _ended(here, at)
    elif row.hold == PENDING:
        here.due, here.alarms, here.next_at, here.overdue = None, [], None, False
    else:
        running = run(rule, here.started, place(row))
        _show(here, clocks.extended(running, row.hold_until), at)
    here.save()


def follow_money(row: Request, event: str, at: Micros) -> None:
    """Begins and ends the clocks of traced money after an act that brought it where it is.

    A provisional hold runs to the limit that was named; a release, until the account is free.
    """
    held = {each.rule: each for each in queries.clocks([row])}
    for rule in LAW.clocks(row.type, row.instrument):
        here = held.get(rule.code)
        running = here is not None and here.ended_at is None
        if here is not None and running and money_rules.ends_clock(rule, event, row.money):
            _ended(here, at)
            here.save()
        elif not running and money_rules.begins_clock(rule, event, row.money):
            _set_money(here or Clock(request=row, rule=rule.code), row, rule, at)


def _set_money(here: Clock, row: Request, rule: ClockRule, at: Micros) -> None:
    until, alarms = row.money_until, [read_span(each) for each in rule.alarms]
    if rule.starts == "held" and until is not None:
        running = clocks.until(rule.code, at, until, place(row), alarms)
    else:
        running = run(rule, at, place(row))
    here.started, here.ended_at = at, None
    _show(here, running, at)
    here.save()


def _follow_order(row: Request, event: str, at: Micros) -> None:
    """The order of our own State for a hold: it rings only where it would end before the data may.

    It begins with the hold, and anew whenever people say that it was renewed.
    """
    rule = next((r for r in LAW.clocks(row.type, row.instrument) if r.what == _ORDER), None)
    if rule is None or row.side != Side.REQUESTED:
        return
    here = _held(row, rule)
    if event in _ORDERED:
        here = here or Clock(request=row, rule=rule.code)
        here.started = at
    if here is None:
        return
    if row.hold in HOLD.final:
        here.ended_at, here.next_at = at, None
    else:
        _set_order(here, row, rule, at)
    here.save()


def _set_order(here: Clock, row: Request, rule: ClockRule, at: Micros) -> None:
    running = run(rule, here.started, place(row))
    assert running.due is not None  # it never stands still
    until = None if row.hold == PENDING else row.hold_until
    first = clocks.domestic_order_ends_first(running.due, until)
    here.due, here.alarms = running.due, list(running.alarms) if first else []
    said = clocks.read(replace(running, alarms=tuple(here.alarms)), at)
    missed = [each for each in here.alarms if each <= at and not queries.has_rung(here, each)]
    here.next_at, here.overdue = max(missed, default=said.next_at), said.overdue


def warned_at(row: Request) -> Micros | None:
    """When the clock of a hold rang for the last time before its end, as that stands.

    Both sides keep this clock, so the other side's rang as well.
    """
    rule = hold_rule(row)
    if rule is None or row.hold_until is None:
        return None
    return queries.first_rang(row, rule.code, row.hold_until - WARNING, row.hold_until)


def ring() -> bool:
    """Notes what due clocks say: one alarm for each instant that has passed; True: there are more.

    What a clock says is a row. It decides nothing: people do.
    """
    at = clock.now()
    if not queries.any_due(at):
        return False
    with unit_of_work():
        waiting = queries.due(at, _AT_ONCE)
        Alarm.objects.bulk_create(alarm for each in waiting for alarm in _rung(each, at))
        queries.went_on(waiting)
    return len(waiting) == _AT_ONCE


def _rung(here: Clock, at: Micros) -> list[Alarm]:
    """The alarms of a clock that are due by now; the clock goes on to its next, not yet stored."""
    since, ends = here.next_at, None if here.due is None else here.due + SECOND
    instants = sorted({*here.alarms, *([] if ends is None else [ends])})
    here.next_at = min((each for each in instants if each > at), default=None)
    here.overdue = ends is not None and ends <= at
    rule = rule_of(here)
    way = rule.escalates_to if rule else ""
    renewing = _RENEW if rule and rule.what == _ORDER else ""
    return [
        Alarm(
            clock=here,
            due=each,
            rang_at=at,
            overdue=each == ends,
            escalates_to=renewing or (way if each == ends else ""),
        )
        for each in instants
        if since is not None and since <= each <= at
    ]
