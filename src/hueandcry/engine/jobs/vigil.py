"""One thread for each key, for bodies that mostly wait: none of them waits for another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from django.db import close_old_connections, connection

log = logging.getLogger("hueandcry.jobs")

#: Seconds: the first rest after a failure that was not foreseen, doubled to the last.
BACK_OFF = (0.25, 60.0)


class Vigil:
    """Runs `body(key)` again and again for each key that is kept; it says how long to rest.

    The threads hold nothing that must outlive them, and end with the process.
    """

    def __init__(self, name: str, body: Callable[[int], float]) -> None:
        self._name = name
        self._body = body
        self._lock = threading.Lock()
        self._kept: frozenset[int] = frozenset()
        self._running: set[int] = set()

    def keep(self, keys: Iterable[int]) -> None:
        """Keeps exactly these keys: starts what is missing, ends the others after their turn."""
        with self._lock:
            self._kept = frozenset(keys)
            missing = self._kept - self._running
            self._running |= missing
        for key in missing:
            name = f"vigil-{self._name}-{key}"
            threading.Thread(target=self._run, args=(key,), name=name, daemon=True).start()

    def _run(self, key: int) -> None:
        failures, resting = 0, threading.Event()
        while self._wanted(key):
            try:
                rest = self._body(key)
                failures = 0
            except Exception:
                log.exception("a turn of %s for %s failed; it is tried again", self._name, key)
                close_old_connections()
                failures += 1
                rest = min(BACK_OFF[0] * 2 ** (failures - 1), BACK_OFF[1])
            resting.wait(rest)
        connection.close()

    def _wanted(self, key: int) -> bool:
        with self._lock:
            if key in self._kept:
                return True
            self._running.discard(key)
            return False
