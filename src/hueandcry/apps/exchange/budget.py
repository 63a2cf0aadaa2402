"""The rate that an agreement grants: objects a minute, counted in this process."""

from __future__ import annotations

import threading

from hueandcry.core.errors import TooMany
from hueandcry.core.types import SECOND, Micros

MINUTE: Micros = 60 * SECOND


class Budget:
    """What each peer has handed over in the current minute. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent: dict[int, tuple[Micros, int]] = {}

    def take(self, peer: int, objects: int, rate: int, at: Micros) -> None:
        """Counts `objects`; raises TooMany, and counts nothing, beyond `rate` in one minute.

        One part is always taken by a peer that has handed over nothing yet, however small the
        rate: what could never be delivered would block its lane.
        """
        with self._lock:
            began, spent = self._spent.get(peer, (at, 0))
            if not began <= at < began + MINUTE:
                began, spent = at, 0
            if spent and spent + objects > rate:
                seconds = (began + MINUTE - at) // SECOND + 1
                refused = TooMany(
                    "rate",
                    f"The agreement grants {rate} objects a minute",
                    do=f"Try again in {seconds} seconds",
                )
                refused.after = seconds
                raise refused
            self._spent[peer] = (began, spent + objects)

    def forget(self) -> None:
        """Starts afresh: for tests that swap databases under one process."""
        with self._lock:
            self._spent.clear()
