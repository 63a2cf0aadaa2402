"""Patterns over octets of UTF-8 by RE2: time linear in the text, and a bound on what is found."""

from __future__ import annotations

import re2

MAX_PLACES = 1_000  #: places of one pattern in one text; no message has as many


class Pattern:
    """A pattern without groups, of which only the places count.

    The objects that re2 makes of each match cost ten times what finding it does; here its engine
    is asked alone. `finditer` of re2 is the oracle of the tests.
    """

    def __init__(self, pattern: str, *, longest: bool = False) -> None:
        options = re2.Options()
        options.longest_match = longest
        self.whole = re2.compile(pattern.encode(), options)
        self._match = self.whole._regexp.Match

    def places(self, data: bytes, start: int = 0) -> list[tuple[int, int]]:
        """The first MAX_PLACES places in `data` from `start` on that match, in order, apart."""
        found, end = list[tuple[int, int]](), len(data)
        while len(found) < MAX_PLACES:
            first, last = self._match(re2._Anchor.UNANCHORED, data, start, end)[0]
            if first < 0:
                break
            found.append((first, last))
            start = last
        return found

    def first(self, data: bytes) -> tuple[int, int] | None:
        """The first place in `data` that matches."""
        first, last = self._match(re2._Anchor.UNANCHORED, data, 0, len(data))[0]
        return None if first < 0 else (first, last)
