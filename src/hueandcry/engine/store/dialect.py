"""One dialect per database: the few statements that differ, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Protocol

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

Row = Sequence[Any]

#: Values to one statement: SQLite allows 32 766 parameters, and long lists plan slowly.
IN_CHUNK = 500


class Dialect(Protocol):
    """What the engine asks of a database beyond portable SQL."""

    #: Whether a transaction keeps every other writer out, from its beginning.
    one_writer: bool

    def insert(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], suffix: str
    ) -> None:
        """Inserts all `rows` in one round trip; `suffix` is an ON CONFLICT clause or empty.

        Values are as the database keeps them (JSON as text). With DO UPDATE no two rows may meet
        in one row of the table.
        """

    def update(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Sets `columns[1:]` on the row that `columns[0]` names; each is named once."""

    def select_in(self, sql: str, values: Sequence[Any], kind: str) -> Iterator[tuple[Any, ...]]:
        """Runs `sql` with `{values}` standing for the list; `kind` is the PostgreSQL type.

        A row is found once, however often its value is named; the order of rows is open.
        """

    def next_ids(self, model: type[models.Model], n: int) -> range | list[int]:
        """`n` primary keys, never used before, for explicit bulk inserts in this transaction."""

    def lock(self, model: type[models.Model], key: int | str) -> None:
        """Holds the row with this primary key until the transaction ends."""

    def apart(self) -> AbstractContextManager[CursorWrapper]:
        """A cursor whose statements outlive this transaction, where the database has such."""

    def purging(self) -> None:
        """Makes this connection overwrite what it deletes from now on, where it would not."""

    def scrub(self, tables: Sequence[str]) -> None:
        """After a purge, outside transactions: no deleted byte stays, and indexes are made well."""

    def notify(self) -> None:
        """Tells listeners in other processes that this transaction will have changed rows."""


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


class Sqlite:
    """SQLite: executemany in one IMMEDIATE transaction; others see commits by data_version."""

    one_writer = True

    def insert(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], suffix: str
    ) -> None:
        marks = ", ".join(["%s"] * len(columns))
        table = model._meta.db_table
        sql = f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({marks}) {suffix}'
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)

    def update(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        sets = ", ".join(f'"{column}" = %s' for column in columns[1:])
        sql = f'UPDATE "{_table(model)}" SET {sets} WHERE "{columns[0]}" = %s'
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(*row[1:], row[0]) for row in rows])

    def select_in(self, sql: str, values: Sequence[Any], kind: str) -> Iterator[tuple[Any, ...]]:
        for part in chunks(values):
            marks = "IN (" + ", ".join(["%s"] * len(part)) + ")"
            with connection.cursor() as cursor:
                cursor.execute(sql.format(values=marks), part)
                yield from cursor.fetchall()

    def next_ids(self, model: type[models.Model], n: int) -> range | list[int]:
        # Of the table's own counter, because MAX(id) would hand out the id of a deleted row again.
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [_table(model)])
            (top,) = cursor.fetchone() or (0,)
        return range(top + 1, top + 1 + n)

    def lock(self, model: type[models.Model], key: int | str) -> None:
        return None  # its transactions are IMMEDIATE: one writer, who holds everything

    @contextmanager
    def apart(self) -> Iterator[CursorWrapper]:
        with connection.cursor() as cursor:
            yield cursor

    def purging(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")

    def scrub(self, tables: Sequence[str]) -> None:
        with connection.cursor() as cursor:
            # What was overwritten in the file may still stand in the log beside it.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
            cursor.execute("PRAGMA optimize")

    def notify(self) -> None:
        return None


class Postgres:
    """PostgreSQL: one statement over arrays; LISTEN and NOTIFY between processes."""

    CHANNEL = "hueandcry"
    one_writer = False

    def _types(self, model: type[models.Model], columns: Sequence[str]) -> list[str]:
        fields = {field.column: field for field in model._meta.concrete_fields}
        return [fields[c].rel_db_type(connection) or "text" for c in columns]

    def _arrays(self, model: type[models.Model], columns: Sequence[str]) -> str:
        return ", ".join(f"%s::{_array_type(kind)}[]" for kind in self._types(model, columns))

    def insert(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], suffix: str
    ) -> None:
        if not rows:
            return
        sql = (
            f'INSERT INTO "{_table(model)}" ({_names(columns)}) '
            f"SELECT * FROM unnest({self._arrays(model, columns)}) {suffix}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])

    def update(
        self, model: type[models.Model], columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        if not rows:
            return
        sets = ", ".join(f'"{column}" = new."{column}"' for column in columns[1:])
        sql = (
            f'UPDATE "{_table(model)}" AS old SET {sets} '
            f"FROM unnest({self._arrays(model, columns)}) AS new ({_names(columns)}) "
            f'WHERE old."{columns[0]}" = new."{columns[0]}"'
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])

    def select_in(self, sql: str, values: Sequence[Any], kind: str) -> Iterator[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(values=f"= ANY(%s::{kind}[])"), [list(values)])
            yield from cursor.fetchall()

    def next_ids(self, model: type[models.Model], n: int) -> range | list[int]:
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        with connection.cursor() as cursor:
            cursor.execute(sql, [_table(model), n])
            return [row[0] for row in cursor.fetchall()]

    def lock(self, model: type[models.Model], key: int | str) -> None:
        column = _key_column(model)
        sql = f'SELECT 1 FROM "{_table(model)}" WHERE "{column}" = %s FOR UPDATE'
        with connection.cursor() as cursor:
            cursor.execute(sql, [key])

    @contextmanager
    def apart(self) -> Iterator[CursorWrapper]:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                yield cursor
        finally:
            other.close()

    def purging(self) -> None:
        return None  # dead rows go with the vacuum

    def scrub(self, tables: Sequence[str]) -> None:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f'VACUUM (ANALYZE) "{table}"')

    def notify(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {self.CHANNEL}")


def _array_type(kind: str) -> str:
    return "text" if kind.startswith("varchar") else kind


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _key_column(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The values in parts that one statement can take, none of them in two parts."""
    if len(values) > IN_CHUNK:
        values = list(dict.fromkeys(values))
    for start in range(0, len(values), IN_CHUNK):
        yield values[start : start + IN_CHUNK]


def connection_parameters() -> dict[str, Any]:
    """What psycopg needs for a connection of its own to the configured database."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return dict(parameters)


@cache
def dialect() -> Dialect:
    """The dialect of the configured database."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()
