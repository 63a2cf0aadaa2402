"""The loop of collections: statuses past their time go, new definitions come."""

from __future__ import annotations

from hueandcry.apps.collections import queries, service
from hueandcry.apps.members import face as members
from hueandcry.core.types import Actor
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.store.work import unit_of_work

_shipped: set[int] = set()


def forget() -> None:
    """Empties the memory of what was looked at: for tests that swap databases."""
    _shipped.clear()


def tidy() -> bool:
    """Forgets old statuses; ships definitions, which change with the software, once a process."""
    at = clock.now()
    for made in queries.collections():
        if made.pk not in _shipped:
            with unit_of_work():
                service.ship(made, Actor(members.us().fingerprint), at)
            _shipped.add(made.pk)
    if not queries.owed(at):
        return False
    with unit_of_work():
        queries.drop_statuses(at)
    return True


LOOPS = (Loop("collections", tidy, every=60.0, woken=False),)
