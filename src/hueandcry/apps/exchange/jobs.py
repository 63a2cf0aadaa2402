"""The loops of the exchange: publish, push, say effective, and catch up by pulling."""

from __future__ import annotations

from hueandcry.apps.exchange import effects, publishing, pulling, pushing
from hueandcry.apps.peers import face as peers
from hueandcry.core.types import Lane
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import Loop

_live = Fanout("live", lambda peer_id: pushing.push_next(peer_id, Lane.LIVE))
_bulk = Fanout("bulk", lambda peer_id: pushing.push_next(peer_id, Lane.BULK), width=4)
_pulls = Fanout("pull", pulling.pull_next, width=4)


def _ids() -> list[int]:
    return [peer.id for peer in peers.peers()]


def push_live() -> bool:
    """Publishes what is pending in the live lane, and starts its pushes."""
    more = publishing.publish_some(Lane.LIVE)
    _live.turn(_ids())
    return more


def push_bulk() -> bool:
    """The same for bulk, on threads of its own: a retraction never queues behind it."""
    more = publishing.publish_some(Lane.BULK)
    _bulk.turn(_ids())
    return more


def pull() -> bool:
    """Asks every peer for what its pushes may have missed; at start-up that is the catch-up."""
    _pulls.turn(_ids())
    return False


def push_now() -> bool:
    """Publishes and pushes here and now: for commands that work without a server."""
    more = any([publishing.publish_some(lane) for lane in Lane])
    return any([more, _live.drain(_ids()), _bulk.drain(_ids())])


def pull_now() -> bool:
    """Pulls here and now until no peer has more."""
    return _pulls.drain(_ids())


LOOPS = (
    Loop("push-live", push_live, every=1.0),
    Loop("push-bulk", push_bulk, every=1.0),
    Loop("effective", effects.say_some, every=5.0),
    # Not woken by commits: a pull is a request to others.
    Loop("pull", pull, every=60.0, woken=False),
)
ONCE = (Loop("push", push_now), Loop("effective", effects.say_some))
