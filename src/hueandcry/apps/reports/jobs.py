"""Loops: what waits is read right after it was committed."""

from __future__ import annotations

from typing import Final

from hueandcry.apps.reports import files, following, reading
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import LONG_REST, Loop


def _read() -> bool:
    return len(reading.read_some(clock.now())) == reading.BATCH


def _read_file() -> bool:
    return files.read_next(clock.now())


def _follow() -> bool:
    at = clock.now()
    moved = max(following.settle_some(at), following.return_some(at))
    return moved == following.STEP or following.succeed_one()


def _remind() -> bool:
    return following.remind_some(clock.now()) == following.STEP


LOOPS: Final = (
    Loop("reports", _read, every=5.0),
    Loop("reports-files", _read_file, every=5.0, rest=LONG_REST),
    Loop("reports-alike", _follow, every=5.0, rest=LONG_REST),
    Loop("reports-asked", _remind, every=600.0, woken=False),
)
