"""Words that decide at once which page and which desk a report is for, in ten languages.

A plain search for phrases, in time linear in the text: it may be wrong, and then it only offers
help to somebody who needs none. Whether something is a scam is not decided here.
"""

from __future__ import annotations

import json
import unicodedata
from importlib.resources import files
from typing import Final

from hueandcry.apps.reports.rules import Flag


def _read() -> dict[Flag, tuple[str, ...]]:
    text = files("hueandcry.apps.reports").joinpath("signs.json").read_text("utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    return {
        Flag[name.upper()]: tuple(dict.fromkeys(_plain(p) for many in by.values() for p in many))
        for name, by in table.items()
    }


def _plain(text: str) -> str:
    """One form of what is written alike: full width, case, apostrophes, runs of blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.split())


PHRASES: Final = _read()


def flags(text: str) -> Flag:
    """The flags whose phrases stand in a text."""
    plain = _plain(text)
    found = Flag(0)
    for flag, phrases in PHRASES.items():
        if any(phrase in plain for phrase in phrases):
            found |= flag
    return found
