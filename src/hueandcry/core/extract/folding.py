"""A text as the readers of this room see it, and the way back from there to where it was written.

Invisible characters are gone; digits and letters of other shapes are ASCII; written-out dots and
other defanging are undone. All of it is done in the order of the text, so that spans lead back.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import normalize

import msgspec
import re2

from hueandcry.core.extract.searching import Pattern
from hueandcry.core.normal.suffixes import is_known_top
from hueandcry.core.normal.text import FOLDS

#: Letters and digits in styles that Unicode calls the same (mathematical, circled), as ASCII.
_STYLED: dict[str, str | None] = {
    char: plain
    for code in (*range(0x2460, 0x2469), *range(0x24B6, 0x24EA), *range(0x1D400, 0x1D800))
    if len(plain := normalize("NFKC", char := chr(code))) == 1 and plain.isascii()
}
#: Selectors of how a sign is drawn: they stand between the digits of a number in emoji.
_DRAWN: dict[str, str | None] = {chr(code): None for code in (0x20E3, *range(0xFE00, 0xFE10))}
_TABLE: dict[str, str] = {
    char: to or "" for char, to in {**FOLDS, **_STYLED, **_DRAWN}.items() if not char.isascii()
}
# Both patterns are one class of characters, which no text can make slow.
# Beyond the basic plane only a range is fast.
_BASIC = "".join(char for char in _TABLE if char <= "\uffff")
_FOLDED = re.compile(f"[{_BASIC}\U0001d400-\U0001d7ff]")
_GONE = re.compile(f"[{''.join(char for char, to in _TABLE.items() if not to)}]")

#: Letters that are drawn as Latin ones are (after confusables.txt of UTS #39).
_LOOKALIKES = str.maketrans(
    "авсеһіјкмнорѕтухүԛԝԁɡαικνορτυχАВСЕНІЈКМОРЅТУХҮΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abcehijkmhopstyxyqwdgaikvoptuxABCEHIJKMOPSTYXYABEZHIKMNOPTYX",
)
_FOREIGN = Pattern(r"[\p{Greek}\p{Cyrillic}ɡ]")
_CHUNK = Pattern(r"[0-9A-Za-z._:/@\p{Greek}\p{Cyrillic}ɡ-]+")
_HOST = re2.compile(r"(?:://|^)(?:[^/:@.]+\.)+([^/:@.]+)")

#: Top-level names that people put after a written-out dot.
_TOPS = (
    "com|net|org|info|biz|me|io|co|cc|tv|app|top|xyz|vip|shop|site|online|store|club|live|link|pro"
    "|asia|fun|icu|cn|hk|id|kh|la|mm|my|ph|ru|sg|th|tw|uk|us|vn"
)
_DOTS = "dot|จุด|ຈຸດ|chấm|cham|titik|tuldok|点|點"
_FANGED = (
    rf"\s?[\[({{]+\s?(?:\.|{_DOTS})\s?[\])}}]+\s?"
    r"|\s?[\[({]+\s?(?:@|at)\s?[\])}]+\s?"
    r"|\[(?::|://|/)\]"
    rf"|(?:\s(?:{_DOTS})\s[0-9a-z-]+){{0,3}}\s(?:{_DOTS})\s(?:{_TOPS})\b"
    rf"|\s?(?:จุด|ຈຸດ|点|點)\s?(?:{_TOPS})\b"
)
_UNDONE = Pattern(f"(?i){_FANGED}")
_CHANGED = Pattern(rf"(?i)[\p{{Greek}}\p{{Cyrillic}}ɡ]|{_FANGED}")
#: One look for all that is changed: characters, defanging and letters of other scripts.
_TELLTALE = Pattern(rf"(?i)[{_BASIC}\x{{1d400}}-\x{{1d7ff}}\p{{Greek}}\p{{Cyrillic}}ɡ]|{_FANGED}")
_WRITTEN_DOT = Pattern(rf"(?i)\s?(?:{_DOTS})\s?")
#: A word before `dot com` with which it is talked about, not written out.
_TALKED = Pattern(r"(?i)(?:^|\W)(?:the|a|an|and|or|of|with)$")


class _Edit(NamedTuple):
    """The octets `start:end` of the text before are the octets `at:upto` of the text after."""

    start: int
    end: int
    at: int
    upto: int


class Folded(msgspec.Struct, frozen=True):
    """The folded text in UTF-8, and how it came of what was written."""

    data: bytes
    _before: bytes  #: the text before defanging was undone
    _edits: tuple[_Edit, ...]
    _gone: tuple[int, ...]  #: in the k-th place: how far the k-th dropped character was, less k

    def origins(self, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Spans of octets of `data` as spans of code points of the text that was given."""
        spans = list(spans)
        if self._edits:
            spans = [(self._unedited(a), self._unedited(b - 1, end=True)) for a, b in spans]
        if not self._before.isascii():
            points = self._points({place for span in spans for place in span})
            spans = [(points[a], points[b]) for a, b in spans]
        if not self._gone:
            return spans
        return [(self._given(a), self._given(b - 1) + 1) for a, b in spans]

    def _unedited(self, place: int, *, end: bool = False) -> int:
        """Where the octet at `place` was, or ended, before; what was replaced counts whole."""
        index = bisect_right(self._edits, place, key=lambda edit: edit.at) - 1
        edit = self._edits[index] if index >= 0 else _Edit(0, 0, 0, 0)
        if place < edit.upto:
            return edit.end if end else edit.start
        return place - edit.upto + edit.end + end

    def _points(self, places: set[int]) -> dict[int, int]:
        """Places of octets → places of characters."""
        points, last, total = dict[int, int](), 0, 0
        for place in sorted(places):
            total += len(self._before[last:place].decode())
            points[place] = total
            last = place
        return points

    def _given(self, point: int) -> int:
        return point + bisect_right(self._gone, point)


