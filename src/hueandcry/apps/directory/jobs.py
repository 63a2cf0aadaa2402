"""The directory's loop: members that were added as peers, or whose keys failed, since last time."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.directory import queries, service
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.store.work import unit_of_work


def catch_up() -> bool:
    """Works the standings out again and sends each member what it lacks."""
    row = queries.adopted()
    if row is not None and not service.settled(row):
        with unit_of_work():
            service.settle(row, clock.now())
    return False


#: By the clock alone: what a document changes is settled in the transaction that takes it in.
LOOPS: Final = (Loop("directory", catch_up, every=10.0, woken=False),)
