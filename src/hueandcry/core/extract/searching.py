"""Patterns over octets of UTF-8 by RE2: time linear in the text, and a bound on what is found."""

from __future__ import annotations

import re2

MAX_PLACES = 1_000  #: places of one pattern in one text; no message has as many
_ANYWHERE = re2._Anchor.UNANCHORED


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

    def places(self, data: bytes, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """The first MAX_PLACES places in `data[start:end]` that match, in order, apart.

        What stands around `start` and `end` is seen by `\\b`, `^` and `$`, and never in a place.
        """
        found, end, match = list[tuple[int, int]](), len(data) if end is None else end, self._match
        while len(found) < MAX_PLACES:
            place = match(_ANYWHERE, data, start, end)[0]
            start = place[1]
            if start < 0:
                break
            found.append(place)
        return found

    def first(self, data: bytes) -> tuple[int, int] | None:
        """The first place in `data` that matches."""
        first, last = self._match(_ANYWHERE, data, 0, len(data))[0]
        return None if first < 0 else (first, last)
