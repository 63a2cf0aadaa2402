"""The loops of the post office."""

from __future__ import annotations

from hueandcry.apps.peers import delivery, queries, resuming
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.store.work import unit_of_work

_documents = Fanout("documents", delivery.deliver_next)


def deliver() -> bool:
    """Starts delivery to every peer that has documents waiting and may be tried now."""
    _documents.turn(queries.peers_with_waiting(clock.now()))
    return False


def deliver_now() -> bool:
    """Delivers here and now: for commands that work without a server."""
    return _documents.drain(queries.peers_with_waiting(clock.now()))


def forget_nonces() -> bool:
    """Drops nonces that can no longer be replayed."""
    if queries.stale_nonces(clock.now()):
        with unit_of_work():
            queries.forget_nonces(clock.now())
    return False


LOOPS = (Loop("documents", deliver, every=1.0), Loop("nonces", forget_nonces, every=300.0))

#: What a node that was restored does before anything else: until it is settled, nothing else runs.
RESUMING = (Loop("resume", resuming.resume, every=1.0, woken=False),)
ONCE = (Loop("documents", deliver_now),)
