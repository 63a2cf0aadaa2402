"""Gap-free order for change feeds: one head row, advanced inside the writer's transaction."""

from __future__ import annotations

from django.db import connection

from hueandcry.core.errors import Broken
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.store.models import Head

#: Locked in this order, always, so that two writers never wait for each other.
FEED = "feed"
LEDGER = "ledger"


def advance(head: str, n: int) -> int:
    """Takes the next `n` positions, counted from 1, and returns the first; locked until commit.

    Whoever reads committed rows up to a position can never miss one below it.
    """
    if head == LEDGER:
        # A transaction that logs first and feeds later would otherwise lock in the other order.
        dialect().lock(Head, FEED)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE store_head SET value = value + %s WHERE name = %s RETURNING value", [n, head]
        )
        row = cursor.fetchone()
    if row is None:
        raise Broken("no_head", f"The counter {head!r} is missing", do="Run `hueandcry doctor`")
    return int(row[0]) - n + 1


def hold(head: str) -> None:
    """Locks a head until the transaction ends: what its writers wrote stands still from here on."""
    dialect().lock(Head, head)


def restore(head: str, value: int) -> bool:
    """Puts a counter back that is missing; False where it is there, whatever it says."""
    _, made = Head.objects.get_or_create(name=head, defaults={"value": value})
    return made


def position(head: str) -> int:
    """The last position that is committed (or written by this transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM store_head WHERE name = %s", [head])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
