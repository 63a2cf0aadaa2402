"""Every query of the ledger on its own tables."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection, models
from django.db.models import Max

from hueandcry.core.errors import Broken
from hueandcry.engine.ledger.models import Checkpoint, Entry, Epoch, Logged
from hueandcry.engine.store import feed

#: (key of the row, position, salt, record, entry there): None for what was erased, or is missing.
Opening = tuple[int, int, bytes | None, bytes | None, bytes | None]


class Span(NamedTuple):
    """The positions [first, end) that are held of one epoch; `end` None: it still grows."""

    number: int
    first: int
    end: int | None

    def holds(self, position: int) -> bool:
        return self.first <= position and (self.end is None or position < self.end)


def span() -> Span:
    """The epoch in which entries are now appended."""
    sql = "SELECT number, first FROM ledger_epoch ORDER BY number DESC LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return Span(int(row[0]), int(row[1]), None) if row else Span(0, 0, None)


def spans() -> list[Span]:
    """Every epoch, the first one first."""
    rows = list(Epoch.objects.order_by("number"))
    ends: list[int | None] = [row.kept for row in rows[1:]]
    return [
        Span(row.number, row.first, end) for row, end in zip(rows, [*ends, None], strict=True)
    ] or [Span(0, 0, None)]


def span_of(number: int) -> Span | None:
    """One epoch by number."""
    return next((each for each in spans() if each.number == number), None)


def epoch() -> int:
    """The number of the epoch in which entries are now appended."""
    return span().number


def size() -> int:
    """Where the log ends: the next entry gets this position."""
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
    """Position → entry for [start, end), without those that are missing."""
    sql = 'SELECT "index", entry FROM ledger_entry WHERE "index" >= %s AND "index" < %s'
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end])
        return dict(cursor.fetchall())


def openings(model: type[Logged], start: int, end: int, limit: int) -> list[Opening]:
    """At most `limit` rows of one table at positions of [start, end), each with its entry.

    Without the models: `log verify` reads every row that there is.
    """
    sql = (
        f'SELECT r."{model._meta.pk.column}", r.log_index, r.log_salt, r.log_record, e.entry'
        f' FROM "{model._meta.db_table}" r LEFT JOIN ledger_entry e ON e."index" = r.log_index'
        " WHERE r.log_index >= %s AND r.log_index < %s ORDER BY r.log_index LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, end, limit])
        found: list[Opening] = cursor.fetchall()
        return found


def newest_decided(number: int) -> Checkpoint | None:
    """The largest head of an epoch that was decided, signed or not."""
    return Checkpoint.objects.filter(epoch=number).order_by("-size").first()


def newest_signed(number: int | None = None) -> Checkpoint | None:
    """The largest head that was signed, of one epoch or of all."""
    rows = _signed() if number is None else _signed().filter(epoch=number)
    return rows.order_by("-size").first()


def first_signed_over(position: int) -> Checkpoint | None:
    """The smallest signed head that covers the entry at `position`, in that one's own epoch."""
    over = next((each for each in reversed(spans()) if each.holds(position)), None)
    if over is None:
        return None
    rows = _signed().filter(epoch=over.number, size__gt=position)
    return rows.order_by("size").first()


def _signed() -> models.QuerySet[Checkpoint]:
    return Checkpoint.objects.filter(note__isnull=False)
