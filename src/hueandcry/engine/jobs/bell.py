"""A bell that is rung at every commit of any process: whoever waits for one need not ask again.

Closed when the process is told to end, so that nobody who waits holds it up.
"""

from __future__ import annotations

import os
import signal
import threading

from hueandcry.engine.jobs.watch import watch
from hueandcry.engine.store.work import commits


class Bell:
    """Counts commits. Who has looked at the count before it looked at the rows misses none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._stop = threading.Event()
        self._open = False

    def open(self) -> None:
        """Listens from here on; asked again it does nothing."""
        with self._changed:
            if self._open or self._stop.is_set():
                return
            self._open = True
        commits.subscribe(self.ring)
        listening = threading.Thread(
            target=watch, args=(self.ring, self._stop), name="bell", daemon=True
        )
        listening.start()

    def ring(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How often it has rung: to be read before the rows that one waits for."""
        with self._changed:
            return self._count

    @property
    def closed(self) -> bool:
        return self._stop.is_set()

    def wait(self, seen: int, seconds: float) -> int:
        """The count once it is no longer `seen`, or after `seconds`, or when it is closed."""
        with self._changed:
            if self._count == seen and not self.closed:
                self._changed.wait(seconds)
            return self._count

    def close(self) -> None:
        """Lets everybody go who waits, now and later."""
        if self._open:
            commits.unsubscribe(self.ring)
            self._open = False
        self._stop.set()
        self.ring()


#: The one of this process.
bell = Bell()


def close_at_the_end() -> None:
    """Closes the bell as soon as a signal ends this process; of no effect off its main thread.

    The handlers are the server's own. The signal's number also comes through a pipe, to whoever
    reads it: so nobody has to stand between the server and its signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread hears signals
    here, there = os.pipe()
    os.set_blocking(there, False)
    signal.set_wakeup_fd(there, warn_on_full_buffer=False)
    threading.Thread(target=_until_ended, args=(here,), name="bell-end", daemon=True).start()


def _until_ended(pipe: int) -> None:
    while told := os.read(pipe, 1):
        if told[0] in (signal.SIGTERM, signal.SIGINT):
            bell.close()
            return
