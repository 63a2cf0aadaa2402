"""One body for many keys at once, so that a slow peer delays nobody but itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections

log = logging.getLogger("hueandcry.jobs")


class Fanout:
    """Runs `body(key)` for each key on its own thread, never twice at once for the same key.

    A key that is named again while it runs is run once more: no wake-up is lost.
    """

    def __init__(self, name: str, body: Callable[[int], bool], width: int = 8) -> None:
        self._body = body
        self._lock = threading.Lock()
        self._running: set[int] = set()
        self._again: set[int] = set()
        self._pool = ThreadPoolExecutor(width, thread_name_prefix=f"fanout-{name}")

    def turn(self, keys: Iterable[int]) -> None:
        """Starts the body for every key that is not running; returns at once."""
        for key in keys:
            with self._lock:
                if key in self._running:
                    self._again.add(key)
                    continue
                self._running.add(key)
            self._start(key)

    def _start(self, key: int) -> None:
        try:
            self._pool.submit(self._run, key)
        except RuntimeError:
            # The interpreter is ending. The rows still want to move when the next process starts.
            with self._lock:
                self._running.discard(key)

    def drain(self, keys: Iterable[int]) -> bool:
        """Runs the body for every key here and now; True when any has more to do."""
        return any([self._body(key) for key in keys])

    def _run(self, key: int) -> None:
        while self._step(key) or self._called_again(key):
            continue

    def _step(self, key: int) -> bool:
        try:
            return self._body(key)
        except Exception:
            log.exception("a background step for %s failed; it will be tried again", key)
            close_old_connections()  # one that broke would fail this thread's every later step
            return False

    def _called_again(self, key: int) -> bool:
        with self._lock:
            if key in self._again:
                self._again.discard(key)
                return True
            # Left here under the lock, so that no call can fall between the look and the end.
            self._running.discard(key)
            return False
