"""What the readers of this room share: a text in octets, and one thing read in it.

A reader takes a page and gives readings in the order of the text that do not overlap. Readers run
one after the other, surest first, and each sees nothing of what was read before it: so no part of
a link is read as a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from hueandcry.core.types import Signal

BLANK = b"\x00"  #: stands for every octet that was read; no pattern of a reader takes it
_DIGIT = re.compile(b"[0-9]")


class Sum(NamedTuple):
    """A sum of money: a decimal and a currency, empty if not said."""

    value: str
    currency: str


class Digits(NamedTuple):
    """Digits of an account at a bank that is not said."""

    digits: str


class Reading(NamedTuple):
    """What the octets `start:end` of a page were read as, and how sure that is, 0 to 1."""

    start: int
    end: int
    what: Signal | Sum | Digits
    confidence: float = 1.0
    paid: bool = False  #: a telephone number that the words beside it say is one to pay to


class Page(NamedTuple):
    """A folded text in UTF-8, and the market (ISO 3166 alpha-2) where national forms are read."""

    data: bytes
    market: str | None

    def first_digit(self) -> int | None:
        """Where the first digit stands."""
        found = _DIGIT.search(self.data)
        return found.start() if found else None

    def without(self, readings: Iterable[Reading]) -> Page:
        """The same page with what was read blanked, in place, so that every offset stays."""
        left = bytearray(self.data)
        for reading in readings:
            left[reading.start : reading.end] = BLANK * (reading.end - reading.start)
        return Page(bytes(left), self.market)
