"""Which signals are shielded now: no more than persons who may be coerced, so read whole."""

from __future__ import annotations

from typing import Final

from django.db import connection

#: The rows of shielded signals, for other statements too.
ROWS: Final = (
    "SELECT s.id FROM signals_shield h JOIN signals_signal s ON s.key = h.key "
    "WHERE h.ended_at IS NULL"
)
#: Verdict and code of a packed verdict: `no_claims`, and `benign` by a local decision.
_LATE: Final = f"{ROWS} AND ((s.v_clear & 63) NOT IN (0, 5) OR (s.v_green & 63) NOT IN (0, 5))"


def all_keys() -> frozenset[bytes]:
    """The keys of all shielded signals, also of those that nobody spoke of here."""
    sql = "SELECT DISTINCT key FROM signals_shield WHERE ended_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return frozenset(bytes(row[0]) for row in cursor.fetchall())


def rows() -> frozenset[int]:
    """The row numbers of those that somebody spoke of."""
    return frozenset(_numbers(ROWS))


def late() -> list[int]:
    """The rows that still answer others by their claims: who wrote did not see the shield."""
    return _numbers(_LATE)


def _numbers(sql: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]
