"""Long polls of peers that cannot be called: answered as soon as something waits for them.

A poll that waits holds one thread of the server. So many may wait as there are threads beyond those
that answer everybody else; one more is answered at once, and asks again a second later. Each peer
has one place: its newer question ends its older one, which a connection that died may have left.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core.envelopes import CONTENT_TYPE
from hueandcry.core.polls import read_question
from hueandcry.core.types import SECOND
from hueandcry.doors.desk import arrivals, places
from hueandcry.doors.desk.wire import Answer
from hueandcry.engine import clock
from hueandcry.engine.jobs.bell import bell
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work

#: Seconds between two looks: a burst of commits is one look.
_REST = 0.02

#: Seconds after which a peer that polls is noted as seen again.
_SEEN = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """What was there at one ring of the bell, or after it."""

    ring: int
    position: int  #: of the feed
    awaiting: frozenset[int]  #: peers that documents wait for


class Lookout:
    """What those who wait look at after a commit: asked once for all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = Seen(-1, -1, frozenset())

    def look(self) -> Seen:
        """What is there, at least as new as the last ring: to be taken before a page is made."""
        with self._lock:
            ring = bell.count
            if self._seen.ring < ring:
                self._seen = Seen(ring, feed.position(feed.FEED), peers.awaiting())
            return self._seen


_places = places.Places()
_lookout = Lookout()


def forget() -> None:
    """Starts afresh: for tests that swap databases under one process."""
    global _lookout
    _lookout = Lookout()


def post(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """What waits for the caller, now or within the seconds that it asks for."""
    asked = read_question(body)
    at = clock.now()
    _note(caller, asked.now, at)
    arrivals.replies(asked.replies, caller)
    _acknowledge(caller, asked.cursor)
    bell.open()
    until = clock.monotonic() + asked.wait
    seen = _lookout.look()
    answer, full = exchange.serve_poll(caller, asked.cursor, at)
    if not full and asked.wait:
        with _places.taken(caller.id, places.most()) as place:
            while place is not None and not full:
                if not _told(caller, place, seen, until):
                    break
                seen = _lookout.look()
                answer, full = exchange.serve_poll(caller, asked.cursor, clock.now())
    return Answer(200, answer, CONTENT_TYPE)


def _note(caller: PeerView, now: int, at: int) -> None:
    """When it was last seen, once a minute, and how far its clock is off."""
    with unit_of_work():
        peers.note_clock(caller.id, now, at)
        if caller.last_seen is None or at - caller.last_seen > _SEEN * SECOND:
            peers.seen(caller.id, at)


def _acknowledge(caller: PeerView, cursor: str) -> None:
    if not cursor:
        return
    shown = exchange.open_cursor(caller, cursor)
    if exchange.behind(caller, shown):
        with unit_of_work():
            exchange.acknowledge(caller, shown)


def _told(caller: PeerView, place: object, seen: Seen, until: float) -> bool:
    """Waits until something may have come for the caller; False when the poll is to end empty."""
    ring = seen.ring
    while not bell.closed and _places.holds(caller.id, place):
        left = until - clock.monotonic()
        if left <= 0:
            return False
        rung = bell.wait(ring, left)
        if rung == ring:
            continue
        time.sleep(_REST)
        now = _lookout.look()
        if now.position != seen.position or caller.id in now.awaiting:
            return True
        ring = now.ring
    return False
