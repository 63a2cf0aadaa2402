"""Reading a table of a data file strictly: each member of its form, none left over.

Whoever edits these files is a lawyer, not a programmer: every refusal names the file, the table and
the member, and says what belongs there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from hueandcry.core.errors import Malformed

MAX_FILE: Final = 1 << 20  #: bytes


def parsed(name: str, data: bytes) -> Row:
    """One TOML text as a table; Malformed where it is none."""
    if len(data) > MAX_FILE:
        raise _refused(name, f"it has {len(data)} bytes, the bound is {MAX_FILE}")
    try:
        return Row(name, tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as fault:
        raise _refused(name, f"it is not TOML: {fault}") from None


class Row:
    """One table; what was taken from it is crossed off, and `close` refuses what is left."""

    def __init__(self, place: str, members: Mapping[str, Any]) -> None:
        self.place = place
        self._left = dict(members)

    def text(self, name: str, otherwise: str | None = None) -> str:
        value = self._left.pop(name, otherwise)
        if not isinstance(value, str) or (not value and otherwise is None):
            raise self.refused(name, "must be a text")
        return value

    def flag(self, name: str) -> bool:
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise self.refused(name, "must be true or false")
        return value

    def day(self, name: str) -> date | None:
        """A day as TOML has it, without quotes and without a time; None where it is not given."""
        value = self._left.pop(name, None)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.refused(name, "must be a day, as in 2026-01-31, without quotes")
        return value

    def texts(self, name: str, *, needed: bool = False) -> tuple[str, ...]:
        value = self._left.pop(name, None if needed else [])
        if not isinstance(value, list) or not all(isinstance(x, str) and x for x in value):
            raise self.refused(name, "must be a list of texts")
        if len(set(value)) != len(value) or (needed and not value):
            raise self.refused(name, "must not be empty, and name nothing twice")
        return tuple(value)

    def table(self, name: str) -> dict[str, Any]:
        value = self._left.pop(name, {})
        if not isinstance(value, dict):
            raise self.refused(name, "must be a table")
        return value

    def tables(self, name: str) -> list[Row]:
        """The rows of an array of tables, each by its number from 1."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.refused(name, "must be a list of tables")
        return [Row(f"{self.place}, {name} {n}", each) for n, each in enumerate(value, 1)]

    def named(self, name: str) -> dict[str, Row]:
        """The tables within a table, by name."""
        value = self.table(name)
        if not all(isinstance(each, dict) for each in value.values()):
            raise self.refused(name, "must hold tables only")
        return {key: Row(f"{self.place}, {name}.{key}", each) for key, each in value.items()}

    def names(self) -> tuple[str, ...]:
        """The members that were not taken yet, as they stand in the file."""
        return tuple(self._left)

    def close(self) -> None:
        """Refuses members that nobody asked for: a misspelt one would otherwise be lost."""
        for name in self._left:
            raise self.refused(name, "is not known here")

    def refused(self, name: str, why: str) -> Malformed:
        return _refused(self.place, f"{name!r} {why}")


def _refused(place: str, why: str) -> Malformed:
    return Malformed(
        "law_file",
        f"The data file of the law cannot be used: {place}: {why}",
        do="Correct the file; docs/cooperation/ says what belongs where",
    )
