"""One moment of the whole database, read while others go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from hueandcry.engine.backup.columns import Table, from_sqlite, selection, turned
from hueandcry.engine.store.dialect import connection_parameters

if TYPE_CHECKING:
    import psycopg

#: Rows that are read at once.
STEP = 2_000


class Snapshot(Protocol):
    """A database at one moment."""

    def rows(self, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
        """Every row of a table in the form that travels, some at a time, by its key."""

    def counter(self, table: Table) -> int:
        """The highest number that the table's own counter has given out; 0 for none."""

    def one(self, sql: str) -> Any:
        """The first column of the first row; None when there is no row."""


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """The configured database as it is now, until the block ends."""
    if connection.vendor == "postgresql":
        import psycopg

        with psycopg.connect(**connection_parameters()) as db:
            db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            db.read_only = True
            yield _Postgres(db)
            db.rollback()
        return
    uri = f"file:{quote(str(connection.settings_dict['NAME']))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=20, isolation_level=None)) as lite:
        lite.execute("BEGIN")
        lite.execute(
            "SELECT 1 FROM django_migrations LIMIT 1"
        ).fetchone()  # from here on: one moment
        yield _Sqlite(lite)


class _Sqlite:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def rows(self, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
        found = self._db.execute(selection(table, postgres=False))
        turns = from_sqlite(table)
        while part := found.fetchmany(STEP):
            yield list(turned(part, turns))

    def counter(self, table: Table) -> int:
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        row = self._db.execute(sql, [table.name]).fetchone()
        return int(row[0]) if row else 0

    def one(self, sql: str) -> Any:
        row = self._db.execute(sql).fetchone()
        return row[0] if row else None


class _Postgres:
    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db

    def rows(self, table: Table) -> Iterator[Sequence[Sequence[Any]]]:
        with self._db.cursor(name="backup") as cursor:
            cursor.execute(selection(table, postgres=True))
            while part := cursor.fetchmany(STEP):
                yield part

    def counter(self, table: Table) -> int:
        name = self.one(f"SELECT pg_get_serial_sequence('\"{table.name}\"', '{table.key}')")
        if name is None:
            return 0
        return int(self.one(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}"))

    def one(self, sql: str) -> Any:
        row = self._db.execute(sql).fetchone()
        return row[0] if row else None


def applied() -> list[list[str]]:
    """The migrations that made these tables, as [app, name], in order."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())
