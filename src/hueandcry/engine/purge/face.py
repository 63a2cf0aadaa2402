"""Deleting what must not be kept any longer, so that neither a peer nor a backup brings it back.

A room registers what it purges; one run asks each in turn, in steps of bounded size. Each step is
one transaction, with one entry in the ledger that counts what it deleted; keyed tombstones stay.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings

from hueandcry.core.errors import Malformed
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge.models import Erased, Purge
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.store.work import unit_of_work

__all__ = [
    "Due",
    "Mark",
    "Sort",
    "any_erased",
    "begin",
    "due",
    "erased",
    "keep_marks",
    "mac",
    "note",
    "read_erasures",
    "register",
    "run",
    "scrub",
    "write_erasure",
]

CONTEXT: Final = "erasure"

#: Rows of one sort in one transaction.
STEP: Final = 500

#: Folders of the node with copies of rows, which are made anew when somebody asks for them.
COPIES: Final = ("lists",)

#: Where explicit erasures are written as well, to be kept apart from every backup.
FILE: Final = "erasures.ndjson"


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of rows: how many are due, a step that purges some of them, the tables it touches.

    A step runs in its caller's transaction and gives the rows that it deleted; 0: none is due.
    """

    name: str
    due: Callable[[Micros], int]
    step: Callable[[Micros, int], int]
    tables: tuple[str, ...]


@dataclass(slots=True)
class Due:
    """What a run found or purged, by sort."""

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


_sorts: dict[str, Sort] = {}


def register(sort: Sort) -> None:
    """Makes a sort known; a room does so where it is loaded, before anything runs."""
    _sorts[sort.name] = sort


def due(at: Micros) -> Due:
    """How many rows of each sort a run would purge now."""
    return Due({sort.name: sort.due(at) for sort in _sorts.values()})


def run(at: Micros, reason: str = "retention") -> Due:
    """Purges all that is due, logged with counts. Raises TooMany while nothing can be logged."""
    ledger.check_clear()
    dialect().purging()
    found = Due()
    touched: list[str] = []
    for sort in list(_sorts.values()):
        while rows := _step(sort, at, reason):
            found.counts[sort.name] = found.counts.get(sort.name, 0) + rows
        if found.counts.get(sort.name):
            touched += sort.tables
    if found.total:
        scrub(list(dict.fromkeys(touched)))
    return found


def _step(sort: Sort, at: Micros, reason: str) -> int:
    with unit_of_work():
        rows = sort.step(at, STEP)
        if rows:
            note({sort.name: rows}, reason, at)
    return rows


def scrub(tables: Sequence[str]) -> None:
    """Outside transactions, after deletions: nothing of what was deleted stays in the files."""
    dialect().scrub(tables)
    for name in COPIES:
        shutil.rmtree(settings.DATA / name, ignore_errors=True)


def begin() -> None:
    """Before deletions: what this connection deletes from now on is overwritten."""
    dialect().purging()


def note(counts: Mapping[str, int], reason: str, at: Micros) -> None:
    """One act for what the caller's transaction deletes."""
    row = Purge(at=at, reason=reason, counts=dict(counts))
    ledger.append("purge", row, at=time_text(at), reason=reason, counts=dict(counts))


# --- tombstones -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """What a tombstone remembers of a thing: which version went, and whether for ever."""

    modified: Micros
    terminal: bool


def mac(kind: str, data: bytes) -> bytes:
    """The 32 bytes under which this node, and nobody else, knows `data` again."""
    return own().mac(f"{CONTEXT}/{kind}", data)


def keep_marks(kind: str, rows: Iterable[tuple[bytes, Micros, bool]], at: Micros) -> None:
    """Leaves tombstones of (data, modified, terminal) in the caller's transaction."""
    columns = ("kind", "mac", "modified", "terminal", "at")
    made = [(kind, mac(kind, data), modified, terminal, at) for data, modified, terminal in rows]
    suffix = (
        "ON CONFLICT (kind, mac) DO UPDATE SET modified = EXCLUDED.modified, "
        "terminal = EXCLUDED.terminal, at = EXCLUDED.at"
    )
    dialect().insert(Erased, columns, made, suffix)


def any_erased(kind: str) -> bool:
    """Whether anything of this kind ever was erased."""
    return Erased.objects.filter(kind=kind).exists()


def erased(kind: str, wanted: Sequence[bytes]) -> dict[bytes, Mark]:
    """Of these data those that were erased, with what is remembered of each."""
    if not wanted or not any_erased(kind):
        return {}
    macs = {mac(kind, data): data for data in wanted}
    sql = "SELECT mac, modified, terminal FROM purge_erased WHERE mac {values}"
    rows = dialect().select_in(sql, list(macs), "bytea")
    return {macs[bytes(row[0])]: Mark(row[1], bool(row[2])) for row in rows}


def write_erasure(kind: str, data: bytes, at: Micros) -> None:
    """Adds one explicit erasure to the file that is kept apart from backups, durably.

    It holds keyed tombstones only: without this node's secret it says nothing about anybody.
    """
    line = json.dumps({"kind": kind, "mac": mac(kind, data).hex(), "at": at})
    path: Path = settings.DATA / FILE
    with open(path, "a", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_erasures(path: Path) -> set[tuple[str, bytes]]:
    """(kind, mac) of every line of such a file; raises Malformed."""
    found = set()
    for n, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            found.add((str(said["kind"]), bytes.fromhex(said["mac"])))
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("erasures", f"Line {n} of {path} is no erasure") from error
    return found
