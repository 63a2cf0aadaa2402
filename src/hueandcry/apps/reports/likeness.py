"""How alike texts are: MinHash sketches of their shingles, cut into bands. Pure but for arrays.

Two texts whose shingles overlap by 0.8 share a band with probability 0.997, by 0.5 with 0.27; the
sketches themselves then decide.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
from rensa import RMinHash

BANDS: Final = 20
ROWS: Final = 6
SIZE: Final = BANDS * ROWS

#: Estimated overlap from which two reports are near-identical.
ALIKE: Final = 0.7

_SHINGLE: Final = 5
_NUMBERS: Final = re.compile("0+")


def plain(text: str) -> str:
    """What is compared: one form of letters, every number a nought, no blanks or signs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = ("0" if c.isdigit() else c for c in folded if c.isalnum() or not c.isascii())
    return _NUMBERS.sub("0", "".join("".join(letters).split()))


def sketch(text: str, seed: int) -> bytes:
    """The sketch of a text under a secret seed: SIZE numbers of 4 bytes; empty of no letters."""
    letters = plain(text)
    if not letters:
        return b""
    last = max(1, len(letters) - _SHINGLE + 1)
    made = RMinHash(SIZE, seed)
    made.update([letters[start : start + _SHINGLE] for start in range(last)])
    return array("I", made.digest()).tobytes()


def bands(sketched: bytes) -> list[bytes]:
    """The keys (8 bytes) under which texts alike are looked for."""
    width = ROWS * 4
    return [
        blake2b(sketched[n * width : (n + 1) * width], digest_size=8, salt=bytes([n])).digest()
        for n in range(BANDS)
    ]


def overlaps(one: bytes, others: Sequence[bytes]) -> list[float]:
    """The share of shingles (Jaccard, estimated) that a text has in common with each other one."""
    held = np.frombuffer(b"".join(others), np.uint32).reshape(-1, SIZE)
    shares: list[float] = ((held == np.frombuffer(one, np.uint32)).sum(axis=1) / SIZE).tolist()
    return shares
