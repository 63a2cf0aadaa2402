"""A backup becomes a node again, in an empty place and on either database.

Everything is checked before anything counts: the rows are committed in one transaction once every
digest of the manifest has been met, and the folder gets its name last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from hueandcry.core.errors import Conflict, Malformed, Untrusted
from hueandcry.core.types import Micros
from hueandcry.engine.backup import archive
from hueandcry.engine.backup.columns import TYPES, Table, tables, to_database, turned
from hueandcry.engine.backup.making import FORMAT
from hueandcry.engine.keys import files as key_files
from hueandcry.engine.ledger import publisher, queries, restored

#: Rows and bytes of what is read at once: no part that we write is larger.
_MOST = 256 * 1024 * 1024


class Head(msgspec.Struct):
    """`backup.json`: whose backup it is, of when, and of which tables."""

    v: int
    made_at: Micros
    software: str
    node: dict[str, str]
    database: str
    migrations: list[tuple[str, str]]
    without: list[str] = []


@dataclass(slots=True)
class Restored:
    """What was read out of a backup."""

    head: Head
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class Sink:
    """Where a backup goes; this one only looks, which is what checking a backup needs."""

    def begin(self, head: Head) -> None:
        """Before the first row."""

    def rows(self, table: Table, rows: list[Any]) -> None:
        """Some rows of a table, behind those that they point to."""

    def file(self, name: str, content: IO[bytes]) -> str:
        """One file; the digest of what was read."""
        return _drain(content, lambda piece: None)

    def end(self, counters: dict[str, int]) -> None:
        """Everything was read, and every digest met."""


def read(plain: Path, sink: Sink) -> Restored:
    """Reads an opened backup into `sink`; Malformed or Untrusted unless it is whole."""
    members = archive.members(plain)
    found = Restored(_head(members))
    sink.begin(found.head)
    hashes: dict[str, Any] = {}
    shapes: dict[str, Table] = {}
    for name, content, size in members:
        if size > _MOST and not name.startswith("files/"):
            raise Malformed("backup", f"{name} has {size} bytes, more than any part of a backup")
        if name == "manifest.json":
            found.digests = {table: each.hexdigest() for table, each in hashes.items()}
            sink.end(_checked(found, _decoded(content.read(), dict[str, Any])))
            return found
        if name.startswith("files/"):
            found.files[name.removeprefix("files/")] = sink.file(name[6:], content)
        else:
            _part(name, content.read(), sink, found, shapes, hashes)
    raise Untrusted("backup", "The backup ends before its manifest", do="Use another copy")


def _head(members: Iterator[tuple[str, IO[bytes], int]]) -> Head:
    name, content, _ = next(members, ("", None, 0))
    if name != "backup.json" or content is None:
        raise Malformed("backup", "This is no backup of a node")
    head: Head = _decoded(content.read(1 << 20), Head)
    if head.v != FORMAT:
        raise Malformed(
            "backup_version",
            f"The backup has format {head.v}, and this version reads {FORMAT}",
            do=f"Restore it with the software that made it: {head.software}",
        )
    return head


def _decoded(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise Malformed("backup", "A part of the backup cannot be read", why=str(error)) from None


def _part(
    name: str,
    data: bytes,
    sink: Sink,
    found: Restored,
    shapes: dict[str, Table],
    hashes: dict[str, Any],
) -> None:
    top, _, rest = name.partition("/")
    table, _, leaf = rest.partition("/")
    if top != "tables" or not leaf:
        raise Malformed("backup", f"{name[:80]!a} belongs in no backup")
    if leaf == "columns.json":
        shapes[table] = _shape(table, data)
        hashes[table], found.counts[table] = hashlib.sha256(), 0
        return
    if table not in shapes:
        raise Malformed("backup", f"The rows of {table[:80]!a} come before its columns")
    hashes[table].update(data)
    try:
        rows = msgspec.json.Decoder(shapes[table].row_type).decode_lines(data)
    except msgspec.MsgspecError as error:
        raise Malformed("backup", f"{name} cannot be read", why=str(error)) from None
    found.counts[table] += len(rows)
    found.rows += len(rows)
    sink.rows(shapes[table], rows)


def _shape(name: str, data: bytes) -> Table:
    said = _decoded(data, dict[str, Any])
    columns = tuple((str(column), str(kind)) for column, kind in said["columns"])
    if not columns or any(kind not in TYPES for _, kind in columns):
        raise Malformed("backup", f"The columns of {name} are of a kind that is not known here")
    return Table(name, columns, str(said["key"]), bool(said["counted"]))


def _checked(found: Restored, manifest: dict[str, Any]) -> dict[str, int]:
    """The counters, once everything that the manifest names is there and nothing more."""
    rows = {name: (each["rows"], each["sha256"]) for name, each in manifest["tables"].items()}
    held = {name: (found.counts[name], digest) for name, digest in found.digests.items()}
    kept = {name: each["sha256"] for name, each in manifest["files"].items()}
    if rows != held or kept != found.files:
        raise Untrusted(
            "backup_digest",
            "What is in the backup is not what its manifest says",
            do="Use another copy of it",
        )
    return dict(manifest["counters"])


def _drain(content: IO[bytes], take: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    while piece := content.read(1 << 20):
        digest.update(piece)
        take(piece)
    return digest.hexdigest()


# --- into the configured database and folder ------------------------------------------------------


class Place(Sink):
    """The configured, empty database, and the folder that the settings name.

    Enter it, read into it, leave it: the rows are committed when the block ends without an error.
    """

    def __init__(self) -> None:
        self._atomic = transaction.atomic(durable=True)
        self._cleared: set[str] = set()

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *error: Any) -> None:
        if connection.in_atomic_block:
            self._atomic.__exit__(*error)

    def begin(self, head: Head) -> None:
        """Makes exactly the tables that the backup was made of, whatever this version's are."""
        _migrate_to(head.migrations)
        self._atomic.__enter__()
        self._clear()

    def _clear(self) -> None:
        """What migrations put into new tables is in the backup as well, as it is by now."""
        names = connection.introspection.django_table_names(only_existing=True)
        wanted = [name for name in names if name != "django_migrations"]
        order = [table.name for table in tables()]
        wanted.sort(key=lambda name: order.index(name) if name in order else len(order))
        with connection.cursor() as cursor:
            for name in reversed(wanted):
                cursor.execute(f'DELETE FROM "{name}"')

    def rows(self, table: Table, rows: list[Any]) -> None:
        columns = ", ".join(f'"{name}"' for name, _ in table.columns)
        ready = turned(rows, to_database(table))
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                if table.name not in self._cleared:
                    # At once: checked at the end, every row would wait in memory until then.
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    self._cleared.add(table.name)
                with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
                    for row in ready:
                        copy.write_row(row)
                return
            marks = ", ".join(["%s"] * len(table.columns))
            sql = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'
            cursor.executemany(sql, list(ready))

    def file(self, name: str, content: IO[bytes]) -> str:
        data: Path = settings.DATA
        if name == "secret":
            return _secret(content)
        target = data / name
        if target.resolve() != target or target.exists():
            raise Malformed("backup", f"{name[:80]!a} has no place in a node's folder")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(target, "xb", opener=archive.private) as file:
            return _drain(content, file.write)

    def end(self, counters: dict[str, int]) -> None:
        with connection.cursor() as cursor:
            for name, value in counters.items():
                cursor.execute(*_counter(name, value))


