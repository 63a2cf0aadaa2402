"""The worked examples in docs/cooperation/examples, read as a person would read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from hueandcry.core.ids import uuid7
from hueandcry.core.law import LAW, InForce, Party
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.cli import form_given

FOLDER = Path(__file__).resolve().parents[1] / "docs/cooperation/examples"

_HEAD = re.compile(
    r"# (?P<type>[A-Z_]+): (?P<title>.+)\n"
    r"# from: (?P<sender>.+)\n"
    r"# to: (?P<receiver>.+)\n"
    r"# basis: (?P<basis>[a-z-]+)\n"
    r"# on: (?P<on>\S+)\n"
    r"(?:# needs: (?P<needs>[a-z-]+) in force for (?P<parties>[A-Z, ]+)\n)?"
    r"#\n"
    r"(?P<story>(?:# .+\n)+)\n"
)
_SIDE = re.compile(r"(?P<name>.+) \((?P<country>[A-Z]{2}): (?P<roles>[a-z0-9, ]+)\)")
#: A field with the comment above it; a record may go on over several lines.
_FIELD = re.compile(r"^# (.+)\n(?:\[\[)?([a-z_]+)(?:\]\]|\.[a-z_]+ = | = )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two members."""

    name: str
    party: Party


@dataclass(frozen=True, slots=True)
class Example:
    """What a file says: its head, its fields, and the comment above each field."""

    type: str
    title: str
    sender: Side
    receiver: Side
    basis: str
    at: Micros
    needs: tuple[InForce, ...]  #: what the registry that is shipped does not have in force
    given: dict[str, Any]
    comments: dict[str, str]

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at // SECOND, UTC).date()

    @property
    def request(self) -> UUID:
        """The id of the request; files name each other by it."""
        return uuid7(self.at, (list(LAW.types).index(self.type) + 1).to_bytes(10, "big"))

    @property
    def signers(self) -> tuple[str, ...]:
        """One where a duty officer may send it alone, else two."""
        return ("p-1",) if LAW.types[self.type].one_may_send else ("p-1", "p-2")


@cache
def example(type: str) -> Example:
    """The example of a type; fails where its head is of another form."""
    path = FOLDER / f"{type}.toml"
    text = path.read_text("utf-8")
    head = _HEAD.match(text)
    assert head is not None, f"the head of {path.name}"
    parties = (head["parties"] or "").split(", ") if head["needs"] else []
    return Example(
        head["type"],
        head["title"],
        _side(head["sender"]),
        _side(head["receiver"]),
        head["basis"],
        read_rfc3339(head["on"]),
        tuple(InForce(head["needs"], party, date(2026, 1, 1)) for party in parties),
        form_given.read(path, ()),
        {name: comment for comment, name in _FIELD.findall(text)},
    )


def _side(text: str) -> Side:
    found = _SIDE.fullmatch(text)
    assert found is not None, text
    return Side(found["name"], Party(found["country"], frozenset(found["roles"].split(", "))))
