"""What a letter says beside its content, in each language that there is one in. Words only.

The words are files in `letters`. A translation that no lawyer of that language has read says
so on the letter itself; English counts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from hueandcry.core.errors import NotFound
from hueandcry.core.law import LAW
from hueandcry.core.law.tables import KINDS

ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "th", "vi", "id", "ms", "km", "lo", "my", "fil", "zh-hans")


@dataclass(frozen=True, slots=True)
class Words:
    """One language's letter. `{…}` is filled in; nothing in a text is markup."""

    language: str
    family: str  #: the font that has its letters
    note: str  #: below the title: what a translation is worth that nobody has reviewed
    label: Mapping[str, str]
    says: Mapping[str, str]
    section: Mapping[str, str]
    member: Mapping[str, str]  #: of a record
    kind: Mapping[str, str]  #: of an instrument → what makes it the basis
    type: Mapping[str, str]
    field: Mapping[str, str]


@cache
def words(language: str) -> Words:
    """The words in a language; NotFound where there are none in it."""
    if language not in LANGUAGES:
        raise NotFound(
            "language",
            f"There are no letters in the language {ascii(language)[:20]}",
            why="Nobody has translated their words",
            do=f"Use one of: {', '.join(LANGUAGES)}",
        )
    source = files(__package__).joinpath("letters", f"{language}.toml").read_text("utf-8")
    return Words(**{**_of_the_law(), **tomllib.loads(source)})


def _of_the_law() -> dict[str, Mapping[str, str]]:
    """What the law itself calls things, in English."""
    return {
        "kind": KINDS,
        "type": {code: each.title for code, each in LAW.types.items()},
        "field": {name: each.what for name, each in LAW.fields.items()},
    }
