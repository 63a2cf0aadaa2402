"""Receipt codes: 128 bits in Crockford's base 32, in seven groups of four. Pure.

26 letters carry the bits, two more the remainder by 1021: that is a prime above 32 * 31, so one
wrong letter, or two neighbours exchanged, are found before anybody looks for a report.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from hueandcry.core.errors import Malformed

BYTES: Final = 16
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
#: What people write for what they see.
_MEANT: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "–": None, "—": None})
_LETTERS: Final = 26
_MODULUS: Final = 1021
_GROUP: Final = 4


def write(secret: bytes) -> str:
    """The code of 16 bytes, as it is shown: `ABCD-EFGH-…`."""
    number = int.from_bytes(secret, "big")
    text = _base32(number, _LETTERS) + _base32(number % _MODULUS, 2)
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def read(text: str) -> bytes:
    """The 16 bytes of a code, however it was typed; raises Malformed."""
    folded = unicodedata.normalize("NFKC", text[:200]).upper()
    letters = "".join(folded.split()).translate(_MEANT)
    if len(letters) != _LETTERS + 2 or not letters.isascii():
        raise _wrong(f"A code has {_LETTERS + 2} letters and digits")
    values = [_VALUE.get(letter) for letter in letters]
    number = check = 0
    for value in values[:_LETTERS]:
        number = number * 32 + (value if value is not None else 0)
    for value in values[_LETTERS:]:
        check = check * 32 + (value if value is not None else 0)
    if None in values or number >> 8 * BYTES or number % _MODULUS != check:
        raise _wrong("One letter or digit is wrong")
    return number.to_bytes(BYTES, "big")


def _base32(number: int, letters: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(letters)))


def _wrong(why: str) -> Malformed:
    return Malformed(
        "receipt_code", "This is not a receipt code", why=why, do="Compare it with your note"
    )
