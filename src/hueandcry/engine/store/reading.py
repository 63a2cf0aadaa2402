"""Read-only connections of one thread each, for the doors that must answer in microseconds."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import quote

from django.db import connection

from hueandcry.engine.store.dialect import IN_CHUNK, chunks, connection_parameters

_local = threading.local()


class Reader(Protocol):
    """Runs SQL on what is committed, each statement on the newest."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs `sql`, whose marks are `?` and which holds no other `?` and no `%`."""

    def rows_in(self, sql: str, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        """Runs `sql` with `{many}` standing for a condition over all of `values` (bytes).

        A row is found once, however often its value is named; the order of rows is open.
        """

    def usable(self) -> bool:
        """Whether another statement may work: not after the server went away."""

    def close(self) -> None:
        """Ends the connection."""


class _SqliteReader:
    def __init__(self, path: str) -> None:
        uri = f"file:{quote(path)}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, timeout=20, isolation_level=None)
        self._db.execute("PRAGMA query_only = 1")
        self._db.execute("PRAGMA mmap_size = 1073741824")
        self._db.execute("PRAGMA cache_size = -16000")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()

    def rows_in(self, sql: str, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for part in chunks(values):
            # Padding with a repeated value keeps the statement text, and so its plan, the same.
            size = next(n for n in _SIZES if n >= len(part))
            marks = _MARKS[size]
            padded = [*part, *[part[-1]] * (size - len(part))]
            found += self._db.execute(sql.replace("{many}", marks), padded).fetchall()
        return found

    def usable(self) -> bool:
        return True

    def close(self) -> None:
        self._db.close()


_SIZES = (1, 2, 4, 8, 20, 60, 200, IN_CHUNK)
_MARKS = {n: "IN (" + ",".join("?" * n) + ")" for n in _SIZES}


class _PostgresReader:
    def __init__(self, parameters: dict[str, Any]) -> None:
        import psycopg

        self._db = psycopg.connect(**parameters, autocommit=True)
        self._db.execute("SET default_transaction_read_only = on")

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(sql.replace("?", "%s"), values, prepare=True).fetchall()

    def rows_in(self, sql: str, values: Sequence[bytes]) -> list[tuple[Any, ...]]:
        text = sql.replace("{many}", "= ANY(%s::bytea[])")
        return self._db.execute(text, [list(values)], prepare=True).fetchall()

    def usable(self) -> bool:
        return not self._db.closed

    def close(self) -> None:
        self._db.close()


def reader() -> Reader:
    """This thread's read-only connection; opened at first use, and again after it broke."""
    known: Reader | None = getattr(_local, "reader", None)
    if known is None or not known.usable():
        known = _local.reader = _open()
    return known


def _open() -> Reader:
    if connection.vendor == "postgresql":
        return _PostgresReader(connection_parameters())
    return _SqliteReader(str(connection.settings_dict["NAME"]))


def close_reader() -> None:
    """Closes this thread's reader, if any; the next use opens a new one."""
    known = getattr(_local, "reader", None)
    if known is not None:
        known.close()
        del _local.reader
