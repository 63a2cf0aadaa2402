"""What a preservation asks for, as far as a machine can tell: the reports and exhibits it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import guess, normalise
from hueandcry.core.types import Kind, Signal

_SHA_256: Final = "sha-256:"
#: What people call a kind, beside its own name.
_CALLED: Final[Mapping[str, Kind]] = {
    "account": Kind.BANK_ACCOUNT,
    "bank account": Kind.BANK_ACCOUNT,
    "e-mail": Kind.EMAIL,
    "exhibit": Kind.FILE_HASH,
    "file": Kind.FILE_HASH,
    "hash": Kind.FILE_HASH,
    "link": Kind.URL,
    "number": Kind.PHONE,
    "sha-256": Kind.FILE_HASH,
    "telephone": Kind.PHONE,
    **{kind.value: kind for kind in Kind},
}


@dataclass(frozen=True, slots=True)
class Found:
    """Reports by number and exhibits by id that match, and how many items no machine could read."""

    reports: frozenset[int] = frozenset()
    exhibits: frozenset[UUID] = frozenset()
    unread: int = 0

    def __len__(self) -> int:
        return len(self.reports) + len(self.exhibits)


def find(given: Mapping[str, Any]) -> Found:
    """What the items of a request match here, now: reports that name one, and exhibits.

    An exhibit matches by its own digest, as a file of such a report, or as made of one that does.
    """
    items = given.get("items") or ()
    read = signals_of(items)
    digests = {bytes.fromhex(found) for each in read if (found := _digest(each))}
    exhibits = evidence.keepable(digests | reports.files_of(read))
    return Found(frozenset(reports.naming(read)), frozenset(exhibits), len(items) - len(read))


def signals_of(items: Iterable[Mapping[str, Any]]) -> list[Signal]:
    """What items are as signals, one for each that can be read as one.

    A number without its country is nobody's: the two sides may be in different ones.
    """
    return [signal for each in items if (signal := _signal(each)) is not None]


def _signal(item: Mapping[str, Any]) -> Signal | None:
    kind = _CALLED.get(str(item.get("kind", "")).strip().lower())
    value = str(item.get("value", ""))
    try:
        return guess(value) if kind is None else normalise(kind, value)
    except Unreadable:
        return None


def _digest(signal: Signal) -> str:
    if signal.kind is Kind.FILE_HASH and signal.value.startswith(_SHA_256):
        return signal.value.removeprefix(_SHA_256)
    return ""
