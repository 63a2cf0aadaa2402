"""Lists into claims: progress while it runs, an account of every row when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TextIO

import msgspec
import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.formats import FORMATS, Options
from hueandcry.core.types import Actor, Micros
from hueandcry.doors.cli.claims import read_kind, read_tlp
from hueandcry.doors.cli.files import Folder, Source, opened
from hueandcry.engine import clock


def ingest(
    file: Annotated[
        str, typer.Argument(help=f"{', '.join(FORMATS)}; a MISP feed folder; also .gz; - for stdin")
    ],
    kind: Annotated[str, typer.Option(help="auto, or the kind of every value")] = "auto",
    column: Annotated[str | None, typer.Option(help="the column that holds the values")] = None,
    source: Annotated[str, typer.Option(help="the upstream feed that this list is from")] = "",
    lure: Annotated[str, typer.Option(help="what was promised")] = "",
    tlp: Annotated[str, typer.Option(help="CLEAR, GREEN, AMBER, AMBER+STRICT, RED")] = "GREEN",
    form: Annotated[
        str | None, typer.Option("--format", help="the format, where its look would mislead")
    ] = None,
    method: Annotated[str, typer.Option(help="how it reaches the victim")] = "",
    observables: Annotated[
        bool | None, typer.Option(help="STIX observables without an indicator are values, or not")
    ] = None,
    without_ids: Annotated[
        bool, typer.Option("--without-ids", help="MISP attributes not meant for detection too")
    ] = False,
    json: Json = False,
) -> None:
    """Take a list of values in bulk; the same list again changes nothing."""
    actor = opening.open_node()
    listing = signals.Listing(
        kind=read_kind(kind),
        source=source,
        lure=lure,
        method=method,
        tlp=read_tlp(tlp),
        market=members.us().country,
    )
    given = opened(file, Options(column, observables, without_ids), form)
    rejects = _Rejects(settings.DATA / "rejects" / f"{clock.now()}.ndjson")
    with showing.progress(f"ingesting {Path(file).name}", hidden=json) as advance:
        report = _run(actor, given, listing, rejects, advance)
    answer = {
        "rows": report.rows,
        "accepted": report.accepted,
        "merged": report.merged,
        "rejected": report.rejected,
        "reasons": dict(report.reasons),
        "rejects_file": rejects.close(),
        "format": given.format.name,
        "skipped": dict(given.account.skipped),
    }
    _show(answer, json)
    if given.damage is not None:
        raise given.damage
    if report.rows and report.rejected == report.rows:
        raise typer.Exit(1)


def _run(
    actor: Actor,
    given: Source | Folder,
    listing: signals.Listing,
    rejects: _Rejects,
    advance: Any,
) -> signals.IngestReport:
    total = signals.IngestReport()
    for chunk in signals.ingest(actor, given.rows(), listing, now=_now):
        total.add(chunk)
        rejects.write(chunk.rejects)
        advance(given.done(), given.total or 0)
    return total


def _now() -> Micros:
    return peers.stamp(clock.now())


def _show(answer: dict[str, Any], json: bool) -> None:
    if json:
        showing.as_json(answer)
        return
    counts = ("rows", "accepted", "merged", "rejected")
    showing.table(counts, [[f"{answer[name]:,}" for name in counts]])
    for code, count in sorted(answer["reasons"].items(), key=lambda item: -item[1]):
        showing.out.print(f"  {count:,} rejected: {code}")
    for what, count in sorted(answer["skipped"].items()):
        showing.out.print(f"  {count:,} skipped, which are no values: {what}")
    if answer["rejects_file"]:
        showing.out.print(f"Which rows, and why: {answer['rejects_file']}")


class _Rejects:
    """The rows that were not taken, one JSON document a line; no file when there are none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def write(self, rejects: list[signals.Reject]) -> None:
        for reject in rejects:
            line = {"line": reject.n, "code": reject.code, "text": reject.text.strip("\x00\n")}
            self._opened().write(msgspec.json.encode(line).decode() + "\n")

    def _opened(self) -> TextIO:
        if self._file is None:
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            self._file = self._path.open("x", encoding="utf-8")
        return self._file

    def close(self) -> str | None:
        if self._file is None:
            return None
        self._file.close()
        return str(self._path)


COMMANDS = {"ingest": command(ingest)}
