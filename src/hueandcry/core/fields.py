"""The members of one JSON object, read one by one: each in the one form that it may have.

Standard library only, since the offline verifier stands on it. Whatever is wrong is Malformed with
the code of the object that is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from typing import Any, Final, TypeVar
from uuid import UUID

from hueandcry.core.errors import Malformed
from hueandcry.core.strictjson import MAX_INTEGER
from hueandcry.core.times import read_time
from hueandcry.core.types import Micros

MAX_TEXT: Final = 4_000  #: characters of one text

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_T = TypeVar("_T")


class Fields:
    """An object that has exactly the members `names`; anything else is Malformed."""

    def __init__(self, said: object, code: str, names: Set[str]) -> None:
        self._code = code
        if not isinstance(said, dict):
            raise self._wrong("This is no object")
        if said.keys() != names:
            wrong = ", ".join(ascii(name)[:40] for name in sorted(said.keys() ^ names)[:4])
            raise self._wrong(f"This lacks or has too much: {wrong}")
        self._said: dict[str, Any] = said

    def only(self, name: str, value: str | int) -> None:
        """The member is this value and no other."""
        said = self._said[name]
        if type(said) is not type(value) or said != value:
            raise self._not(name, repr(value))

    def form(self, name: str, form: re.Pattern[str], what: str) -> str:
        """Text of this form."""
        said = self._said[name]
        if not isinstance(said, str) or not form.fullmatch(said):
            raise self._not(name, what)
        return said

    def text(self, name: str, *, empty: bool = False) -> str:
        """Text for people: bounded, without control characters; blank only where `empty` is."""
        said = self._said[name]
        if not isinstance(said, str) or len(said) > MAX_TEXT or _CONTROLS.search(said):
            raise self._not(name, f"text of at most {MAX_TEXT:,} characters")
        if not said.strip() and not (empty and not said):
            raise self._not(name, "text that says something")
        return said

    def digest(self, name: str) -> str:
        """A SHA-256, or a fingerprint."""
        return self.form(name, _DIGEST, "a SHA-256 in lower-case hex")

    def uuid7(self, name: str) -> UUID:
        return UUID(self.form(name, _UUID7, "a UUIDv7"))

    def count(self, name: str) -> int:
        """An integer that is not negative and that every JSON reader keeps."""
        said = self._said[name]
        if type(said) is not int or not 0 <= said <= MAX_INTEGER:
            raise self._not(name, "a count")
        return said

    def time(self, name: str) -> Micros:
        said = self._said[name]
        if not isinstance(said, str):
            raise self._not(name, "a time")
        return read_time(said)

    def maybe(self, name: str, read: Callable[[str], _T]) -> _T | None:
        """None for null, else what `read` makes of the member."""
        return None if self._said[name] is None else read(name)

    def object(self, name: str, names: Set[str]) -> Fields:
        """The object in this member."""
        return Fields(self._said[name], self._code, names)

    def maybe_object(self, name: str, names: Set[str]) -> Fields | None:
        """None for null, else the object in this member."""
        return None if self._said[name] is None else self.object(name, names)

    def objects(self, name: str, names: Set[str], most: int) -> list[Fields]:
        """The objects in the list that this member is."""
        said = self._said[name]
        if not isinstance(said, list) or len(said) > most:
            raise self._not(name, f"a list of at most {most}")
        return [Fields(each, self._code, names) for each in said]

    def _not(self, name: str, what: str) -> Malformed:
        return self._wrong(f"`{name}` is not {what}")

    def _wrong(self, what: str) -> Malformed:
        return Malformed(self._code, what)
