"""Loops of duty: calls out of what rang and came in, their steps, and notices on their way."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.duty import calling, purging, sending
from hueandcry.engine.jobs.loops import LONG_REST, Loop

__all__ = ["LOOPS", "purging"]


def _call() -> bool:
    more = calling.take_in()
    return calling.escalate() or more


LOOPS: Final = (
    Loop("duty", _call, every=2.0, rest=LONG_REST),
    Loop("duty-settled", calling.settle, every=10.0, woken=False),
    Loop("duty-send", sending.send_due, every=1.0, rest=LONG_REST),
)
