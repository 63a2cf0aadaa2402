"""Runs of one to five signs of folded texts as numbers of buckets, for many texts at once.

A hash that rolls over code points in numpy: no dictionary of n-grams is kept, and a batch costs a
few array operations however many texts it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LONGEST: Final = 5  #: signs of the longest run

_MULTIPLIER: Final = np.uint64(0x100000001B3)
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_EDGE: Final = "\n"  #: stands before and after each text, and each line of what was `read`


@dataclass(frozen=True, slots=True)
class Grams:
    """The distinct buckets of each text, one text after the other."""

    buckets: NDArray[np.int64]
    starts: NDArray[np.int64]  #: where the buckets of each text begin; every text has some
    counts: NDArray[np.int64]


def grams(texts: Sequence[str], bits: int) -> Grams:
    """Distinct buckets below 2**bits of all runs of one to five signs in a line of each text."""
    codes = _codes(texts)
    lengths = np.fromiter((len(text) + 1 for text in texts), np.int64, len(texts))
    owner = np.repeat(np.arange(len(texts), dtype=np.int64), lengths) << bits
    edges = codes == ord(_EDGE)
    before = np.concatenate(([0], np.cumsum(edges)))
    seen = []
    for size, rolled in _rolled(codes):
        runs = min(len(rolled), len(owner))  # the last edge begins no text
        inner = before[size - 1 : size - 1 + runs] == before[1 : 1 + runs]
        whole = inner if size > 1 else ~edges[:runs]
        seen.append((owner[:runs] | _bucket(rolled[:runs], size, bits))[whole])
    keys = np.sort(np.concatenate(seen))
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    counts = np.bincount(keys >> bits, minlength=len(texts))
    return Grams(keys & ((1 << bits) - 1), np.cumsum(counts) - counts, counts)


def in_language(
    buckets: NDArray[np.int64], language: NDArray[np.int64] | int, bits: int
) -> NDArray[np.int64]:
    """Other buckets, from 2**bits on, for the same runs in a certain language, by its number."""
    mixed = (buckets.astype(np.uint64) + np.uint64(1)) * _MULTIPLIER + np.asarray(
        language, np.uint64
    )
    return _bucket(mixed, 0, bits) + (1 << bits)


def placed(text: str, bits: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """For each size of run: the bucket of the run that begins at each place, the edge being 0."""
    for size, rolled in _rolled(_codes([text])):
        yield size, _bucket(rolled, size, bits)


def _codes(texts: Sequence[str]) -> NDArray[np.uint64]:
    joined = _EDGE + "".join(text + _EDGE for text in texts)
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _rolled(codes: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.uint64]]]:
    """The hash of every run of each size, from the hash of the run that is one sign shorter."""
    rolled = codes
    yield 1, rolled
    for size in range(2, min(LONGEST, len(codes)) + 1):
        rolled = rolled[:-1] * _MULTIPLIER + codes[size - 1 :]
        yield size, rolled


def _bucket(rolled: NDArray[np.uint64], size: int, bits: int) -> NDArray[np.int64]:
    return ((rolled + np.uint64(size)) * _SPREAD >> np.uint64(64 - bits)).astype(np.int64)
