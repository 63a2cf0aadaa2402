"""Loops: what waits is read right after it was committed."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.reports import reading
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop


def _read() -> bool:
    return len(reading.read_some(clock.now())) == reading.BATCH


LOOPS: Final = (Loop("reports", _read, every=5.0),)
