"""The loop of collections: what is past its time goes, new definitions come."""

from __future__ import annotations

from hueandcry.apps.collections import purging as purging
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
    """Forgets old statuses and bytes; ships definitions, once a process, as software changes."""
    at = clock.now()
    for made in queries.collections():
        if made.pk not in _shipped:
            with unit_of_work():
                service.ship(made, Actor(members.us().fingerprint), at)
            _shipped.add(made.pk)
    if not queries.owed(at):
        return False
    with unit_of_work():
        dropped = queries.drop_statuses(at)
        return service.purge(at) or dropped > 0


LOOPS = (Loop("collections", tidy, every=60.0, woken=False),)
