"""Calls: made of what rang and what came in, told step by step until somebody answers.

A call is a row, and so is each of its notices. Every move is one conditional update with all that
follows from it in its transaction, so that a loop may be killed anywhere and begun anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Came, Rang
from hueandcry.apps.duty import channels, queries, roster, rules, settings
from hueandcry.apps.duty.models import Call, Notice
from hueandcry.apps.duty.rules import Channel, Doing, Step
from hueandcry.apps.duty.views import CallView, ChannelView, NoticeView
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_RANG: Final = "rang"
_CAME: Final = "came"
_AT_ONCE: Final = 200  #: rows looked at in one turn


# --- what people are called for -------------------------------------------------------------------


def take_in() -> bool:
    """Makes calls of what rang and what came in since; True where there may be more."""
    at = clock.now()
    seen = queries.position(_RANG)
    rang = cooperation.rang(seen, _AT_ONCE)
    # Of one clock the newest word counts: after an outage it may have rung three times at once.
    newest = {(each.request, each.rule): each for each in rang}
    if rang:
        _made(_RANG, seen, rang[-1].number, [_rang(each, at) for each in newest.values()], at)
    seen = queries.position(_CAME)
    reached, came = cooperation.came(seen, _AT_ONCE)
    if reached != seen:
        _made(_CAME, seen, reached, [_came(each, at) for each in came], at)
    return bool(rang) or reached != seen


def _made(stream: str, seen: int, reached: int, found: Sequence[Call | None], at: Micros) -> None:
    """Stores calls with how far the stream was looked at: both, once, or neither."""
    calls = [call for call in found if call is not None]
    with unit_of_work():
        if queries.move(stream, seen, reached) == 1:
            for call in calls:
                queries.supersede(call, at)
            Call.objects.bulk_create(calls)


def _rang(each: Rang, at: Micros) -> Call | None:
    if not each.waits:
        return None  # done meanwhile: nobody is woken for it
    return Call(
        alarm_id=each.number,
        request_id=each.request,
        type=each.type,
        rule=each.rule,
        due=each.due,
        overdue=each.overdue,
        escalates_to=each.escalates_to,
        made_at=at,
        next_at=at,
    )


def _came(each: Came, at: Micros) -> Call | None:
    if not each.waits or not rules.calls_at_once(each.type, each.urgent):
        return None
    return Call(request_id=each.request, type=each.type, due=each.due, made_at=at, next_at=at)


# --- who is told ----------------------------------------------------------------------------------


def escalate() -> bool:
    """Tells the next step of each call that is due; True where there may be more.

    Raises Malformed or Untrusted for a file of channels that cannot be read: calls wait for it.
    """
    at = clock.now()
    due = queries.due_calls(at, _AT_ONCE)
    ways = frozenset(channels.configured()) if due else frozenset()
    if not ways:
        return False  # nobody can be told: they wait, in sight of the console and of doctor
    desk = roster.desk()
    on, reach = roster.spans(at, at + 1, desk), roster.reached(desk)
    for call in _standing(due, at):
        told = queries.told(call)
        reachable = {
            person: good
            for person, addresses in reach.items()
            if person not in told and (good := _by(call, addresses, ways, at))
        }
        step, people = rules.next_step(Step(call.step), on, desk, reachable)
        _tell(call, step, {p: reachable[p] for p in people}, Channel.WEBHOOK in ways, at)
    return len(due) == _AT_ONCE


def _standing(calls: Sequence[Call], at: Micros) -> list[Call]:
    """Of these calls those that still wait for somebody; the others end."""
    alarms = cooperation.waiting_alarms([c.alarm_id for c in calls if c.alarm_id is not None])
    unopened = cooperation.unopened([c.request_id for c in calls if c.alarm_id is None])
    waits = [
        call
        for call in calls
        if call.alarm_id in alarms or (call.alarm_id is None and call.request_id in unopened)
    ]
    for call in calls:
        if call not in waits:
            with unit_of_work():  # one at a time: loops that meet never wait for each other's
                queries.end(call.pk, Call.End.SETTLED, at)
    return waits


def settle() -> bool:
    """Ends calls whose request was opened, or whose clock has ended; always False."""
    after = 0
    while calls := queries.open_calls(_AT_ONCE, after):
        _standing(calls, clock.now())
        after = calls[-1].pk
    return False


def _by(
    call: Call, reach: Mapping[str, str], ways: frozenset[Channel], at: Micros
) -> list[Channel]:
    """By which channels somebody with these addresses is told of a call."""
    both: tuple[Channel, ...] = (Channel.MAIL, Channel.SMS)
    good = [way for way in both if way in ways and way in reach]
    if rules.is_near(call.rule, call.due, at, settings.phones_before()):
        return good
    # A far deadline is no reason to wake anybody whom a letter reaches as well.
    return good[:1]


def _tell(
    call: Call, step: Step, people: Mapping[int, Sequence[Channel]], hook: bool, at: Micros
) -> None:
    """Takes a call to a step and puts its notices on their way, once, or does neither."""
    near, pause = settings.phones_before(), settings.escalates_after()
    later: Micros | None = rules.goes_on_at(call.rule, call.due, at, near, pause)
    if step is Step.NOBODY and (call.step or hook):
        step, later = Step.DESK, None  # there is nobody else
    elif step is Step.DESK:
        later = None
    with unit_of_work():
        if queries.go_on(call, step, later) == 1:
            queries.add(_notices(call, step, people, hook and step > call.step, at))


def _notices(
    call: Call, step: Step, people: Mapping[int, Sequence[Channel]], hook: bool, at: Micros
) -> Iterator[Notice]:
    base = {"call": call, "step": step, "made_at": at, "due_at": at}
    for person, ways in people.items():
        for way in ways:
            yield Notice(channel=way, person_id=person, **base)
    if hook:
        yield Notice(channel=Channel.WEBHOOK, **base)


# --- what people see and say ----------------------------------------------------------------------


def acknowledge(actor: Actor, number: int, at: Micros) -> None:
    """Says that somebody has seen to a call: it goes on to nobody else.

    Raises NotFound, and Conflict where somebody has, or it is done with.
    """
    person = rules.check_may(actor, Doing.ANSWER)
    row = queries.call(number)
    if row is None:
        raise NotFound("call", f"There is no call {number}", do="See `hueandcry duty calls`")
    if queries.end(number, Call.End.ACKNOWLEDGED, at, person) != 1:
        raise Conflict("answered", f"Call {number} has been answered, or is done with")
    roster.log(actor, "ack", number, at, request=row.request_id)


def calls(limit: int = 100) -> list[CallView]:
    """The calls that nobody has answered, the oldest first."""
    rows = queries.open_calls(limit)
    logins = {each.number: each.login for each in members.people()}
    notices: dict[int, list[NoticeView]] = {row.pk: [] for row in rows}
    for each in queries.notices(list(notices)):
        notices[each.call_id].append(_notice(each, logins.get))
    return [_view(row, notices[row.pk]) for row in rows]


def _view(row: Call, notices: Sequence[NoticeView]) -> CallView:
    return CallView(
        row.pk,
        row.request_id,
        row.type,
        row.rule,
        row.due,
        row.overdue,
        row.escalates_to,
        row.made_at,
        row.step,
        row.next_at,
        notices,
    )


def _notice(row: Notice, login: Callable[[int], str | None]) -> NoticeView:
    whose = login(row.person_id) if row.person_id is not None else None
    return NoticeView(
        row.channel, whose or "", row.step, row.state, row.attempts, row.done_at, row.outcome
    )


def faring(at: Micros) -> list[ChannelView]:
    """The channels by which something did not arrive: of now, or given up within a day."""
    return [
        ChannelView(channel, waiting, failed, queries.newest_outcome(channel))
        for channel, (waiting, failed) in sorted(queries.faring(at - DAY).items())
        if waiting or failed
    ]
