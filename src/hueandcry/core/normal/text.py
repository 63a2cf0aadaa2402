"""What is done to any text before it is read as a signal: bounds, invisible characters, defanging.

Nothing here knows a kind. Every function is linear in its input.
"""

from __future__ import annotations

import re
import unicodedata

from hueandcry.core.errors import Unreadable

MAX_VALUE = 2_048  #: characters of any value but a url
MAX_URL = 8_192  #: characters of a url, as read and as canonical

_JOINERS = "\u200c\u200d"  # they carry meaning in Persian, Khmer or Sinhala names
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_DROP = {ord(char): None for char in _INVISIBLE + _BIDI}
_DROP_JOINERS = {ord(char): None for char in _JOINERS}
_WRAPPED = {"<": ">", '"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u300c": "\u300d"}

#: The code points of digit zero whose nine followers are the other digits (Unicode category Nd):
#: Arabic, Persian, Devanagari, Bengali, Tamil, Thai, Lao, Burmese, Shan, Khmer, full-width.
_ZEROS = (
    *(0x0660, 0x06F0, 0x0966, 0x09E6, 0x0BE6, 0x0E50),
    *(0x0ED0, 0x1040, 0x1090, 0x17E0, 0xFF10),
)
_FLAT: dict[int, str | None] = {
    **{0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)},
    **{zero + n: str(n) for zero in _ZEROS for n in range(10)},
    **{code: "-" for code in (*range(0x2010, 0x2016), 0x2212, 0xFE63)},
    **{code: "." for code in (0x3002, 0xFF61)},
    **{code: " " for code in (0x00A0, 0x202F, 0x3000, *range(0x2000, 0x200B))},
    **_DROP_JOINERS,
}
#: What `tidy` and `flat` do to single characters: the one that each becomes, None for nothing.
FOLDS: dict[str, str | None] = {chr(code): to for code, to in {**_DROP, **_FLAT}.items()}

_OPEN, _CLOSE = r"[\[({]", r"[\])}]"
# A run of brackets is tried once, from its first bracket: anything else would be quadratic.
_FANG_DOT = re.compile(rf"(?<!{_OPEN}){_OPEN}+(?:\.|dot){_CLOSE}+", re.I)
_FANG_BLANK = re.compile(r"(?<!\s)\s+(?:\[dot\]|\(dot\)|\{dot\}|\[\.\]|\(\.\)|dot)\s+", re.I)
_FANG_AT = re.compile(r"(?<!\s)\s*(?:\[at\]|\(at\)|\{at\}|\[@\]|\(@\)|\{@\})\s*", re.I)


def tidy(text: str, limit: int) -> str:
    """`text` without outer blanks, wrapping quotes and invisible characters.

    Raises Unreadable for what is empty, longer than `limit` characters, or not text at all.
    """
    if len(text) > limit:
        raise too_long(limit)
    if not text.isascii():
        text = _encodable(text).translate(_DROP)
    text = text.strip()
    while len(text) > 1 and _WRAPPED.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    if not text:
        raise Unreadable("empty", "There is no value", do="Give one value")
    return text


def too_long(limit: int) -> Unreadable:
    """The refusal of a value beyond its bound."""
    return Unreadable(
        "too-long",
        f"The value is longer than {limit} characters",
        why="No real value is, and long ones cost everybody who looks them up",
        do="Give the value alone, without the text around it",
    )


def flat(text: str) -> str:
    """`text` with full-width forms and the digits of other scripts as ASCII, joiners dropped."""
    return text if text.isascii() else text.translate(_FLAT).strip()


def composed(text: str) -> str:
    """`text` in Unicode normalisation form C."""
    return unicodedata.normalize("NFC", text)


def refang_dots(text: str) -> str:
    """`evil[.]com`, `evil(dot)com` and `evil{.}com` with plain dots; stable when applied again."""
    if "[" in text or "(" in text or "{" in text:
        return _FANG_DOT.sub(".", text)
    return text


def refang(text: str) -> str:
    """`refang_dots`, and blanks around a dot, `[at]`, `(@)` and `[:]`: for hosts and e-mail."""
    text = refang_dots(_FANG_BLANK.sub(".", text)) if " " in text else refang_dots(text)
    if "[" in text or "(" in text or "{" in text:
        text = _FANG_AT.sub("@", text).replace("[:]", ":")
    return text


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unreadable(
            "not-text",
            "The value is not text",
            why="It holds half of a surrogate pair, which no encoding can write",
            do="Copy the value again from its source, as UTF-8",
        ) from None
    return text
