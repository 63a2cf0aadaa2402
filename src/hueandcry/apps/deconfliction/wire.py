"""The words of a session as documents of the type `deconfliction` (PROTOCOL 3). Pure: forms only.

Points of the curve P-256 stand compressed, 33 bytes each, one after the other, in base64. They are
all that goes out that came from an item, and say nothing without the keys of both sides.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final
from uuid import UUID

from hueandcry.core.errors import Malformed
from hueandcry.core.fields import Fields
from hueandcry.core.matching import LAST, MOST, SIZES

DECONFLICTION: Final = "deconfliction"

POINT: Final = 33  #: bytes
CASES: Final = 100  #: references that are told after a hit

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})+")  # 100, 1 000 and 5 000 points have no rest
_SIGNS: Final = (2, 3)  #: the first byte of a point that is not at infinity

#: Word → what it says, and nothing else.
_SAYS: Final[Mapping[int, frozenset[str]]] = {
    1: frozenset({"commitment", "size", "blinded"}),
    2: frozenset({"blinded", "setup", "response"}),
    3: frozenset({"setup", "response", "hits"}),
    4: frozenset({"hits"}),
    5: frozenset({"contact", "cases"}),
}
_ALWAYS: Final = frozenset({"request", "word"})

Points = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a session; what it does not say is None."""

    request: UUID
    word: int
    commitment: str | None = None  #: to the set of who speaks
    size: int | None = None  #: of that set
    blinded: Points | None = None  #: that set under a key of its side
    setup: Points | None = None  #: the set of who answers, under another key of its side
    response: Points | None = None  #: what the other side blinded, under that key as well
    hits: int | None = None
    contact: str | None = None
    cases: tuple[str, ...] | None = None

    def body(self) -> dict[str, Any]:
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {
            name: _WRITE.get(name, _same)(value)
            for name, value in said.items()
            if value is not None
        }
        return {**told, "request": str(self.request)}

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Word:
        """The inverse of `body`; Malformed for any other form."""
        number = body.get("word")
        if type(number) is not int or number not in _SAYS:
            raise Malformed("deconfliction", f"A session has words from 1 to {LAST}")
        said = Fields(dict(body), "deconfliction", _ALWAYS | _SAYS[number])
        more = {name: _READ[name](said, name, body[name]) for name in _SAYS[number]}
        return cls(said.uuid7("request"), number, **more)


def _same(value: Any) -> Any:
    return value


def _write(points: Sequence[bytes]) -> str:
    return base64.b64encode(b"".join(points)).decode()


def _points(said: Fields, name: str, value: object) -> Points:
    """Distinct points, as many as one of the steps: of a set of distinct items there are no two."""
    data = base64.b64decode(said.form(name, _BASE64, "points in base64"))
    found = tuple(data[at : at + POINT] for at in range(0, len(data), POINT))
    if len(data) != len(found) * POINT or len(found) not in SIZES:
        raise Malformed("deconfliction", f"`{name}` has {len(data)} bytes, which no set has")
    if any(point[0] not in _SIGNS for point in found) or len(set(found)) != len(found):
        raise Malformed("deconfliction", f"`{name}` holds what is no point, or one twice")
    return found


def _size(said: Fields, name: str, value: object) -> int:
    if (size := said.count(name)) not in SIZES:
        raise Malformed("deconfliction", f"No set looks like {size}")
    return size


def _hits(said: Fields, name: str, value: object) -> int:
    if (hits := said.count(name)) > MOST:
        raise Malformed("deconfliction", f"{hits} hits are more than any set has")
    return hits


def _cases(said: Fields, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= CASES:
        raise Malformed("deconfliction", f"`{name}` is no list of at most {CASES} references")
    return tuple(Fields({name: each}, "deconfliction", {name}).text(name) for each in value)


_WRITE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "blinded": _write,
    "setup": _write,
    "response": _write,
    "cases": list,
}
_READ: Final[Mapping[str, Callable[[Fields, str, object], Any]]] = {
    "commitment": lambda said, name, _: said.digest(name),
    "size": _size,
    "blinded": _points,
    "setup": _points,
    "response": _points,
    "hits": _hits,
    "contact": lambda said, name, _: said.text(name),
    "cases": _cases,
}
