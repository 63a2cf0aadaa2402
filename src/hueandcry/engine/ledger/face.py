"""Commit to acts, open the commitments, and prove that the log holds them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction

from hueandcry.core import jcs, tlog
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.tiles import Tile, TileReader
from hueandcry.engine.ledger import publisher, queries
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint, Entry, Logged
from hueandcry.engine.store import feed
from hueandcry.engine.store.dialect import dialect

__all__ = [
    "Logged",
    "SignedHead",
    "append",
    "append_many",
    "checkpoint",
    "checkpoint_covering",
    "consistency",
    "epoch",
    "head",
    "missing_tiles",
    "opening",
    "proof",
    "rebuild",
    "signed_size",
    "tile",
    "top",
]

_RESERVED = {"v", "type"}


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A signed checkpoint: `note` is the whole C2SP note over `size` and `root`."""

    size: int
    root: bytes
    note: bytes


def append(kind: str, row: Logged, /, **facts: Any) -> int:
    """Commits to `facts` in the caller's transaction, saves `row` with the opening; the index."""
    return append_many(kind, [(row, facts)])[0]


def append_many(kind: str, rows: Sequence[tuple[Logged, Mapping[str, Any]]]) -> range:
    """As `append`, for several rows with their facts at once; the indexes in the same order.

    Other ledger writers wait from here until the transaction ends: append late.
    """
    opened = [(_record(kind, facts), secrets.token_bytes(tlog.SALT_LENGTH)) for _, facts in rows]
    entries = [tlog.commitment(record, salt) for record, salt in opened]
    with transaction.atomic(savepoint=False):
        first = feed.advance(feed.LEDGER, len(rows)) - 1
        indexes = range(first, first + len(rows))
        for index, (row, _), (record, salt) in zip(indexes, rows, opened, strict=True):
            _put(row, index, record, salt)
        dialect().insert(Entry, ("index", "entry"), list(zip(indexes, entries, strict=True)), "")
        _save([row for row, _ in rows])
    return indexes


def _record(kind: str, facts: Mapping[str, Any]) -> bytes:
    if not _RESERVED.isdisjoint(facts):
        raise Malformed("fact", "A fact cannot be called `v` or `type`: the record says these")
    return jcs.canonical({"v": 1, "type": kind, **facts})


def _put(row: Logged, index: int, record: bytes, salt: bytes) -> None:
    if row.log_index is not None:
        raise Conflict("already_logged", f"This row is entry {row.log_index} of the ledger already")
    row.log_index, row.log_record, row.log_salt = index, record, salt


def _save(rows: Sequence[Logged]) -> None:
    fresh: dict[type[Logged], list[Logged]] = {}
    for row in rows:
        if row._state.adding and len(rows) > 1:
            fresh.setdefault(type(row), []).append(row)
        else:
            row.save()
    for model, many in fresh.items():
        manager: models.Manager[Logged] = model._default_manager
        manager.bulk_create(many)


def opening(row: Logged) -> tuple[bytes, bytes, int]:
    """(record, salt, index): what discloses an entry; raises NotFound once it was erased."""
    if row.log_index is None or row.log_record is None or row.log_salt is None:
        raise NotFound("opening", "This row has no entry in the ledger, or its opening was erased")
    return row.log_record, row.log_salt, row.log_index


def epoch() -> int:
    """The epoch of the log, which its origin `<host>/log/<epoch>` names; 0 at first."""
    return queries.epoch()


def head() -> int:
    """How many entries the log has."""
    return queries.size()


def checkpoint() -> bytes | None:
    """The newest signed checkpoint as a C2SP note; None before the first."""
    newest = queries.newest_signed()
    return None if newest is None else newest.note


def signed_size() -> int:
    """How many entries the newest signed checkpoint covers; 0 before the first."""
    newest = queries.newest_signed()
    return 0 if newest is None else newest.size


def checkpoint_covering(index: int) -> SignedHead | None:
    """The smallest signed checkpoint over the entry at `index`; None if there is none yet."""
    return _signed_head(queries.first_signed_over(index))


def _signed_head(row: Checkpoint | None) -> SignedHead | None:
    if row is None or row.note is None:
        return None
    return SignedHead(row.size, row.root, row.note)


def top() -> int:
    """How many entries are stored, whatever the counter says."""
    return queries.stored()


def missing_tiles() -> list[str]:
    """The parts of the published log that its folder lacks, by path."""
    return publisher.missing_tiles(settings.DATA)


def rebuild(holder: str) -> bool:
    """Makes the published log's tiles again from its entries; False while another publishes."""
    return publisher.rebuild(settings.DATA, holder)


def proof(index: int, size: int) -> list[bytes]:
    """The inclusion proof of one entry in the log of `size` entries, the leaf's sibling first.

    Raises NotFound for a size that is not yet published.
    """
    return tlog.inclusion_proof(index, size, TileReader(size, _folder().read))


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the log of `old` entries is a prefix of the one of `new`."""
    return tlog.consistency_proof(old, new, TileReader(new, _folder().read))


def tile(path: str) -> bytes:
    """The bytes under `tile/…` of the log; raises Malformed or NotFound."""
    place = Tile.read(path)
    return _folder().read(place)


def _folder() -> LogFolder:
    return LogFolder(settings.DATA, queries.epoch())
