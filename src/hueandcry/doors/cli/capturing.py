"""Web pages as exhibits: the operator's own command fetches them, this node takes what it made.

A page that scammers wrote is hostile, and to fetch it tells them that somebody looks. So no node
fetches one by itself: the operator names a command in HUEANDCRY_CAPTURE, shut away as they see fit.

    COMMAND --version        one line: its name and version, which go into the custody
    COMMAND URL FOLDER       leaves *.warc or *.warc.gz and a *.png in FOLDER, and ends with 0
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import zlib
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer

from hueandcry.core.errors import Broken, Malformed, NotFound
from hueandcry.doors.cli import opening
from hueandcry.doors.cli.commands import Json
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from django.conf import settings

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Told
from hueandcry.core.custody import Tool
from hueandcry.doors.cli import exhibits_shown
from hueandcry.doors.cli.decisions import Person, acting
from hueandcry.doors.cli.taking import taken_from
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: What is taken, by its ending, in the order in which it becomes exhibits.
_TAKEN: Final = {".warc": "Web archive", ".warc.gz": "Web archive", ".png": "Screenshot"}
_ARCHIVES: Final = (".warc", ".warc.gz")
_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x20\x7f]{1,4000}")
_HEAD: Final = 1 << 16  #: bytes that tell whether a file is a web archive
_TOLD: Final = 600  #: characters of what a command said that an error repeats
_ASKED: Final = 30  #: seconds in which it must tell its version


def capture(
    url: Annotated[str, typer.Argument(help="http://… or https://…, as it stands")],
    description: Annotated[str, typer.Option(help="what it is, for people")] = "",
    authority: Annotated[str, typer.Option(help="under which warrant, order or consent")] = "",
    place: Annotated[str, typer.Option(help="from where it is fetched, as `TH, mobile`")] = "",
    reason: Annotated[str, typer.Option(help="why it is taken")] = "",
    minutes: Annotated[int, typer.Option(min=1, max=240, help="how long it may take")] = 10,
    person: Person = "",
    json: Json = False,
) -> None:
    """Capture a web page by the operator's own command: its archive and picture are exhibits."""
    if not _ADDRESS.fullmatch(url):
        raise Usage("url", f"{url!r} is no web address", do="Begin with http:// or https://")
    actor, program = acting(person), _program()
    told = Told(authority=authority, place=place, reason=reason, source=url, tool=_tool(program))
    with TemporaryDirectory(prefix="hueandcry-capture-") as name:
        _run([program, url, name], Path(name), minutes * 60)
        found = _found(Path(name))
        with ExitStack() as stack:
            taken = [stack.enter_context(taken_from(str(path), quiet=json)) for path, _ in found]
            stack.enter_context(unit_of_work())
            at = clock.now()
            made = [
                (each.name, evidence.add(actor, each, _of(told, what, description), at))
                for each, (_, what) in zip(taken, found, strict=True)
            ]
    exhibits_shown.added(made, json)


def _program() -> str:
    if not settings.CAPTURE:
        raise NotFound(
            "capture",
            "This node captures no web pages",
            why="To fetch a hostile page is for a machine that is shut away",
            do="Name a command in HUEANDCRY_CAPTURE (see docs/evidence.md)",
        )
    return str(settings.CAPTURE)


def _tool(program: str) -> Tool:
    with TemporaryDirectory(prefix="hueandcry-capture-") as name:
        line = _run([program, "--version"], Path(name), _ASKED).strip().partition("\n")[0]
    named, _, number = line.rpartition(" ")
    if not named or not number:
        why = f"`--version` said {line[:_TOLD]!r}, not a name and a version"
        raise _failed(program, why)
    return Tool(named[:100], number[:100], "")


def _of(told: Told, what: str, description: str) -> Told:
    said = f"{what} of {told.source}"
    return replace(told, description=f"{description}\n{said}" if description else said)


# --- the command ----------------------------------------------------------------------------------


def _run(line: Sequence[str], folder: Path, seconds: int) -> str:
    """Runs it to its end, with none of our variables and all that it starts; what it said."""
    path = os.environ.get("PATH", os.defpath)
    try:
        process = subprocess.Popen(
            line,
            cwd=folder,
            env={"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise _failed(line[0], error.strerror or str(error)) from None
    try:
        said = process.communicate(timeout=seconds)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        raise _failed(line[0], f"It did not end within {seconds} seconds") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        raise _failed(line[0], f"It ended with {process.returncode}: {said[-_TOLD:].strip()}")
    return said


def _failed(program: str, why: str) -> Broken:
    do = "Run it by hand; docs/evidence.md says what it must do"
    return Broken("capture_failed", f"{program} captured nothing", why=why, do=do)


# --- what it made ---------------------------------------------------------------------------------


def _found(folder: Path) -> list[tuple[Path, str]]:
    """The plain files that are taken, archives first; at least one archive and one picture."""
    found = [
        (path, what)
        for ending, what in _TAKEN.items()
        for path in sorted(folder.iterdir())
        if path.name.endswith(ending) and path.is_file() and not path.is_symlink()
    ]
    kinds = {what for _, what in found}
    missing = sorted({*_TAKEN.values()} - kinds)
    if missing:
        raise _failed(settings.CAPTURE, f"It left no {missing[0].lower()} in its folder")
    for path, _ in found:
        _check(path)
    return found


def _check(path: Path) -> None:
    """An archive begins with a record, whichever way it is compressed (WARC 1.1, annex D)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if path.name.endswith(".warc.gz"):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, _HEAD)
        except zlib.error:
            head = b""
    wanted = b"WARC/1." if path.name.endswith(_ARCHIVES) else b"\x89PNG\r\n\x1a\n"
    if not head.startswith(wanted):
        raise Malformed("capture", f"{path.name} is not what its name says")
