"""What forms say, as use cases take it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from hueandcry.core.types import Micros


def micros_of(day: date | None, *, end: bool = False) -> Micros | None:
    """The instant at which a day begins, or is over, in the reader's zone; None for none."""
    if day is None:
        return None
    first = day + timedelta(days=1) if end else day
    begin = datetime.combine(first, time(), timezone.get_current_timezone())
    return int(begin.timestamp()) * 1_000_000
