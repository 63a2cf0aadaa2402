"""Rows about clocks: ten thousand open ones are started, and read as a loop reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.table import Figure
from hueandcry.core.clocks import Place, read
from hueandcry.core.law import LAW, run
from hueandcry.core.types import DAY, MINUTE

_OPEN = 10_000
_FIRST = 1_767_225_600_000_000  # 1 January 2026
_PLACES = [Place(ZoneInfo(name)) for name in ("Asia/Bangkok", "Asia/Manila", "Europe/Vienna")]


def figures(folder: Path) -> Iterator[Figure]:
    """Clocks of every rule that has a length, at three places, each with its own start."""
    rules = [rule for each in LAW.instruments.values() for rule in each.clocks if rule.length]
    began = time.process_time()
    clocks = [
        run(rules[n % len(rules)], _FIRST + n * MINUTE, _PLACES[n % len(_PLACES)])
        for n in range(_OPEN)
    ]
    started = time.process_time()
    overdue = sum(read(clock, _FIRST + 5 * DAY).overdue for clock in clocks)
    taken = time.process_time() - started
    yield Figure(
        "open clocks evaluated", taken, "CPU-s", _OPEN, 1, least=False,
        note=f"{overdue} of them overdue",
    )  # fmt: skip
    yield Figure("  started, with zone and alarms", started - began, "CPU-s", _OPEN)
