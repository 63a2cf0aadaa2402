"""The loops of the post office."""

from __future__ import annotations

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import cosigning, delivery, queries, resuming, watching
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import LONG_REST, Loop
from hueandcry.engine.store.work import unit_of_work

_documents = Fanout("documents", delivery.deliver_next)
_witnesses = Fanout("witnesses", cosigning.ask)
_logs = Fanout("logs", watching.look)

#: Seconds between two looks at a log of which nothing is doubted.
WATCH = 60.0


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


def cosign() -> bool:
    """Asks the witnesses that have not cosigned our newest head yet, at most once a second."""
    _witnesses.turn(cosigning.due())
    return False


class Watch:
    """When the logs of peers are looked at: doubted ones at once, the others once in a while."""

    def __init__(self) -> None:
        self._next = 0.0

    def turn(self) -> bool:
        now = clock.monotonic()
        if not members.us().url or now >= self._next:
            # A node that cannot be called witnesses by looking, so it looks every time.
            self._next = now + WATCH
            _logs.turn(queries.called())
        _logs.turn(queries.doubted(clock.now()))
        return False


LOOPS = (
    Loop("documents", deliver, every=1.0),
    Loop("nonces", forget_nonces, every=300.0, rest=LONG_REST),
    Loop("witnesses", cosign, every=1.0, woken=False),
    Loop("logs", Watch().turn, every=1.0, woken=False),
)

#: What a node that was restored does before anything else: until it is settled, nothing else runs.
RESUMING = (Loop("resume", resuming.resume, every=1.0, woken=False),)
ONCE = (Loop("documents", deliver_now),)
