"""The ledger for people to leaf through: entries with what they speak of, heads, proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from hueandcry.core import jcs, notes
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import face, queries
from hueandcry.engine.ledger.models import Checkpoint, Entry, Logged

#: Longest record that is read for a list: every one that we write is far shorter.
MAX_RECORD = 1 << 20


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry. `record` is None where its opening was erased, or was never ours to keep."""

    index: int
    commitment: bytes
    type: str  #: of the record; empty when it is erased
    record: Mapping[str, Any] | None
    published: bool  #: whether a signed head covers it


@dataclass(frozen=True, slots=True)
class HeadView:
    """One decided head; `note` is None until it is signed."""

    size: int
    epoch: int
    root: bytes
    decided_at: Micros
    note: bytes | None


def entries(*, before: int | None = None, limit: int = 50) -> list[EntryView]:
    """Entries, newest first, below an index: one statement for each table that logs."""
    rows = Entry.objects.order_by("-index")
    if before is not None:
        rows = rows.filter(index__lt=before)
    found = list(rows[:limit])
    records = _records([row.index for row in found])
    newest = queries.newest_signed()
    size = newest.size if newest else 0
    return [_entry(row, records.get(row.index), size) for row in found]


def _entry(row: Entry, record: bytes | None, size: int) -> EntryView:
    facts = jcs.parse(record, max_bytes=MAX_RECORD) if record else None
    said = facts if isinstance(facts, dict) else None
    kind = str(said["type"]) if said else ""
    return EntryView(row.index, row.entry, kind, said, row.index < size)


def _logged() -> list[type[Logged]]:
    return [model for model in apps.get_models() if issubclass(model, Logged)]


def _records(indexes: Sequence[int]) -> dict[int, bytes]:
    """Index → record of those that are not erased."""
    found: dict[int, bytes] = {}
    for model in _logged():
        rows = model._default_manager.filter(log_index__in=indexes, log_record__isnull=False)
        for index, record in rows.values_list("log_index", "log_record"):
            if index is not None and record is not None:
                found[index] = bytes(record)
    return found


def heads(*, before: int | None = None, limit: int = 20) -> list[HeadView]:
    """Our heads of this epoch, largest first, below a size."""
    rows = Checkpoint.objects.filter(epoch=queries.epoch()).order_by("-size")
    return [
        _head(row) for row in (rows if before is None else rows.filter(size__lt=before))[:limit]
    ]


def head_of(size: int) -> HeadView | None:
    """Our head of exactly this size; None when we never decided one."""
    row = Checkpoint.objects.filter(epoch=queries.epoch(), size=size).first()
    return _head(row) if row else None


def _head(row: Checkpoint) -> HeadView:
    return HeadView(row.size, row.epoch, row.root, row.decided_at, row.note)


def opening_at(index: int) -> tuple[bytes, bytes]:
    """(record, salt) of the entry at an index; raises NotFound once the opening was erased."""
    for model in _logged():
        rows = model._default_manager.filter(log_index=index, log_record__isnull=False)
        for record, salt in rows.values_list("log_record", "log_salt"):
            if record is not None and salt is not None:
                return bytes(record), bytes(salt)
    raise NotFound("opening", f"Entry {index} has no opening here, or it was erased")


def proof_file(index: int) -> bytes:
    """A C2SP tlog-proof of one entry under the newest signed head, with its commitment as extra.

    Raises Conflict before a head covers it, NotFound for an entry that there is not.
    """
    entry = queries.entries_at([index]).get(index)
    newest = queries.newest_signed()
    if entry is None:
        raise NotFound("entry", f"The ledger has no entry {index}")
    if newest is None or newest.note is None or newest.size <= index:
        do = "Ask again in a few seconds"
        raise Conflict("not_published", f"No signed head covers entry {index} yet", do=do)
    hashes = face.proof(index, newest.size)
    return notes.ProofFile(index, hashes, newest.note, entry).encode()


def commitment_at(index: int) -> bytes:
    """The 33 bytes of an entry; raises NotFound."""
    entry = queries.entries_at([index]).get(index)
    if entry is None:
        raise NotFound("entry", f"The ledger has no entry {index}")
    return entry
