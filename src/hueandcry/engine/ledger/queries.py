"""Every query of the ledger on its own tables."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models
from django.db.models import Max

from hueandcry.core.errors import Broken
from hueandcry.engine.ledger.models import Checkpoint, Entry
from hueandcry.engine.store import feed
from hueandcry.engine.store.dialect import dialect

#: Counts the successions of this log (PROTOCOL 5); kept with the heads.
EPOCH = "epoch"


def epoch() -> int:
    """The epoch in which entries are now appended."""
    return feed.position(EPOCH)


def size() -> int:
    """How many entries there are; the next one gets this index."""
    return feed.position(feed.LEDGER)


def stored() -> int:
    """How many entries the table reaches to, whatever the counter says."""
    top = Entry.objects.aggregate(top=Max("index"))["top"]
    return 0 if top is None else int(top) + 1


def entries(start: int, end: int) -> list[bytes]:
    """The entries [start, end) in order; raises Broken when one is missing."""
    held = entries_held(start, end)
    missing = next((index for index in range(start, end) if index not in held), None)
    if missing is not None:
        raise Broken(
            "entry_missing", f"The ledger has no entry {missing}", do="Run `hueandcry log verify`"
        )
    return [held[index] for index in range(start, end)]


def entries_held(start: int, end: int) -> dict[int, bytes]:
    """Index → entry for [start, end), without those that are missing."""
    sql = 'SELECT "index", entry FROM ledger_entry WHERE "index" >= %s AND "index" < %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end])
        return dict(cursor.fetchall())


def entries_at(indexes: Sequence[int]) -> dict[int, bytes]:
    """Index → entry for these indexes, without those that are missing."""
    sql = 'SELECT "index", entry FROM ledger_entry WHERE "index" {values}'
    return dict(dialect().select_in(sql, indexes, "bigint"))


def newest_decided() -> Checkpoint | None:
    """The largest head that was decided, signed or not."""
    return Checkpoint.objects.filter(epoch=epoch()).order_by("-size").first()


def newest_signed() -> Checkpoint | None:
    """The largest head that was signed."""
    return _signed().order_by("-size").first()


def first_signed_over(index: int) -> Checkpoint | None:
    """The smallest signed head that covers the entry at `index`."""
    return _signed().filter(size__gt=index).order_by("size").first()


def _signed() -> models.QuerySet[Checkpoint]:
    return Checkpoint.objects.filter(epoch=epoch(), note__isnull=False)
