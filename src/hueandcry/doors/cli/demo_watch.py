"""What the demonstration waits for: nodes that are asked again until they answer as expected."""

from __future__ import annotations

import threading
import time

from hueandcry.core.errors import Broken
from hueandcry.doors.cli.partnership import Node
from hueandcry.engine import clock

#: Seconds after which a step that has not come about counts as failed.
PATIENCE = 30.0


class Watch:
    """Asks several nodes again and again until each gives one verdict, and notes when."""

    def __init__(self, wanted: list[tuple[Node, str]], verdict: str) -> None:
        self._verdict = verdict
        self._seen: dict[tuple[str, str], int] = {}
        self._threads = [threading.Thread(target=self._ask, args=pair) for pair in wanted]
        for thread in self._threads:
            thread.start()

    def _ask(self, node: Node, value: str) -> None:
        at = until(node, value, (self._verdict,), quiet=True)
        if at is not None:
            self._seen[node.title, value] = at

    def wait(self) -> dict[tuple[str, str], int]:
        """When each said it, by this machine's clock; raises Broken when one never did."""
        for thread in self._threads:
            thread.join()
        if len(self._seen) < len(self._threads):
            missing = len(self._threads) - len(self._seen)
            raise Broken("absent", f"{missing} look-up(s) never answered {self._verdict}")
        return self._seen


def until(node: Node, value: str, verdicts: tuple[str, ...], *, quiet: bool = False) -> int | None:
    """When a node's look-up first gave one of `verdicts`; after 30 s it raises, or gives None."""
    end = clock.monotonic() + PATIENCE
    while clock.monotonic() < end:
        if node.look_up(value)["verdict"] in verdicts:
            return clock.now()
        time.sleep(0.02)
    if quiet:
        return None
    raise Broken("absent", f"{node.title} never answered {' or '.join(verdicts)} for {value}")
