"""What two spellings look like to a reader: skeletons (after Unicode TR39), and slips."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from hueandcry.apps.detection.tables import rows

#: Digits and letters that stand for one another in names: each class by one of its letters.
_CLASSES: Final = str.maketrans("0134579l28", "oieastgizb")


@cache
def _signs() -> dict[int, str]:
    """Every single sign of the table of confusables → the letter that it passes for."""
    return {ord(sign): meant for meant, doubles in _singles() for sign in doubles}


def _singles() -> Iterator[list[str]]:
    return (row for row in rows("confusables.tsv") if not _is_pair(row[1]))


@cache
def _pairs() -> tuple[tuple[str, str], ...]:
    return tuple((pair, meant) for meant, pair in rows("confusables.tsv") if _is_pair(pair))


def _is_pair(doubles: str) -> bool:
    return len(doubles) == 2 and doubles.isascii()


def spoken(label: str) -> str:
    """A canonical label as a browser may show it: A-labels decoded, everything else unchanged."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


@lru_cache(maxsize=16_384)
def skeleton(text: str) -> str:
    """What `text` is mistaken for: equal for two texts that a reader would not tell apart."""
    if not text.isascii():
        text = latin(text)
    text = text.translate(_CLASSES)
    for pair, meant in _pairs():
        text = text.replace(pair, meant)
    return text


def latin(text: str) -> str:
    """`text` with the doubles of Latin letters as these letters, and without marks."""
    plain = unicodedata.normalize("NFKD", text.translate(_signs()).lower())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_signs())


def slips(one: str, other: str, most: int) -> int:
    """Slips between two words (a sign left out, put in, changed; two swapped), `most + 1` if more.

    The optimal string alignment distance, in a band: at most (2 × most + 1) × length steps.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    far = most + 1
    before: list[int] = []
    last = [n if n <= most else far for n in range(len(other) + 1)]
    for row, sign in enumerate(one, 1):
        line = [far] * (len(other) + 1)
        line[0] = min(row, far)
        for column in range(max(1, row - most), min(len(other), row + most) + 1):
            same = sign == other[column - 1]
            cost = min(last[column - 1] + (not same), last[column] + 1, line[column - 1] + 1)
            if row > 1 < column and sign == other[column - 2] and one[row - 2] == other[column - 1]:
                cost = min(cost, before[column - 2] + 1)
            line[column] = min(cost, far)
        if min(line) > most:
            return far
        before, last = last, line
    return last[-1]


def shortened(word: str, most: int, at: int = 0) -> Iterator[str]:
    """`word`, and it with up to `most` of its signs from place `at` on left out."""
    yield word
    if most:
        for n in range(at, len(word)):
            yield from shortened(word[:n] + word[n + 1 :], most - 1, n)
