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

    size: int  #: entries of its epoch's tree, as the note says
    end: int  #: the position where it ends: the cursor of lists
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
    signed = _signed()
    return [
        _entry(row, records.get(row.index), any(row.index in each for each in signed))
        for row in found
    ]


def _signed() -> list[range]:
    """The positions that signed heads cover, epoch by epoch."""
    found = []
    for span in queries.spans():
        head = queries.newest_signed(span.number)
        if head is not None:
            end = head.size if span.end is None else min(head.size, span.end)
            found.append(range(span.first, end))
    return found


def _entry(row: Entry, record: bytes | None, published: bool) -> EntryView:
    facts = jcs.parse(record, max_bytes=MAX_RECORD) if record else None
    said = facts if isinstance(facts, dict) else None
    kind = str(said["type"]) if said else ""
    return EntryView(row.index, row.entry, kind, said, published)


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
    """Our heads of every epoch, the newest first, below a position."""
    rows = Checkpoint.objects.order_by("-size")
    if before is not None:
        rows = rows.filter(size__lt=before)
    firsts = {span.number: span.first for span in queries.spans()}
    return [_head(row, firsts.get(row.epoch, 0)) for row in rows[:limit]]


def head_of(size: int, epoch: int) -> HeadView | None:
    """Our head of an epoch's tree of exactly this size; None when we never decided one."""
    span = queries.span_of(epoch)
    if span is None:
        return None
    row = Checkpoint.objects.filter(epoch=epoch, size=span.first + size).first()
    return _head(row, span.first) if row else None


def _head(row: Checkpoint, first: int) -> HeadView:
    return HeadView(row.size - first, row.size, row.epoch, row.root, row.decided_at, row.note)


def opening_at(index: int) -> tuple[bytes, bytes]:
    """(record, salt) of the entry at an index; raises NotFound once the opening was erased."""
    for model in _logged():
        rows = model._default_manager.filter(log_index=index, log_record__isnull=False)
        for record, salt in rows.values_list("log_record", "log_salt"):
            if record is not None and salt is not None:
                return bytes(record), bytes(salt)
    raise NotFound("opening", f"Entry {index} has no opening here, or it was erased")


def proof_file(index: int, under: face.SignedHead | None = None) -> bytes:
    """A C2SP tlog-proof of one entry; extra: its commitment.

    It is proved `under` a head that covers it, or under the first signed one. Its index is the
    place in the tree of its epoch. Raises Conflict before a head covers it, NotFound for an entry
    that there is not.
    """
    entry = commitment_at(index)
    over = under or face.checkpoint_covering(index)
    if over is None:
        do = "Ask again in a few seconds"
        raise Conflict("not_published", f"No signed head covers entry {index} yet", do=do)
    hashes = face.proof(index, over.size, over.epoch)
    return notes.ProofFile(index - over.first, hashes, over.note, entry).encode()


def commitment_at(index: int) -> bytes:
    """The 33 bytes of an entry; raises NotFound."""
    entry = queries.entries_held(index, index + 1).get(index)
    if entry is None:
        raise NotFound("entry", f"The ledger has no entry {index}")
    return entry
