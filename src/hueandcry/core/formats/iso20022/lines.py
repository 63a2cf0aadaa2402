"""What the messages have no element for, as lines of additional information: `/VALT/2026-…`.

The words are ours. A bank that does not know them shows the lines to a person, as any others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element
from hueandcry.core.formats.iso20022.parts import CODE, TEXTS
from hueandcry.core.formats.iso20022.records import Money, Outcome
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Micros

_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
#: Word → what stands after it. A line of another form is a note.
WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "VALT": _INSTANT,  # when the money left
    "FRTP": re.compile(r"[\s\S]+"),  # lure and method
    "CMPL": re.compile(r"[\s\S]+"),  # reference of the complaint
    "OUTC": re.compile("|".join(Outcome)),
    "HELD": re.compile(rf"{TEXTS['Currency']} {TEXTS['Amount']}"),
    "UNTL": _INSTANT,  # when the hold ends
    "GONE": _INSTANT,  # when the money went on
}
_LINE: Final = re.compile(r"/([A-Z]{4})/([\s\S]*)")


def written(said: Mapping[str, str], notes: Iterable[str]) -> list[str]:
    """A line for each word that has something to say, then the notes."""
    own = [f"/{word}/{text}" for word, text in said.items() if text]
    found = [*own, *notes]
    read, _ = split(found, said)
    if {word: text for word, text in said.items() if text} != read:
        raise Malformed(CODE, "A note begins as one of our own lines does, or a value has no line")
    return found


def split(lines: Iterable[str], words: Collection[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The first line of each word that this message has, and all others as notes."""
    said: dict[str, str] = {}
    notes: list[str] = []
    for line in lines:
        word, text = _word(line)
        if word in words and word not in said:
            said[word] = text
        else:
            notes.append(line)
    return said, tuple(notes)


def added(element: Element) -> Iterable[str]:
    """All lines of all reasons of an element, in order."""
    for reasons in element.children:
        if reasons.name.endswith("RsnInf"):
            yield from (each.text for each in reasons.every("AddtlInf"))


def instant(at: Micros | None) -> str:
    return time_text(at) if at is not None else ""


def read_instant(text: str) -> Micros | None:
    return read_time(text) if text else None


def amount(of: Money | None) -> str:
    return f"{of.currency} {of.amount}" if of is not None else ""


def read_amount(text: str) -> Money | None:
    currency, _, number = text.partition(" ")
    return Money(number, currency) if text else None


def _word(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    form = WORDS.get(found[1]) if found else None
    if found is None or form is None or not form.fullmatch(found[2]):
        return "", ""
    if form is _INSTANT and not _is_instant(found[2]):
        return "", ""
    return found[1], found[2]


def _is_instant(text: str) -> bool:
    try:
        read_time(text)
    except Malformed:
        return False
    return True
