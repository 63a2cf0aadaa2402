"""The only source of now. Rules take an instant; everything else asks here."""

from __future__ import annotations

import time

from hueandcry.core.types import Micros


def now() -> Micros:
    """Microseconds since 1970-01-01T00:00:00Z by this machine's clock."""
    return time.time_ns() // 1000


def monotonic() -> float:
    """Seconds that only grow, for measuring durations and waiting."""
    return time.monotonic()
