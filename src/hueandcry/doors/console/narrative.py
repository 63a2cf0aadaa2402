"""A reporter's words in pieces: what was found in them marked, personal data masked, disarmed.

What is masked is what was found as a person's (numbers, accounts, addresses, names on platforms)
and every long run of digits. Names that people have are not found: the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from hueandcry.apps.reports.face import ValueView
from hueandcry.core.syllables import widened
from hueandcry.core.types import PERSONAL
from hueandcry.doors.console import values
from hueandcry.doors.desk.defanging import disarmed

Span = tuple[int, int]

#: Six digits of any script or more, however they are grouped: cards, identities, codes.
_DIGITS: Final = re.compile(r"\d(?:[ .\-]?\d){5,}")
_MAIL: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
#: Digits of such a run that stay readable, at its end.
_LEFT: Final = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words as they are shown; not escaped: that is the template's."""

    text: str
    value: int | None = None  #: number of the value that stands here
    reason: bool = False  #: a reason of the assessment speaks of it
    masked: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """What takes the place of a span, as one piece."""

    start: int
    end: int
    text: str
    value: int | None
    masked: bool


def pieces(
    text: str, found: Sequence[ValueView], assessment: dict[str, Any], *, whole: bool
) -> list[Piece]:
    """All of `text`, parted where something was found; masked unless it is shown `whole`."""
    spans = _spans(each["spans"] for each in assessment.get("reasons", ()))
    told = [widened(text, span) for span in spans]
    parts: list[Piece] = []
    at = 0
    for place in _places(text, found, assessment, whole):
        parts += _between(text, at, place.start, told)
        marked = _touches((place.start, place.end), told)
        parts.append(Piece(place.text, place.value, marked, place.masked))
        at = place.end
    return [*parts, *_between(text, at, len(text), told)]


def plain(text: str) -> str:
    """A text in which nothing was looked for, such as an answer: digits and addresses masked."""
    return disarmed(_DIGITS.sub(lambda run: _dotted(run[0]), _MAIL.sub("…[at]…", text)))


def _spans(many: Iterable[Iterable[Sequence[int]]]) -> list[Span]:
    return sorted({(start, end) for spans in many for start, end in spans})


def _places(
    text: str, found: Sequence[ValueView], assessment: dict[str, Any], whole: bool
) -> list[_Place]:
    """What is replaced, in order; of two that overlap the one that begins first, or is longer."""
    every = [*_of_values(text, found, whole)]
    if not whole:
        every += _of_digits(text, assessment)
    chosen: list[_Place] = []
    for place in sorted(every, key=lambda p: (p.start, p.value is None, -p.end)):
        if place.start < place.end and (not chosen or chosen[-1].end <= place.start):
            chosen.append(place)
    return chosen


def _of_values(text: str, found: Sequence[ValueView], whole: bool) -> Iterator[_Place]:
    for value in found:
        if value.span is None:
            continue
        start, end = value.span
        hide = value.signal.kind in PERSONAL and not whole
        said = values.masked(value.signal) if hide else disarmed(text[start:end])
        yield _Place(start, end, said, value.number, hide)


def _of_digits(text: str, assessment: dict[str, Any]) -> Iterator[_Place]:
    """Runs of digits that are no sum of money, and accounts of which no bank is known."""
    sums = _spans([[each["span"] for each in assessment.get("amounts", ())]])
    for start, end in _spans([[each["span"] for each in assessment.get("accounts", ())]]):
        yield _Place(start, end, _dotted(text[start:end]), None, True)
    for run in _DIGITS.finditer(text):
        if not _touches(run.span(), sums):
            yield _Place(run.start(), run.end(), _dotted(run[0]), None, True)


def _dotted(run: str) -> str:
    return f"…{run[-_LEFT:]}"


def _touches(span: Span, spans: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in spans)


def _between(text: str, start: int, end: int, told: Sequence[Span]) -> Iterator[Piece]:
    """The words between two places, parted where reasons begin and end."""
    inside = [(max(a, start), min(b, end)) for a, b in told if a < end and start < b]
    cuts = sorted({start, end, *(edge for span in inside for edge in span)})
    for a, b in pairwise(cuts):
        yield Piece(disarmed(text[a:b]), reason=_touches((a, b), inside))
