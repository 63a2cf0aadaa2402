"""Instants as text: RFC 3339 UTC with exactly six fractional digits in our own objects.

Others' objects are read leniently and kept as received; only what is ours is written from micros.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from hueandcry.core.errors import Malformed
from hueandcry.core.types import Micros

_EPOCH = datetime(1970, 1, 1)
_MICRO = timedelta(microseconds=1)
_OURS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]{1,32}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_LEAP_SECOND = "60"


def time_text(micros: Micros) -> str:
    """`YYYY-MM-DDTHH:MM:SS.ffffffZ`; Malformed outside the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise Malformed("time", f"{micros} microseconds lie outside the years 1 to 9999") from None
    return moment.isoformat(timespec="microseconds") + "Z"


def read_time(text: str) -> Micros:
    """The inverse of `time_text`; any other spelling of the same instant is Malformed."""
    if not _OURS.fullmatch(text):
        raise _not_a_time(text)
    return _micros(text[:-1], text)


def read_rfc3339(text: str) -> Micros:
    """Any RFC 3339 time; digits beyond the microsecond are dropped, not rounded.

    A leap second reads as the last microsecond of its minute, so that order is kept.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise _not_a_time(text)
    day, minute, second, digits, sign, hours, minutes = match.groups()
    fraction = (digits or "")[:6].ljust(6, "0")
    if second == _LEAP_SECOND:
        second, fraction = "59", "999999"
    return _micros(f"{day}T{minute}:{second}.{fraction}", text) - _offset(
        sign, hours, minutes, text
    )


def _offset(sign: str | None, hours: str, minutes: str, text: str) -> Micros:
    if sign is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise _not_a_time(text)
    size = (int(hours) * 60 + int(minutes)) * 60_000_000
    return -size if sign == "-" else size


def _micros(moment: str, text: str) -> Micros:
    try:
        return (datetime.fromisoformat(moment) - _EPOCH) // _MICRO
    except ValueError:
        raise _not_a_time(text) from None


def _not_a_time(text: str) -> Malformed:
    return Malformed(
        "time", f"{text[:64]!a} is not a time", do="Write it as 2026-01-31T23:59:59.000000Z"
    )