def fold(text: str) -> Folded:
    """`text` folded; what is no text (half of a surrogate pair) becomes a question mark."""
    before = text.encode(errors="replace")
    if not _TELLTALE.first(before):  # as most texts are
        return Folded(before, before, (), ())
    gone: tuple[int, ...] = ()
    if not text.isascii():
        folded = text
        for char in set(_FOLDED.findall(text)):
            folded = folded.replace(char, _TABLE.get(char, char))
        if len(folded) != len(text):
            gone = tuple(found.start() - k for k, found in enumerate(_GONE.finditer(text)))
        before = folded.encode(errors="replace")
        if not _CHANGED.first(before):
            return Folded(before, before, (), gone)
    changes = sorted(_changes(before))
    return Folded(*_changed(before, changes), gone)


_Change = tuple[int, int, bytes]


def _changed(before: bytes, changes: list[_Change]) -> tuple[bytes, bytes, tuple[_Edit, ...]]:
    pieces, edits, last, at = list[bytes](), list[_Edit](), 0, 0
    for start, end, now in changes:
        if start < last:  # a look-alike within what was undone already
            continue
        pieces += [before[last:start], now]
        at += start - last
        edits.append(_Edit(start, end, at, at + len(now)))
        last, at = end, at + len(now)
    pieces.append(before[last:])
    return b"".join(pieces), before, tuple(edits)


def _changes(data: bytes) -> Iterator[_Change]:
    for start, end in _UNDONE.places(data):
        yield from _undone(data, start, end)
    if not data.isascii() and _FOREIGN.first(data):
        for start, end in _CHUNK.places(data):
            yield from _plain_letters(data, start, end)


def _undone(data: bytes, start: int, end: int) -> Iterator[_Change]:
    """What a piece of defanging stands for; nothing of a dot that is only talked about."""
    piece = data[start:end].strip()
    if piece[:1] in b"[({":
        inner = piece.strip(b"[](){} ").lower()
        yield (
            start,
            end,
            {b"at": b"@", b"://": b"://"}.get(inner, inner if len(inner) == 1 else b"."),
        )
    elif not _TALKED.first(data[max(0, start - 8) : start]):
        for first, last in _WRITTEN_DOT.places(data[start:end]):
            yield start + first, start + last, b"."


def _plain_letters(data: bytes, start: int, end: int) -> Iterator[_Change]:
    """A word of mixed scripts in Latin letters, unless it is a name that a browser would open.

    A host under a top-level name that exists is another host than the one it looks like, and is
    reported as the host it is.
    """
    piece = data[start:end]
    if piece.isascii():
        return
    word = piece.decode()
    host = _HOST.search(word)
    if (host and is_known_top(host[1].lower())) or not any(char.isascii() for char in word):
        return
    if not (latin := word.translate(_LOOKALIKES)).isascii():
        return
    for char, now in zip(word, latin, strict=True):
        end = start + len(char.encode())
        if char != now:
            yield start, end, now.encode()
        start = end
