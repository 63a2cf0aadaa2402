"""What a certificate says, in each language that there is one in. Words only.

The words are files in `certificates`. A translation that no lawyer of that language has read says
so on the sheet itself; English counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from hueandcry.core.custody import Action
from hueandcry.engine import sheets

#: Country → the language of its courts, where that is not English.
OF_COUNTRY: Final[Mapping[str, str]] = {
    **{"TH": "th", "VN": "vi", "ID": "id", "MY": "ms", "BN": "ms", "KH": "km"},
    **{"LA": "lo", "MM": "my", "CN": "zh-hans"},
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sheet. `{…}` is filled in; nothing in a text is markup."""

    language: str
    title: str
    note: str  #: below the title: what an unreviewed translation is worth; empty where it counts
    labels: Mapping[str, str]
    self_recipient: str
    nothing: str
    what: str
    what_text: str
    custody: str
    custody_text: str
    person: str  #: how a person is named beside the organisation
    actions: Mapping[Action, str]
    check: str
    check_steps: tuple[str, ...]
    proved: str
    proved_points: tuple[str, ...]
    unproved: str
    unproved_points: tuple[str, ...]
    foot: str


@cache
def words(language: str) -> Words:
    """The words in one of the languages of sheets."""
    told = sheets.words(__package__, "certificates", language)
    told["actions"] = {Action(name): text for name, text in told["actions"].items()}
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return Words(**{**told, **lists})
