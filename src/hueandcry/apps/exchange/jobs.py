"""The loops of the exchange: publish, push, say effective, and catch up by pulling."""

from __future__ import annotations

from hueandcry.apps.exchange import (
    copies,
    effects,
    publishing,
    pulling,
    purging,
    pushing,
    showing,
)
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.types import Lane
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.ledger import restored
from hueandcry.engine.store import feed

_live = Fanout("live", lambda peer_id: pushing.push_next(peer_id, Lane.LIVE))
_bulk = Fanout("bulk", lambda peer_id: pushing.push_next(peer_id, Lane.BULK), width=4)
_pulls = Fanout("pull", pulling.pull_next, width=4)

#: Seconds after which every peer is looked at even when the feed stands: retries and new terms.
_AT_LEAST = 1.0


class _Moves:
    """Says when the feed has moved: most commits are receipts and nonces, and push nothing."""

    def __init__(self) -> None:
        self._seen = (-1, 0.0)

    def again(self) -> bool:
        """Whether the feed moved since this last said so, or a second has gone."""
        position, now = feed.position(feed.FEED), clock.monotonic()
        if position == self._seen[0] and now < self._seen[1] + _AT_LEAST:
            return False
        self._seen = (position, now)
        return True


_moves = _Moves()


def push_live() -> bool:
    """Publishes what is pending in the live lane, and starts its pushes."""
    more = publishing.publish_some(Lane.LIVE)
    if _moves.again():
        _live.turn(peers.peer_ids())
    return more


def push_bulk() -> bool:
    """The same for bulk, on threads of its own: a retraction never queues behind it."""
    more = publishing.publish_some(Lane.BULK)
    _bulk.turn(peers.peer_ids())
    return more


def pull() -> bool:
    """Asks every peer for what its pushes may have missed; at start-up that is the catch-up.

    A node without an inbound port asks anyway, and all the time.
    """
    if members.us().url:
        _pulls.turn(peers.peer_ids())
    return False


def push_now() -> bool:
    """Publishes and pushes here and now: for commands that work without a server."""
    more = any([publishing.publish_some(lane) for lane in Lane])
    return any([more, _live.drain(peers.peer_ids()), _bulk.drain(peers.peer_ids())])


def pull_now() -> bool:
    """Pulls here and now until no peer has more."""
    return _pulls.drain(peers.peer_ids())


_resumed: set[bool] = set()


def recover() -> bool:
    """On a node that was restored: catches up at once, and has back what it issued and lost."""
    if not restored.restored_at():
        return False
    if not _resumed:
        _resumed.add(True)
        pull()
    return copies.recover()


LOOPS = (
    Loop("push-live", push_live, every=1.0),
    # By the clock alone: bulk can wait a second, and the live lane needs its turns.
    Loop("push-bulk", push_bulk, every=1.0, woken=False),
    Loop("effective", effects.say_some, every=5.0),
    # Not woken by commits: a pull is a request to others.
    Loop("pull", pull, every=60.0, woken=False),
    # What we issued and lost in a disaster: idle but on a node that was restored.
    Loop("recover", recover, every=5.0, woken=False),
    Loop("purge", purging.run, every=3_600.0, woken=False),
    Loop("embargoes", showing.open_some, every=5.0, woken=False),
    Loop("definitions", showing.keep_standing, every=60.0, woken=False),
)


def sign_now() -> bool:
    """Publishes what is pending, and pushes nothing."""
    return any([publishing.publish_some(lane) for lane in Lane])


#: Before a file is written, and after one was taken in: for commands that carry files.
SIGN = (Loop("sign", sign_now),)
ANSWER = (Loop("effective", effects.say_some),)
ONCE = (Loop("push", push_now), Loop("effective", effects.say_some))
