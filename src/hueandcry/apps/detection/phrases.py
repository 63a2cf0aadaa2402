"""Phrases that people can point at: what a text asks for, promises or threatens, in ten languages.

The tables are data, `phrases/<language>.json`: code of a reason → patterns. In a pattern `[a|b]`
is a choice, `…` a few words in between, and `?` makes the sign before it optional. Patterns are
folded as texts are, so that one spelling finds all. Finding looks at the first three signs of
every place once, so that it costs the same however many patterns there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Final

from hueandcry.apps.detection.folding import LINKS, fold
from hueandcry.apps.detection.reasons import PHRASES

#: Signs that may stand between two parts of a pattern, by how densely a language is written.
_GAPS: Final = {"zh": 8, "th": 24, "lo": 24, "km": 24, "my": 24}
_GAP: Final = 28
_MOST_HITS: Final = 400  #: parts found in one text; a text made of nothing else says no more

_CHOICE = re.compile(r"\[([^\]]*)\]")
_BEGINNING = re.compile(r"(?<![a-z0-9])[a-z0-9]|[^a-z0-9\s]")
_GOES_ON = re.compile(r"[a-z0-9]{2}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase found: the code of its reason and its place in the folded text."""

    code: str
    start: int
    end: int


def find_phrases(folded: str) -> list[Phrase]:
    """All phrases of a folded text, in order of place; one for each code and place."""
    return _tables().find(folded)


class _Tables:
    """The patterns of all languages by the words that they are made of."""

    def __init__(self, tables: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._parts: dict[str, list[tuple[int, int]]] = {}  #: word → (pattern, which part)
        self._patterns: list[tuple[str, int, int]] = []  #: code, gap, how many parts
        for language, table in tables.items():
            for code, patterns in table.items():
                for pattern in patterns:
                    self._add(code, pattern, _GAPS.get(language, _GAP))
        self._tree = _Node()
        for word in self._parts:
            self._tree.insert(word)

    def _add(self, code: str, pattern: str, gap: int) -> None:
        parts = [part for part in pattern.split("…") if part.strip(" ?")]
        number = len(self._patterns)
        self._patterns.append((code, gap, len(parts)))
        for which, part in enumerate(parts):
            for word in sorted(set(_words(part))):
                self._parts.setdefault(word, []).append((number, which))

    def find(self, text: str) -> list[Phrase]:
        reached: dict[tuple[int, int], tuple[int, int]] = {}  #: (pattern, part) → (start, end)
        found: dict[tuple[str, int], Phrase] = {}
        for start, end, word in self._hits(text):
            for number, which in self._parts[word]:
                code, gap, parts = self._patterns[number]
                begun = start
                if which:
                    before = reached.get((number, which - 1))
                    if before is None or not 0 <= start - before[1] <= gap:
                        continue
                    begun = before[0]
                if which + 1 < parts:
                    earlier = reached.get((number, which))
                    if earlier is None or start - earlier[1] > gap:
                        reached[number, which] = (begun, end)
                else:
                    found.setdefault((code, end), Phrase(code, begun, end))
        return list(found.values())

    def _hits(self, text: str) -> list[tuple[int, int, str]]:
        """Words of patterns in `text` that are words of the text too, by place; at most 400."""
        hits: list[tuple[int, int, str]] = []
        for begun in _BEGINNING.finditer(text):
            at = begun.start()
            hits += [(at, end, text[at:end]) for end in self._tree.ends(text, at)]
            if len(hits) >= _MOST_HITS:
                break
        return hits


class _Node(dict[str, "_Node"]):
    """A sign of words with the signs that may follow it."""

    __slots__ = ("whole",)

    def __init__(self) -> None:
        super().__init__()
        self.whole = False  #: a word ends here

    def insert(self, word: str) -> None:
        node = self
        for sign in word:
            node = node.setdefault(sign, _Node())
        node.whole = True

    def ends(self, text: str, at: int) -> Iterator[int]:
        """Where words that begin at `at` end, the shortest first; Latin ones where words end."""
        node = self
        for place in range(at, len(text)):
            following = node.get(text[place])
            if following is None:
                return
            node = following
            if node.whole and not _GOES_ON.match(text, place):
                yield place + 1


def _words(part: str) -> Iterator[str]:
    """Every spelling of one part of a pattern, folded."""
    for spelt in _optional(part):
        pieces = _CHOICE.split(spelt)
        choices = [piece.split("|") if n % 2 else [piece] for n, piece in enumerate(pieces)]
        for chosen in product(*choices):
            folded = fold("".join(chosen))
            if folded == "http":
                yield from LINKS
            elif any(sign.isalpha() or sign in "%@" for sign in folded):
                yield folded  # a number alone says nothing: they are all one class


def _optional(part: str) -> Iterator[str]:
    """`part` with and without each sign, or choice, that stands before a question mark."""
    before, mark, after = part.partition("?")
    if not mark:
        yield part
        return
    without = before[: before.rindex("[")] if before.endswith("]") else before[:-1]
    for rest in _optional(after):
        yield before + rest
        yield without + rest


@cache
def _tables() -> _Tables:
    """The tables of this release, read once, when the first text is looked at."""
    folder = files("hueandcry.apps.detection") / "phrases"
    tables = {
        file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    }
    strange = {code for table in tables.values() for code in table} - set(PHRASES)
    if strange:
        raise KeyError(f"phrases for codes that are no reasons: {sorted(strange)}")
    return _Tables(tables)
