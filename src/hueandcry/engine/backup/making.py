"""A backup of this node while it runs: one moment of the database, its keys, its blobs.

The root key is never in it: it is not the node's, but the member's, and lies elsewhere. The
`secret` is: without it a restored node could open none of its own keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hueandcry.core.errors import Broken, Conflict
from hueandcry.core.types import Micros
from hueandcry.engine.backup import archive, columns
from hueandcry.engine.backup.columns import Table
from hueandcry.engine.backup.models import Backup
from hueandcry.engine.backup.snapshot import Snapshot, applied, snapshot
from hueandcry.engine.keys import files as key_files
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work

FORMAT = 1
_json = msgspec.json.Encoder()
#: As the store of blobs names them; what is still being written has another form.
_BLOB = "*/??/" + "[0-9a-f]" * 32


@dataclass(slots=True)
class Manifest:
    """What a backup holds: digest and count of each table and file, where each counter stands."""

    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def value(self) -> dict[str, Any]:
        return {"tables": self.tables, "files": self.files, "counters": self.counters}


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is on the disk, was read again and is in the ledger."""

    path: Path
    sha256: bytes
    size: int
    rows: int
    log_end: int
    at: Micros


def make(path: Path, to: list[str], node: dict[str, str], at: Micros) -> Made:
    """Writes one backup to the new file `path`, readable by each of the keys in `to`."""
    check_tables()
    manifest = Manifest()
    with snapshot() as found:
        log_end = int(found.one("SELECT value FROM store_head WHERE name = 'ledger'") or 0)
        pieces = _pieces(found, manifest, node, at)
        sha256, size = archive.write(path, to, pieces)
    rows = sum(int(each["rows"]) for each in manifest.tables.values())
    made = Made(path, sha256, size, rows, log_end, at)
    beside = path.with_name(path.name + ".sha256")
    key_files.write_secret(beside, f"{sha256.hex()}  {path.name}\n".encode())
    if not ledger.restoring():
        _log(made, to)
    return made


def check_tables() -> None:
    """Raises Conflict while the tables are not those of this version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Conflict("tables", "The tables are of an older version", do="Run `hueandcry serve`")


def _log(made: Made, to: list[str]) -> None:
    row = Backup(
        at=made.at,
        sha256=made.sha256,
        size=made.size,
        rows=made.rows,
        log_end=made.log_end,
        recipients="\n".join(to),
    )
    with unit_of_work():
        ledger.append("backup", row, sha256=made.sha256.hex(), size=made.size, to=to)


def _pieces(
    found: Snapshot, manifest: Manifest, node: dict[str, str], at: Micros
) -> Iterator[bytes]:
    head = {
        "v": FORMAT,
        "made_at": at,
        "software": version("hueandcry"),
        "node": node,
        "database": connection.vendor,
        "migrations": applied(),
        "without": columns.left_out(),
    }
    yield from archive.member("backup.json", _json.encode(head), at)
    for table in columns.tables():
        yield from _table(found, table, manifest, at)
    yield from _files(manifest, at)
    yield from archive.member("manifest.json", _json.encode(manifest.value()), at)


def _table(found: Snapshot, table: Table, manifest: Manifest, at: Micros) -> Iterator[bytes]:
    shape = {"columns": table.columns, "key": table.key, "counted": table.counted}
    yield from archive.member(f"tables/{table.name}/columns.json", _json.encode(shape), at)
    digest, rows = hashlib.sha256(), 0
    for n, part in enumerate(found.rows(table)):
        data = _json.encode_lines(part)
        digest.update(data)
        rows += len(part)
        yield from archive.member(f"tables/{table.name}/{n:06d}.ndjson", data, at)
    manifest.tables[table.name] = {"rows": rows, "sha256": digest.hexdigest()}
    if table.counted:
        manifest.counters[table.name] = found.counter(table)


def _files(manifest: Manifest, at: Micros) -> Iterator[bytes]:
    for name, path in _kept_files():
        try:
            digest, size = archive.digest_of(path)
        except FileNotFoundError:
            continue  # a blob that was shredded since it was listed
        manifest.files[name] = {"size": size, "sha256": digest.hex()}
        yield from archive.member_of(f"files/{name}", path, size, at)


def _kept_files() -> Iterable[tuple[str, Path]]:
    """The secret, the sealed keys and the blobs: by name, and nothing else that lies there."""
    data: Path = settings.DATA
    secret: Path = settings.ENVIRONMENT.secret_file
    if not secret.is_file():
        raise Broken("secret", f"There is no secret at {secret}", do="Put it back first")
    yield "secret", secret
    for folder, form in (("keys", "*.sealed"), ("blobs", _BLOB)):
        for path in sorted((data / folder).glob(form)):
            if path.is_file() and not path.is_symlink():
                yield str(path.relative_to(data)), path


def newest() -> Backup | None:
    """The last backup that was made of this node."""
    return Backup.objects.order_by("-at").first()


def outdated(folder: Path, keep: int) -> list[Path]:
    """The backups in a folder beyond the newest `keep`, as their names date them."""
    found = sorted(folder.glob("hueandcry-*.backup.age"), key=lambda path: path.name[-29:])
    return found[:-keep] if keep else []
