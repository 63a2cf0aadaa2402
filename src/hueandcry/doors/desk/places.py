"""Places for those who wait: a long poll holds a thread of the server, so they are counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hueandcry.engine.jobs.bell import bell
from hueandcry.engine.policy import face as policy

PLACES: Final = policy.declare(
    policy.Setting(
        "peers.waiting_polls",
        int,
        8,
        "how many peers without a port may wait at once; read when the node starts",
        low=0,
        high=64,
    )
)


def most() -> int:
    """How many may wait at once; the server has as many threads more than it works with."""
    return policy.number(PLACES.name)


class Places:
    """Who waits now, at most so many, each peer once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, object] = {}

    @contextmanager
    def taken(self, peer: int, most: int) -> Iterator[object | None]:
        """A place for one poll of this peer, ending its older one; None when all are taken."""
        mine = object()
        with self._lock:
            given = peer in self._held or len(self._held) < most
            if given:
                self._held[peer] = mine
        if given:
            bell.ring()
        try:
            yield mine if given else None
        finally:
            with self._lock:
                if self._held.get(peer) is mine:
                    del self._held[peer]

    def holds(self, peer: int, place: object) -> bool:
        """Whether this place is still this poll's."""
        with self._lock:
            return self._held.get(peer) is place
