"""Objects whose claim was purged with its signal: their bytes go, that they were here stays."""

from __future__ import annotations

from hueandcry.apps.collections import queries
from hueandcry.core.types import Micros
from hueandcry.engine.purge import face as purge

TABLES = ("collections_version", "collections_pack")


def count_due(at: Micros) -> int:
    """How many versions of objects speak of a signal that was purged."""
    return queries.count_orphans()


def purge_objects(at: Micros, limit: int) -> int:
    """Takes the bytes of some of these away, in the caller's transaction; how many."""
    rows = queries.orphans(limit)
    if rows:
        queries.erase(rows)
    return len(rows)


purge.register(purge.Sort("objects", count_due, purge_objects, TABLES))
