"""Listed words inside longer ones: a look-up for each place, however long the list is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_HEAD: Final = 4  #: signs that are looked up; no listed word has fewer


@dataclass(frozen=True, slots=True)
class Within:
    """A list of words, ready to be found; each has at least four signs."""

    heads: dict[str, tuple[str, ...]]  #: first signs of words → these words, the longest first

    @classmethod
    def of(cls, words: Iterable[str]) -> Within:
        heads: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(words, key=lambda word: (-len(word), word)):
            heads[word[:_HEAD]].append(word)
        return cls({head: tuple(found) for head, found in heads.items()})

    def all(self, text: str) -> Iterator[str]:
        """The words in `text` that do not overlap, from its left on, the longest at each place."""
        heads, after = self.heads, 0
        for place in range(len(text) - _HEAD + 1):
            listed = heads.get(text[place : place + _HEAD])
            if listed is None or place < after:
                continue
            for word in listed:
                if text.startswith(word, place):
                    yield word
                    after = place + len(word)
                    break

    def first(self, text: str) -> str | None:
        """The first of them, None where there is none."""
        return next(self.all(text), None)
