"""One turn over rows that wait, each in a transaction of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from hueandcry.core.errors import Conflict
from hueandcry.engine.store.work import unit_of_work

T = TypeVar("T")
log = logging.getLogger("hueandcry.jobs")


def each_alone(rows: Iterable[T], turn: Callable[[T], object]) -> None:
    """Takes a turn with each of the rows; what is wrong with one keeps no other waiting.

    Conflict is no fault: somebody else was quicker, and the next look sees how. The first fault
    is raised once all had their turn, so that the loop tells of it and comes back.
    """
    first: Exception | None = None
    for row in rows:
        try:
            with unit_of_work():
                turn(row)
        except Conflict:
            continue
        except Exception as fault:
            if first is not None:
                log.exception("one of several rows failed; it will be tried again")
            first = first or fault
    if first is not None:
        raise first
