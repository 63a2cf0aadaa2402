"""Files for members that no line reaches: written here, carried by people, taken in there."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any

import typer

from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import jobs as exchange_jobs
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.doors.desk import arrivals
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once

MIB = 1 << 20


def export(
    output: Annotated[Path, typer.Option(help="the file; several are called FILE.001 and on")],
    to: Annotated[str, typer.Option(help="name or fingerprint of the peer")] = "",
    card: Annotated[bool, typer.Option("--card", help="only our card, for somebody new")] = False,
    since: Annotated[
        str, typer.Option(help="also what was confirmed, from this date on (YYYY-MM-DD, UTC)")
    ] = "",
    max_size: Annotated[float, typer.Option(min=0.1, help="MiB in one file, about")] = 1_000,
    json: Json = False,
) -> None:
    """Write what waits for a peer into a file, sealed and signed, for people to carry."""
    if card == bool(to):
        raise Usage("export", "Say what to write", do="Give --to PEER, or --card")
    if not output.parent.is_dir():
        raise NotFound(
            "output", f"There is no folder {output.parent}", do="Make it, or use another"
        )
    opening.open_node()
    if card:
        _write_card(output, json)
        return
    peer = peers.named(to)
    run_once(exchange_jobs.SIGN)
    written = exchange.export(
        peer, output, clock.now(), largest=int(max_size * MIB), since=_instant(since)
    )
    if json:
        showing.as_json({"to": peer.fingerprint, "files": [_value(each) for each in written]})
        return
    if not written:
        showing.out.print(f"Nothing waits for {peer.name}: no file was written.")
    for each in written:
        what = f"{each.parts} parts, {each.documents} documents, {each.replies} replies"
        showing.out.print(f"{each.path}  {each.size:,} bytes: {what}")
    if written:
        showing.out.print(f"At {peer.name}: `hueandcry import FILE…`, then `export` the way back.")


def _write_card(output: Path, json: bool) -> None:
    us = members.us()
    output.write_bytes(members.card_of(us.fingerprint) + b"\n")
    if json:
        showing.as_json({"fingerprint": us.fingerprint, "file": str(output)})
        return
    showing.out.print(
        f"{output} is the card of {us.name}. Its fingerprint, to be compared in full:"
    )
    showing.out.print(f"\n  {showing.fingerprint(us.fingerprint)}\n")


def _value(written: exchange.Written) -> dict[str, Any]:
    return {**asdict(written), "path": str(written.path)}


def _instant(text: str) -> Micros | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Usage("since", f"{text!r} is no date", do="Write YYYY-MM-DD") from None
    return int(datetime.combine(day, time(), UTC).timestamp()) * SECOND


def import_(
    files: Annotated[list[Path], typer.Argument(help="files that another member wrote for us")],
    json: Json = False,
) -> None:
    """Verify files that were carried here and take in what is in them; exit 1 if any was not."""
    opening.open_node()
    told, well = [], True
    for path in files:
        said = imported(path)
        told.append(said)
        well = well and said["outcome"] == "taken"
        if not json:
            show(said)
    run_once(exchange_jobs.ANSWER)
    if json:
        showing.as_json_lines(told)
    if not well:
        raise typer.Exit(1)


def imported(path: Path) -> dict[str, Any]:
    """What became of one file; one that is refused does not keep the others back."""
    if not path.is_file():
        raise NotFound("file", f"There is no file {path}")
    try:
        report = exchange.unload(path, arrivals.takers())
    except HueError as error:
        refused = {"code": error.code, "what": error.what, "why": error.why, "do": error.do}
        return {"file": str(path), "outcome": "refused", **refused}
    items = [{**asdict(item), "outcome": item.outcome} for item in report.items]
    well = report.complete and not any(item.codes for item in report.items)
    outcome = "taken" if well else "refused" if report.complete else "waiting"
    return {"file": str(path), "outcome": outcome, **asdict(report), "items": items}


def show(said: dict[str, Any]) -> None:
    """Tells what became of one file."""
    showing.out.print(f"[bold]{said['file']}[/]: {said['outcome']}")
    if "code" in said:
        showing.out.print(f"  {said['what']}. {said['why']} {said['do']}")
        return
    again = ", taken in before" if said["known"] else ""
    showing.out.print(f"  of {said['name']}, file {said['number']} of {said['count']}{again}")
    for item in said["items"]:
        counts = f"{item['accepted']} accepted, {item['merged']} merged, {item['refused']} refused"
        objects = f": {item['objects']} objects, {counts}" if item["objects"] else ""
        why = item["waiting"] or ", ".join(sorted(set(item["codes"])))
        showing.out.print(f"  {item['name']}  {item['outcome']}{objects}  {why}")


COMMANDS = {"export": command(export), "import": command(import_)}
