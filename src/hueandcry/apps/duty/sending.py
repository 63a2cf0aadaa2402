"""Notices on their way: taken in hand by one conditional update, tried, and tried again."""

from __future__ import annotations

from random import random
from typing import Final

from hueandcry.apps.duty import channels, queries, roster, settings
from hueandcry.apps.duty.models import Notice
from hueandcry.apps.duty.rules import GIVEN_UP_AFTER, Channel
from hueandcry.apps.duty.wording import About, Wording, tried, worded
from hueandcry.apps.members import face as members
from hueandcry.core import webhooks
from hueandcry.core.errors import HueError, NotPermitted
from hueandcry.core.types import MINUTE, Actor, Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

#: For how long a notice is in hand: longer than any try takes.
HAND: Final[Micros] = 5 * MINUTE

_LANES: Final = tuple(Channel)


def send_due() -> bool:
    """Starts a thread for each channel for which something is due; always False."""
    _senders.turn(_LANES.index(Channel(each)) for each in queries.due_channels(clock.now()))
    return False


def send_next(lane: int) -> bool:
    """Tries the oldest notice of a channel that is due; True when there may be more."""
    at = clock.now()
    notice = queries.next_due(_LANES[lane], at)
    if notice is None:
        return False
    if notice.call.ended_at is not None:
        with unit_of_work():
            queries.settle(notice, Notice.State.DROPPED, at, "The call had ended", at)
        return True
    with unit_of_work():
        if queries.take(notice, at, at + HAND) != 1:
            return False
    notice.attempts += 1
    try:
        _try(notice, at)
    except HueError as refused:
        _failed(notice, refused)
        return True
    now = clock.now()
    with unit_of_work():
        queries.settle(notice, Notice.State.DELIVERED, now, "", now)
    return True


#: A slow gateway delays no mail.
_senders: Final = Fanout("duty", send_next, width=len(_LANES))


def _try(notice: Notice, at: Micros) -> None:
    channel = Channel(notice.channel)
    to = "" if channel is Channel.WEBHOOK else roster.address(notice.person_id, channel)
    if not to and channel is not Channel.WEBHOOK:
        raise NotPermitted("no_address", "Where this person is reached was erased meanwhile")
    channels.send(channel, to, _wording(notice, at), at)


def _wording(notice: Notice, at: Micros) -> Wording:
    call = notice.call
    about = About(
        call.pk,
        call.request_id,
        call.type,
        call.rule,
        call.due,
        call.overdue,
        call.escalates_to,
        notice.step,
    )
    return worded(f"duty-{_node()}-{notice.pk}", about, _console(), at)


def _node() -> str:
    return members.us().fingerprint[:16]


def _console() -> str:
    return (str(policy.value(settings.CONSOLE.name)) or members.us().url).rstrip("/")


def _failed(notice: Notice, refused: HueError) -> None:
    """Puts the next try off, or gives the notice up; the call goes on to the next step anyway."""
    now = clock.now()
    given_up = isinstance(refused, NotPermitted) or notice.attempts >= GIVEN_UP_AFTER
    state = Notice.State.FAILED if given_up else Notice.State.WAITING
    again = now + webhooks.wait(notice.attempts, random())
    with unit_of_work():
        queries.settle(notice, state, now, str(refused), again)


def try_out(actor: Actor, login: str, at: Micros) -> list[tuple[Channel, str]]:
    """Sends a test by every channel that leads to somebody, and to the webhook, here and now.

    Gives (channel, what went wrong; empty where it was taken). Raises as `roster.set_contact`.
    """
    roster.may_plan(actor)
    known = {*roster.channels_of(login), Channel.WEBHOOK}
    person = members.actor(login).person
    return [
        (channel, _tried(channel, person, at))
        for channel in channels.configured()
        if channel in known
    ]


def _tried(channel: Channel, person: int | None, at: Micros) -> str:
    to = "" if channel is Channel.WEBHOOK else roster.address(person, channel)
    try:
        channels.send(channel, to, tried(f"duty-{_node()}-test-{at}", at), at)
    except HueError as refused:
        return str(refused)
    return ""
