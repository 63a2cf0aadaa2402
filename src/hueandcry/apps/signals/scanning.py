"""Queries that walk through the signals in bounded steps, without locks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from hueandcry.apps.signals.queries import SignalRow
from hueandcry.core.types import Micros
from hueandcry.engine.store.dialect import dialect


class Packed(NamedTuple):
    """A signal with the packed verdicts of the audiences clear, green and own."""

    id: int
    value: str
    verdicts: tuple[int, int, int]
    until: Micros | None


def by_key(keys: Sequence[bytes]) -> dict[bytes, SignalRow]:
    """The signals of these keys."""
    sql = "SELECT key, id, kind, value FROM signals_signal WHERE key {values}"
    rows = dialect().select_in(sql, keys, "bytea")
    return {bytes(row[0]): SignalRow(bytes(row[0]), *row[1:]) for row in rows}


def between(after: int, last: int, kind: int) -> list[Packed]:
    """The signals of one kind in a range of rows, in order: the range bounds the work."""
    sql = (
        "SELECT id, value, v_clear, v_green, v_own, verdict_until FROM signals_signal "
        "WHERE id > %s AND id <= %s AND kind = %s ORDER BY id"
    )
    return [Packed(r[0], r[1], (r[2], r[3], r[4]), r[5]) for r in _rows(sql, [after, last, kind])]


def newest() -> int:
    """The row number of the newest signal: an upper bound of how many there are."""
    found: int = _rows("SELECT COALESCE(MAX(id), 0) FROM signals_signal", [])[0][0]
    return found


def verdict_counts(column: str) -> list[tuple[int, int]]:
    """(packed verdict, how many signals): reads the whole table."""
    sql = f"SELECT {column}, COUNT(*) FROM signals_signal GROUP BY {column}"
    return [(row[0], row[1]) for row in _rows(sql, [])]


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