def _secret(content: IO[bytes]) -> str:
    """Puts the secret where this node will look for it; one that is there must be the same."""
    path: Path = settings.ENVIRONMENT.secret_file
    secret = content.read(4_096)
    if path.exists() and path.read_bytes() != secret:
        raise Conflict(
            "secret",
            f"{path} holds another secret than the backup",
            why="Sealed keys open only under the secret that they were sealed with",
            do="Move it away, or name another HUEANDCRY_SECRET_FILE",
        )
    if not path.exists():
        key_files.write_secret(path, secret)
    return hashlib.sha256(secret).hexdigest()


def _counter(table: str, value: int) -> tuple[str, list[Any]]:
    """Numbers that were given out once are never given out again, not even of deleted rows."""
    if connection.vendor == "postgresql":
        sql = "SELECT setval(pg_get_serial_sequence(%s, 'id'), GREATEST(%s, 1), %s)"
        return sql, [f'"{table}"', value, value > 0]
    sql = "UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s"
    if not value:
        return sql, [0, table]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_sequence WHERE name = %s", [table])
        if cursor.fetchone() is None:
            return "INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", [value, table]
    return sql, [value, table]


def _migrate_to(state: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    known = set(executor.loader.graph.nodes)
    unknown = sorted(set(state) - known)
    if unknown:
        named = ", ".join(f"{app} {name}" for app, name in unknown[:3])
        raise Conflict(
            "newer_backup",
            f"The backup is of a newer version: this one does not know {named}",
            do="Restore it with that version or a later one",
        )
    wanted = set(state)
    # Each app's last one: what comes before it is made on the way.
    leaves = [
        node
        for node in state
        if not any(
            child.key in wanted and child.key[0] == node[0]
            for child in executor.loader.graph.node_map[node].children
        )
    ]
    executor.migrate(leaves)


def check_empty() -> None:
    """Raises Conflict unless the configured database holds no table yet."""
    names = connection.introspection.table_names()
    if not names:
        return
    with connection.cursor() as cursor:
        if "members_member" in names:
            cursor.execute("SELECT COUNT(*) FROM members_member")
            if cursor.fetchone()[0] == 0:
                return  # a restore that was interrupted, or a database that was only migrated
    raise Conflict(
        "not_empty",
        "The database is not empty",
        why="A restored node takes the place of one that is gone, never of one that is there",
        do="Make a new, empty database, or name another one",
    )


def finish(backup: bytes, head: Head, at: Micros) -> None:
    """Brings the tables to this version's, marks the node restored, and makes its tiles again."""
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic(durable=True):
        restored.mark(at, backup, head.made_at)
    for span in queries.spans():
        end = queries.size() if span.end is None else span.end
        publisher.write_tree(settings.DATA, span, end - span.first)
