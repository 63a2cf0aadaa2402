"""Where a text may be parted so that what is on either side can still be read.

Thai, Lao, Khmer and Burmese put no blanks between words, and one syllable is many code points of
which some stand before the consonant that they belong to. So a place is moved to the edge of a
sign with all its marks (UAX 29, as far as these scripts, Latin and emoji need it), and in these
scripts to that of a syllable as far as its letters alone show it. Words are found by no table.
"""

from __future__ import annotations

from typing import Final
from unicodedata import category

Span = tuple[int, int]  #: first code point, and the one after the last

_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_JOINERS: Final = frozenset("\u200c\u200d")
#: Letters that belong to the one before: vowels, and the signs of repetition and abbreviation.
_TRAILING: Final = frozenset(
    "\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ebd\u0ec6"
)
#: Vowels that are written before their consonant, and signs that bind the next consonant below.
_LEADING: Final = frozenset(
    "\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4\u17d2\u1039\u200d"
)
_ASAT, _VIRAMA = "\u103a", "\u1039"
_FLAG: Final = range(0x1F1E6, 0x1F200)
_TONE: Final = range(0x1F3FB, 0x1F400)


def may_part(text: str, at: int) -> bool:
    """Whether what stands before `at` and what stands from there on can be read apart."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before.isspace() or after.isspace():
        return (before, after) != ("\r", "\n")
    if before in _LEADING or _belongs_to_what_was(after):
        return False
    if _closes(text, at):
        return False
    return not (ord(after) in _FLAG and _flags_before(text, at) % 2)


def _belongs_to_what_was(sign: str) -> bool:
    return category(sign) in _MARKS or sign in _TRAILING or sign in _JOINERS or ord(sign) in _TONE


def _closes(text: str, at: int) -> bool:
    """Whether a Burmese consonant ends the syllable before it: its vowel is killed or stacked."""
    if not "\u1000" <= text[at] <= "\u102a":
        return False
    after = text[at + 1 : at + 3]
    return _ASAT in after or after[:1] == _VIRAMA


def _flags_before(text: str, at: int) -> int:
    """How many letters of flags stand right before."""
    first = at
    while first and ord(text[first - 1]) in _FLAG:
        first -= 1
    return at - first


def widened(text: str, span: Span) -> Span:
    """The least span around `span` at whose edges `text` may be parted; an empty one stays."""
    start, end = span
    if start >= end:
        return span
    while not may_part(text, start):
        start -= 1
    while not may_part(text, end):
        end += 1
    return start, end


def head(text: str, most: int) -> str:
    """The beginning of `text`, of at most `most` code points where a place to part it is near."""
    if len(text) <= most:
        return text
    end = next((at for at in range(most, max(0, most - 64), -1) if may_part(text, at)), most)
    return text[:end]
