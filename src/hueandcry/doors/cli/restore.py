"""A backup becomes a node again. Its keys come to their place last, so half a node never opens.

It is put together inside the folder itself, which may be a volume of its own or belong to the
service already.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hueandcry.core.errors import Conflict, NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command

if TYPE_CHECKING:
    from hueandcry.engine.backup.face import Restored


#: Where a node is put together before it is in its place.
STAGING = ".restoring"


def restore(
    file: Annotated[Path, typer.Argument(help="the backup")],
    identity: Annotated[Path, typer.Option(help="the file with the key that opens it")],
    database_url: Annotated[
        str, typer.Option(help="an empty PostgreSQL database; default: SQLite in the folder")
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="only open it and read all of it against its manifest")
    ] = False,
    json: Json = False,
) -> None:
    """Make this folder (--data) a node out of a backup; folder and database must be empty."""
    file, identity = file.absolute(), identity.absolute()
    if not file.is_file():
        raise NotFound("backup", f"There is no file {file}")
    if check:
        opening.prepare()
        from hueandcry.engine.backup import face as backups

        _say(backups.check(file, backups.identities(identity)), None, json)
        return
    wanted = Path(os.environ.get("HUEANDCRY_DATA") or "data").absolute()
    _check_folder(wanted)
    staging = wanted / STAGING
    found = _filled(file, identity, staging, database_url)
    _put(staging, wanted)
    _say(found, wanted, json)


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and {path.name for path in folder.iterdir()} - {"root", STAGING}:
        raise Conflict(
            "not_empty",
            f"{folder} is not empty",
            why="A restored node takes the place of one that is gone, never of one that is there",
            do="Name a new folder with --data; one that holds nothing but `root` is good as well",
        )


def _filled(file: Path, identity: Path, staging: Path, database_url: str) -> Restored:
    """The staging folder and the database, filled: Django is set up for exactly these."""
    made = not staging.parent.exists()
    shutil.rmtree(staging, ignore_errors=True)  # of a restore that was killed
    staging.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staging.mkdir(mode=0o700)
    os.environ["HUEANDCRY_DATA"] = str(staging)
    secret = Path(os.environ.get("HUEANDCRY_SECRET_FILE") or staging / "secret").absolute()
    if secret.parent == staging.parent:  # it will be there once the rest is
        os.environ["HUEANDCRY_SECRET_FILE"] = str(staging / secret.name)
    if database_url:
        os.environ["HUEANDCRY_DATABASE_URL"] = database_url
    opening.prepare()
    from django.db import connection

    from hueandcry.engine import clock
    from hueandcry.engine.backup import face as backups

    try:
        keys = backups.identities(identity)
        backups.check_empty()
        return backups.restore(file, keys, staging, clock.now())
    except BaseException:
        connection.close()
        shutil.rmtree(staging if not made else staging.parent, ignore_errors=True)
        raise
    finally:
        connection.close()


def _put(staging: Path, wanted: Path) -> None:
    """Moves what was put together to its place, the keys last: without them it is no node."""
    from hueandcry.engine.keys import files

    for path in sorted(staging.iterdir(), key=lambda path: path.name == "keys"):
        files.move_secret(path, wanted / path.name)
    staging.rmdir()
    files.sync_folder(wanted)


def _say(found: Restored, folder: Path | None, json: bool) -> None:
    value = {
        "node": found.head.node,
        "made_at": found.head.made_at,
        "software": found.head.software,
        "rows": found.rows,
        "files": len(found.files),
        "folder": str(folder) if folder else None,
    }
    if json:
        showing.as_json(value)
        return
    node = found.head.node
    made = showing.time(found.head.made_at)
    showing.out.print(f"{node.get('name')}, {node.get('fingerprint')}: {found.rows} rows of {made}")
    if folder is None:
        showing.out.print("The backup is whole.")
        return
    showing.out.print(f"Restored to {folder}. Start it with `hueandcry serve`; it logs and signs")
    showing.out.print("nothing until its peers have said how far they saw its ledger:")
    showing.out.print("`hueandcry log status`. Look at what was revoked since the backup was made.")
    showing.out.print("What was erased, withdrawn or no longer agreed to since then is back:")
    showing.out.print("before `serve`, run `hueandcry purge --again FILE` with the copy of")
    showing.out.print("`erasures.ndjson` that was kept apart.")


COMMANDS = {"restore": command(restore)}
