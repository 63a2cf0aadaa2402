"""Named loops over rows that want to move: woken by commits, retried with back-off, a thread each.

State lives on the domain's rows, so a loop holds nothing: it may be killed anywhere and started
anywhere. A body that finds nothing to do must write nothing, or every loop would wake for ever.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import close_old_connections, connection

from hueandcry.engine.clock import monotonic
from hueandcry.engine.jobs.bell import Bell

log = logging.getLogger("hueandcry.jobs")

#: Seconds: the first wait after a failure, doubled to the last.
BACK_OFF = (0.2, 30.0)
#: Seconds between two turns: a burst of commits is one turn, and the first of it does not wait.
REST = 0.02
#: The same for what nobody waits for: looking after every commit of a burst costs a node more than
#: its work, since each look is some statements and most find nothing.
LONG_REST = 0.5


_turns: dict[str, tuple[int, int]] = {}


def turns() -> dict[str, tuple[int, int]]:
    """Loop → (turns in this process, failures since its last success)."""
    return dict(_turns)


@dataclass(frozen=True, slots=True)
class Loop:
    """A named body, run after every commit and at least every `every` seconds.

    The body returns True when there is more to do at once.
    """

    name: str
    body: Callable[[], bool]
    every: float = 30.0
    woken: bool = True  #: by commits; False: only by the clock
    rest: float = REST  #: seconds after a turn until the next, however many commits there are


class Worker:
    """Runs loops on threads of this process until told to stop."""

    def __init__(self, loops: Sequence[Loop], bell: Bell | None = None) -> None:
        self._loops = loops
        self._stop = threading.Event()
        self._bell = bell or Bell()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts one thread per loop and one that watches for other processes' commits."""
        self._bell.open()
        for loop in self._loops:
            self._spawn(loop.name, lambda loop=loop: self._turn(loop))  # type: ignore[misc]

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=f"loop-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def wake(self) -> None:
        """Lets every loop look again now."""
        self._bell.ring()

    def stop(self, timeout: float = 10.0) -> None:
        """Ends every loop after its current turn; waits at most `timeout` seconds for all."""
        self._stop.set()
        self._bell.close()
        until = monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))

    def _turn(self, loop: Loop) -> None:
        seen, failures = -1, 0
        while not self._stop.is_set():
            seen = self._wait(loop, seen)
            failures = self._run(loop, failures)
            self._stop.wait(loop.rest)
            if failures:
                self._stop.wait(min(BACK_OFF[0] * 2 ** (failures - 1), BACK_OFF[1]))
                seen = -1
        connection.close()

    def _wait(self, loop: Loop, seen: int) -> int:
        """Waits for a commit or the clock; at the first turn it does not wait at all."""
        if not loop.woken:
            if seen >= 0:
                self._stop.wait(loop.every)
            return 0
        return self._bell.wait(seen, loop.every)

    def _run(self, loop: Loop, failures: int) -> int:
        failures = 0 if self._succeeds(loop) else failures + 1
        _turns[loop.name] = (_turns.get(loop.name, (0, 0))[0] + 1, failures)
        return failures

    def _succeeds(self, loop: Loop) -> bool:
        try:
            while not self._stop.is_set() and loop.body():
                continue
        except Exception:
            log.exception("loop %s failed; it will be tried again", loop.name)
            close_old_connections()
            return False
        return True


def run_once(loops: Sequence[Loop], rounds: int = 100) -> None:
    """Runs every loop until none has more to do: for commands that work without a server."""
    for _ in range(rounds):
        if not any([loop.body() for loop in loops]):
            return
