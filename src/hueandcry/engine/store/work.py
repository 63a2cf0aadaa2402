"""The unit of work: one durable transaction, and a word to whoever waits for commits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from hueandcry.engine.store.dialect import dialect


class Commits:
    """Tells subscribers in this process that something was committed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: list[Callable[[], None]] = []

    def subscribe(self, told: Callable[[], None]) -> None:
        with self._lock:
            self._subscribers.append(told)

    def unsubscribe(self, told: Callable[[], None]) -> None:
        with self._lock:
            self._subscribers.remove(told)

    def announce(self) -> None:
        for told in list(self._subscribers):
            told()


commits = Commits()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction: committed and announced when the block ends, undone when it raises."""
    with transaction.atomic(durable=True):
        yield
        dialect().notify()
    commits.announce()
