"""A pasted text in pieces, so that the words which a reason speaks of can be marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hueandcry.apps.detection.face import Span
from hueandcry.core import syllables
from hueandcry.doors.desk.defanging import disarmed

#: Code points of a text that are shown; the rest is of no use to a reader.
SHOWN: Final = 3_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, disarmed; not escaped: that is the template's."""

    text: str
    marked: bool


def merged(spans: Iterable[Span], length: int) -> list[Span]:
    """The spans within a text of `length`, in order, none empty, none touching another."""
    joined: list[Span] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The beginning of `text`, parted at the spans; together they are that beginning, disarmed.

    A span that begins or ends within a syllable is widened to all of it.
    """
    shown = syllables.head(text, SHOWN)
    inside = ((max(0, start), min(end, len(shown))) for start, end in spans)
    found = list(_pieces(shown, [syllables.widened(shown, span) for span in inside]))
    return [*found, Piece("…", False)] if len(text) > len(shown) else found


def _pieces(text: str, spans: Iterable[Span]) -> Iterator[Piece]:
    at = 0
    for start, end in merged(spans, len(text)):
        if at < start:
            yield Piece(disarmed(text[at:start]), False)
        yield Piece(disarmed(text[start:end]), True)
        at = end
    if at < len(text):
        yield Piece(disarmed(text[at:]), False)
