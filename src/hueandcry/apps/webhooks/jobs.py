"""Loops: notices out of the change feed; tries, on a thread for each receiver."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.webhooks import queries, sending
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import LONG_REST, Loop
from hueandcry.engine.store.work import unit_of_work

_PURGED: Final = 500

#: So many receivers may be slow at the same time without delaying any other.
_senders: Final = Fanout("webhooks", sending.send_next, width=32)


def _send() -> bool:
    _senders.turn(queries.due(clock.now()))
    return False


def _purge() -> bool:
    at = clock.now()
    if not queries.has_old(at):
        return False
    with unit_of_work():
        return queries.purge(at, _PURGED) == _PURGED


LOOPS: Final = (
    Loop("webhooks", sending.feed_some, every=5.0, rest=LONG_REST),
    Loop("webhooks-send", _send, every=1.0, rest=LONG_REST),
    Loop("webhooks-purge", _purge, every=3_600.0, woken=False),
)
