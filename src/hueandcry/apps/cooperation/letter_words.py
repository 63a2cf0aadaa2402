"""What a letter says beside its content, in each language that there is one in. Words only.

The words are files in `letters`. A translation that no lawyer of that language has read says
so on the letter itself; English counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hueandcry.core.errors import NotFound
from hueandcry.core.law import LAW
from hueandcry.core.law.tables import KINDS
from hueandcry.engine import sheets


@dataclass(frozen=True, slots=True)
class Words:
    """One language's letter. `{…}` is filled in; nothing in a text is markup."""

    language: str
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
    if language not in sheets.LANGUAGES:
        raise NotFound(
            "language",
            f"There are no letters in the language {ascii(language)[:20]}",
            why="Nobody has translated their words",
            do=f"Use one of: {', '.join(sheets.LANGUAGES)}",
        )
    return Words(**{**_of_the_law(), **sheets.words(__package__, "letters", language)})


def _of_the_law() -> dict[str, Mapping[str, str]]:
    """What the law itself calls things, in English."""
    return {
        "kind": KINDS,
        "type": {code: each.title for code, each in LAW.types.items()},
        "field": {name: each.what for name, each in LAW.fields.items()},
    }
