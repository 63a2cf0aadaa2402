"""What the manifest of a carried file says: its place in an export, and every item in it by digest.

The manifest is a document of type `carriage`, so that who wrote the file, for whom, and every byte
in it are under one signature (PROTOCOL 2). Items are the forms that else go over the peer door.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hueandcry.core.errors import Malformed

MAX_ITEMS = 2_048
MAX_ITEM = 16 * 1024 * 1024  #: bytes of one item
MAX_COUNT = 9_999  #: files of one export
MAX_NAMED = 1_000  #: manifests or cursors that one manifest names
MAX_SHOWN = 20  #: places that one manifest shows

MANIFEST = "manifest.jws"

_NAME = re.compile(r"[a-z]{1,12}-[0-9]{5}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SERIES = re.compile(r"[0-9a-f]{32}")
_MEMBERS = {"count", "cursor", "items", "number", "series", "shown", "taken"}


class Kind(StrEnum):
    """What an item holds."""

    CARD = "card"  #: the writer's own card
    DOCUMENTS = "documents"  #: one document in each line, in the order sent
    ENVELOPE = "envelope"  #: a page of the feed, as `POST /peer/v1/envelopes` takes it
    REPLIES = "replies"  #: what became of things in earlier files of the addressee's


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a file, in the order in which items are taken in."""

    name: str
    kind: Kind
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file: number `number` of the `count` files that the export `series` wrote.

    `cursor` is the reader's place in the writer's feed after this file and those before it in the
    series. `shown` are such places that the writer was given and has reached; `taken` are the
    manifests of the addressee whose replies travel in this series.
    """

    series: str
    number: int
    count: int
    cursor: str
    shown: tuple[str, ...]
    taken: tuple[str, ...]
    items: tuple[Item, ...]

    def has(self, kind: Kind) -> bool:
        """Whether the file has items of this kind."""
        return any(item.kind is kind for item in self.items)

    @property
    def brings(self) -> bool:
        """Whether there is anything in it that is to be confirmed."""
        return any(item.kind is not Kind.CARD for item in self.items)

    def body(self) -> dict[str, Any]:
        return {
            "series": self.series,
            "number": self.number,
            "count": self.count,
            "cursor": self.cursor,
            "shown": list(self.shown),
            "taken": list(self.taken),
            "items": [[item.name, item.kind.value, item.size, item.digest] for item in self.items],
        }


def read_manifest(body: Mapping[str, Any]) -> Manifest:
    """What a believed `carriage` document says; raises Malformed."""
    if set(body) != _MEMBERS:
        raise _wrong("members that nobody knows, or lacks one")
    series, number, count = body["series"], body["number"], body["count"]
    if not isinstance(series, str) or not _SERIES.fullmatch(series):
        raise _wrong("no series")
    if type(number) is not int or type(count) is not int or not 1 <= number <= count <= MAX_COUNT:
        raise _wrong("a number that is not one of its count")
    if not isinstance(body["cursor"], str):
        raise _wrong("a cursor that is no text")
    taken = _texts(body["taken"])
    if not all(_DIGEST.fullmatch(each) for each in taken):
        raise _wrong("a manifest that is not named by its digest")
    return Manifest(
        series,
        number,
        count,
        body["cursor"],
        _texts(body["shown"], MAX_SHOWN),
        taken,
        _items(body["items"]),
    )


def _texts(value: Any, most: int = MAX_NAMED) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(f"more than {most} names, or no list of them")
    if not all(isinstance(each, str) for each in value):
        raise _wrong("a name that is no text")
    return tuple(value)


def _items(value: Any) -> tuple[Item, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ITEMS:
        raise _wrong(f"no items, or more than {MAX_ITEMS}")
    items = tuple(_item(each) for each in value)
    if len({item.name for item in items}) != len(items):
        raise _wrong("two items of one name")
    return items


def _item(value: Any) -> Item:
    if not isinstance(value, list) or len(value) != 4:
        raise _wrong("an item that is not name, kind, size and digest")
    name, kind, size, digest = value
    texts = isinstance(name, str) and isinstance(kind, str) and isinstance(digest, str)
    if not texts or not _NAME.fullmatch(name) or not _DIGEST.fullmatch(digest):
        raise _wrong("an item with a name or digest that is none")
    if kind not in set(Kind) or type(size) is not int or not 0 < size <= MAX_ITEM:
        raise _wrong("an item of no known kind, or too large")
    return Item(name, Kind(kind), size, digest)


def _wrong(what: str) -> Malformed:
    return Malformed("carriage", f"The manifest of the file has {what}")


def reached(series: Sequence[tuple[int, str]]) -> str | None:
    """The cursor of the last file of an export up to which none is missing; None without the first.

    `series` are (number, cursor) of the files of one export that were taken in, in any order.
    """
    found, cursors = None, dict(series)
    for number in range(1, len(cursors) + 1):
        if number not in cursors:
            break
        found = cursors[number]
    return found
