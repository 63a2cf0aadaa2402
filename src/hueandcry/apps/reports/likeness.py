"""How alike two texts are, or two pictures: sketches, and keys under which they are found.

Of texts: MinHash of their shingles, cut into bands. Two whose shingles overlap by 0.8 share a band
with probability 0.997, by 0.5 with 0.27; the sketches themselves then decide. Of pictures: PDQ,
in 16 parts. Of two within the distance one part differs by one bit at most, so none is missed.

Pure but for rensa, which is loaded with the first text: most commands never sketch one.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from hashlib import blake2b
from operator import eq
from typing import Final

BANDS: Final = 20
ROWS: Final = 6
SIZE: Final = BANDS * ROWS

#: Estimated overlap from which two reports are near-identical.
ALIKE: Final = 0.7

#: Bytes of the sketch of a picture, and bits that two of them may differ by.
PICTURE: Final = 32
NEAR: Final = 31

_SHINGLE: Final = 5
_NUMBERS: Final = re.compile("0+")


def plain(text: str) -> str:
    """What is compared: one form of letters, every number a nought, no blanks or signs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = ("0" if c.isdigit() else c for c in folded if c.isalnum() or not c.isascii())
    return _NUMBERS.sub("0", "".join("".join(letters).split()))


def sketch(text: str, seed: int) -> bytes:
    """The sketch of a text under a secret seed: SIZE numbers of 4 bytes; empty of no letters."""
    from rensa import RMinHash

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


def alike(one: bytes, other: bytes) -> float:
    """How alike what two sketches stand for is, 0 to 1; 0 for what is not near-identical."""
    if len(one) != len(other):
        return 0.0
    if len(one) == PICTURE:
        apart = distance(one, other)
        return 1 - apart / (8 * PICTURE) if apart <= NEAR else 0.0
    found = overlap(one, other)
    return found if found >= ALIKE else 0.0


def overlap(one: bytes, other: bytes) -> float:
    """The estimated share of common shingles (Jaccard), 0 to 1."""
    same: int = sum(map(eq, array("I", one), array("I", other)))
    return same / SIZE


# --- pictures ------------------------------------------------------------------------------------

_PART: Final = 2  #: bytes


def picture_sketch(pdq: bytes, mask: bytes) -> bytes:
    """The sketch of a picture by its PDQ (32 bytes) under a secret mask, which keeps distances."""
    return bytes(a ^ b for a, b in zip(pdq, mask, strict=True))


def distance(one: bytes, other: bytes) -> int:
    """The number of bits in which two sketches of pictures differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def picture_keys(sketched: bytes) -> list[bytes]:
    """The keys (8 bytes) under which a picture is kept: one for each part."""
    return [_part_key(n, part) for n, part in _parts(sketched)]


def near_keys(sketched: bytes) -> list[bytes]:
    """The keys of which every picture within NEAR has one: each part, as it is and one bit off."""
    flips = (0, *(1 << bit for bit in range(8 * _PART)))
    return [_part_key(n, part ^ flip) for n, part in _parts(sketched) for flip in flips]


def _parts(sketched: bytes) -> list[tuple[int, int]]:
    starts = range(0, PICTURE, _PART)
    return [(at, int.from_bytes(sketched[at : at + _PART], "big")) for at in starts]


def _part_key(place: int, part: int) -> bytes:
    data = part.to_bytes(_PART, "big")
    return blake2b(data, digest_size=8, salt=bytes([place]), person=b"picture").digest()
