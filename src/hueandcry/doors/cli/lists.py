"""Lists for the tools of others: which there are, and one written to a file or a folder."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.core.errors import HueError
from hueandcry.core.formats import FORMATS, rpz
from hueandcry.core.types import SECOND, Audience, Micros, Verdict
from hueandcry.doors.cli.claims import one_of
from hueandcry.doors.cli.usage import Usage
from hueandcry.doors.desk import lists
from hueandcry.engine import clock


def write(
    form: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))],
    output: Annotated[str, typer.Option(help="a file (also .gz), - for stdout; misp: a folder")],
    audience: Annotated[str, typer.Option(help="clear, green or own")] = "clear",
    kind: Annotated[str, typer.Option(help="all, or one kind")] = "all",
    verdict: Annotated[
        list[str] | None, typer.Option(help="scam, suspicious; may be given twice")
    ] = None,
    json: Json = False,
) -> None:
    """Write what an audience may block, whole or not at all."""
    opening.open_node()
    who = one_of(Audience, audience, "audience", by_value=True)
    said = [one_of(Verdict, each, "verdict", by_value=True) for each in verdict or ["scam"]]
    if not set(said) <= {Verdict.SCAM, Verdict.SUSPICIOUS}:
        raise Usage("verdict", "Lists are of verdict scam or suspicious")
    try:
        wanted = lists.list_of(kind, form, who, said)
    except HueError as refused:
        raise Usage(refused.code, refused.what, do=refused.do) from refused
    at = clock.now()
    if wanted.format.write is None:
        answer = _write_feed(wanted, output, at)
    elif output == "-":
        for piece in lists.pieces(wanted, at):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    else:
        answer = _write_file(wanted, Path(output), at)
    if json:
        showing.as_json(answer)
    else:
        showing.out.print(f"Written: {answer['output']}")


def _write_feed(wanted: lists.List, output: str, at: Micros) -> dict[str, Any]:
    folder = Path(output)
    if output == "-" or (folder.exists() and not folder.is_dir()):
        raise Usage("output", "A MISP feed is a folder of files", do="Name a folder")
    entries = lists.write_feed(folder, wanted, at)
    return {**_about(wanted), "output": str(folder), "entries": entries}


def _write_file(wanted: lists.List, path: Path, at: Micros) -> dict[str, Any]:
    if not path.parent.is_dir():
        raise Usage("output", f"There is no folder {path.parent}")
    serial = None
    if wanted.format.name == "rpz":
        serial = rpz.serial_after(_serial(path), at // SECOND)
    pieces = lists.pieces(wanted, at, serial)
    if path.suffix == ".gz":
        pieces = _zipped(pieces)
    digest = lists.write_file(path, pieces)
    return {**_about(wanted), "output": str(path), "sha256": digest}


def _about(wanted: lists.List) -> dict[str, Any]:
    return {
        "format": wanted.format.name,
        "list": wanted.name,
        "audience": wanted.wanted.audience.value,
    }


def _zipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Members of gzip one after the other are one stream (RFC 1952, 2.2)."""
    for piece in pieces:
        yield gzip.compress(piece, mtime=0)


def _serial(path: Path) -> int:
    """The serial of the zone that the file holds; 0 where there is none."""
    try:
        with path.open("rb") as file:
            head = file.read(4_096)
    except OSError:
        return 0
    found = re.search(rb"\bSOA\s+\S+\s+\S+\s+\(?\s*([0-9]{1,10})", head)
    return int(found[1]) if found else 0


def formats(json: Json = False) -> None:
    """Every format: what it is, whether it is read and written, and what it can hold."""
    rows = [
        {
            "format": each.name,
            "meaning": each.meaning,
            "written": each.write is not None or each.name == "misp",
            "kinds": sorted(each.kinds),
        }
        for each in FORMATS.values()
    ]
    if json:
        showing.as_json(rows)
        return
    showing.table(("format", "is"), [(each["format"], each["meaning"]) for each in rows])


COMMANDS = {"lists": group(write=write, formats=formats)}
