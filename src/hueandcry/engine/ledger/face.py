"""Commit to acts, open the commitments, and prove that the log holds them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction

from hueandcry.core import jcs, tlog
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.tiles import Tile, TileReader
from hueandcry.engine.ledger import pending, publisher, queries, witnessed
from hueandcry.engine.ledger.cosigned import (
    Cosigner,
    SignedHead,
    cosigners,
    newest,
    newest_with,
)
from hueandcry.engine.ledger.cosigned import add as add_cosignature
from hueandcry.engine.ledger.cosigned import covering as cosigned_covering
from hueandcry.engine.ledger.cosigned import size_at as cosigned_size
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Entry, ForeignHead, Logged
from hueandcry.engine.ledger.queries import Span
from hueandcry.engine.store import adding, feed
from hueandcry.engine.store.dialect import dialect

__all__ = [
    "Cosigner",
    "Logged",
    "SignedHead",
    "Span",
    "add_cosignature",
    "append",
    "append_many",
    "check_clear",
    "checkpoint",
    "checkpoint_covering",
    "consistency",
    "cosigned_covering",
    "cosigned_size",
    "cosigners",
    "epoch",
    "erase_openings",
    "foreign_epochs",
    "foreign_heads",
    "head",
    "keep_foreign_head",
    "known",
    "missing_tiles",
    "newest",
    "newest_with",
    "opening",
    "proof",
    "rebuild",
    "restoring",
    "signed_size",
    "span",
    "spans",
    "tile",
    "top",
]

_RESERVED = {"v", "type"}

T = TypeVar("T")


def known(find: Callable[[], T | None]) -> T | None:
    """What `find` finds of what is kept once; at first nothing, it looks again when it is alone.

    None stays true until the transaction ends: other ledger writers wait from here on.
    """
    found = find()
    if found is None:
        feed.hold(feed.FEED)  # first, as `feed.advance` locks
        feed.hold(feed.LEDGER)
        found = find()
    return found


def append(kind: str, row: Logged, /, **facts: Any) -> int:
    """Commits to `facts` in the caller's transaction, saves `row` with the opening; the index."""
    return append_many(kind, [(row, facts)])[0]


def append_many(kind: str, rows: Sequence[tuple[Logged, Mapping[str, Any]]]) -> range:
    """As `append`, for several rows with their facts at once; the indexes in the same order.

    Other ledger writers wait from here until the transaction ends: append late. Raises TooMany
    while this node, restored from a backup, does not know yet how far its log had got.
    """
    pending.check_clear()
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
        elif row._state.adding and row.pk is None and adding.takes(type(row)):
            adding.add([row])
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


def span() -> Span:
    """The epoch in which entries are now appended, with the position where it begins."""
    return queries.span()


def spans() -> list[Span]:
    """Every epoch of this log, the first one first."""
    return queries.spans()


def head() -> int:
    """Where the log ends: how many positions were ever given."""
    return queries.size()


def check_clear() -> None:
    """Raises TooMany, which asks to come again, while this restored node may log nothing yet."""
    pending.check_clear()


def restoring() -> bool:
    """Whether this node was restored and may log and sign nothing yet (PROTOCOL 5)."""
    return pending.pending()


def checkpoint(number: int | None = None) -> bytes | None:
    """The newest signed checkpoint, of one epoch or of all, as a C2SP note; None before it."""
    newest = queries.newest_signed(number)
    return None if newest is None else newest.note


def signed_size() -> int:
    """How many entries the newest signed checkpoint covers; 0 before the first."""
    newest = queries.newest_signed()
    return 0 if newest is None else newest.size


def checkpoint_covering(index: int) -> SignedHead | None:
    """The smallest signed checkpoint over the entry at position `index`; None: there is none."""
    row = queries.first_signed_over(index)
    if row is None or row.note is None:
        return None
    over = _span(row.epoch)
    return SignedHead(row.size - over.first, row.root, row.note, over.number, over.first)


def top() -> int:
    """How many entries are stored, whatever the counter says."""
    return queries.stored()


def missing_tiles() -> list[str]:
    """The parts of the published log that its folder lacks, by path."""
    return publisher.missing_tiles(settings.DATA)


def rebuild(holder: str) -> bool:
    """Makes the tiles of every epoch again from its entries; False while another publishes."""
    return publisher.rebuild(settings.DATA, holder)


def _span(number: int) -> Span:
    found = queries.span_of(number)
    if found is None:
        raise NotFound("no_such_log", f"There is no epoch {number} of this log")
    return found


def proof(index: int, size: int, number: int | None = None) -> list[bytes]:
    """The inclusion proof of the entry at position `index` in its epoch's tree of `size` entries.

    The leaf's sibling first. Raises NotFound for a size that is not yet published.
    """
    over = queries.span() if number is None else _span(number)
    read = TileReader(size, _folder(over.number).read)
    return tlog.inclusion_proof(index - over.first, size, read)


def consistency(old: int, new: int, number: int | None = None) -> list[bytes]:
    """The proof that an epoch's tree of `old` entries is a prefix of the one of `new`."""
    number = queries.epoch() if number is None else number
    return tlog.consistency_proof(old, new, TileReader(new, _folder(number).read))


def tile(path: str, number: int | None = None) -> bytes:
    """The bytes under `tile/…` of the log; raises Malformed or NotFound."""
    place = Tile.read(path)
    return _folder(queries.epoch() if number is None else number).read(place)


def _folder(number: int) -> LogFolder:
    return LogFolder(settings.DATA, number)


def erase_openings(model: type[Logged], keys: Sequence[int]) -> int:
    """Erases record and salt of these rows: their entries prove that there was one, and no more."""
    rows = model._default_manager.filter(pk__in=keys, log_record__isnull=False)
    return rows.update(log_record=None, log_salt=None)


def keep_foreign_head(origin: str, size: int, note: bytes) -> bool:
    """Keeps the largest head that we were shown of another log's epoch; whether it is news."""
    row, made = ForeignHead.objects.get_or_create(
        origin=origin, defaults={"size": size, "note": note}
    )
    if made:
        return True
    larger = ForeignHead.objects.filter(pk=row.pk, size__lt=size)
    return larger.update(size=size, note=note) == 1


def foreign_heads(log: str) -> list[tuple[str, int, bytes]]:
    """(origin, size, note) of the heads that we hold of the log `<host>/log`, every epoch."""
    rows = ForeignHead.objects.filter(origin__startswith=f"{log}/").order_by("origin")
    return [(row.origin, row.size, row.note) for row in rows]


def foreign_epochs(log: str) -> set[int]:
    """The epochs of the log `<host>/log` of which we hold a head, shown or cosigned."""
    shown = [origin for origin, _, _ in foreign_heads(log)]
    cosigned = [row.origin for row in witnessed.of_log(log)]
    return {int(origin.rpartition("/")[2]) for origin in (*shown, *cosigned)}
