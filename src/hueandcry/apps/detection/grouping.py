"""Near copies: texts of which one tells what the other says, and that must not be parted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rensa import RMinHash, RMinHashLSH

_HASHES: Final = 128
#: Bands of hashes → the likeness from which two texts meet in one of them, (1/bands)^(bands/128).
NEAR: Final = 16  #: 0.7: one wording with other names and numbers
LOOSE: Final = 32  #: 0.4: the same turn of phrase
_SHINGLE: Final = 6  #: signs
_LEAST: Final = 3 * _SHINGLE  #: shorter texts are near copies only of themselves


def near_copies(folded: Sequence[str], bands: int = NEAR) -> list[int]:
    """For each folded text the number of its group: the least index of a near copy of it.

    Near: a Jaccard likeness of shingles of six signs that `bands` stands for, or the same text.
    Groups are closed: whatever is near one of a group is in it.
    """
    parents = list(range(len(folded)))
    index = RMinHashLSH((1 / bands) ** (bands / _HASHES), _HASHES, bands)
    first: dict[str, int] = {}
    for n, text in enumerate(folded):
        if text in first:
            _join(parents, n, first[text])
            continue
        first[text] = n
        if len(text) < _LEAST:
            continue
        signature = RMinHash(_HASHES, 1)
        signature.update([text[at : at + _SHINGLE] for at in range(len(text) - _SHINGLE + 1)])
        for other in index.query(signature):
            _join(parents, n, other)
        index.insert(n, signature)
    return [_root(parents, n) for n in range(len(folded))]


def _root(parents: list[int], n: int) -> int:
    while parents[n] != n:
        parents[n] = parents[parents[n]]
        n = parents[n]
    return n


def _join(parents: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(parents, one), _root(parents, other)))
    parents[high] = low
