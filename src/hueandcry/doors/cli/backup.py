"""An encrypted copy of this node, made while it runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine import clock
from hueandcry.engine.backup import face as backups


def backup(
    to: Annotated[
        list[str],
        typer.Option(help="who can open it: age1…, ssh-…, or a file of keys (repeatable)"),
    ],
    output: Annotated[
        Path, typer.Option(help="a new file, or a folder in which it gets a name with its time")
    ] = Path("."),
    keep: Annotated[
        int, typer.Option(help="in a folder: remove all but so many of the newest; 0: none", min=0)
    ] = 0,
    verify: Annotated[
        Path | None, typer.Option(help="open it again with this key file, and read all of it")
    ] = None,
    json: Json = False,
) -> None:
    """Copy database, keys and blobs as they are at one moment; the root key is never in it."""
    opening.open_node()
    if keep and not output.is_dir():
        raise Usage("keep", "--keep is for a folder of backups", do="Name a folder with --output")
    wanted = backups.recipients(to)
    keys = backups.identities(verify) if verify else []
    us = members.us()
    at = clock.now()
    path = output / _name(us.name, at) if output.is_dir() else output
    if not path.parent.is_dir():
        raise Usage("output", f"There is no folder {path.parent}", do="Make it first")
    node = {"name": us.name, "fingerprint": us.fingerprint, "url": us.url}
    made = backups.make(path, wanted, node, at)
    if keys:
        backups.check(path, keys)
    gone = [each for each in backups.outdated(path.parent, keep) if each != path]
    for each in gone:
        each.unlink(missing_ok=True)
        each.with_name(each.name + ".sha256").unlink(missing_ok=True)
    _say(made, verified=bool(keys), removed=len(gone), json=json)


def _name(node: str, at: Micros) -> str:
    stamp = datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"hueandcry-{re.sub(r'[^a-z0-9]+', '-', node.lower()).strip('-')}-{stamp}.backup.age"


def _say(made: backups.Made, *, verified: bool, removed: int, json: bool) -> None:
    value = {
        "file": str(made.path),
        "sha256": made.sha256.hex(),
        "size": made.size,
        "rows": made.rows,
        "log_end": made.log_end,
        "at": made.at,
        "verified": verified,
        "removed": removed,
    }
    if json:
        showing.as_json(value)
        return
    showing.out.print(f"{made.path}: {made.rows} rows, {made.size} bytes, sha256 {value['sha256']}")
    if not verified:
        showing.err.print(
            "Read again, not opened: `hueandcry restore --check` with its key opens it. Keep a "
            "copy on another machine, and the key apart from both."
        )


COMMANDS = {"backup": command(backup)}
