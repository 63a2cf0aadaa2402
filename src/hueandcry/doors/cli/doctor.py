"""The checks of a node, and what can be mended."""

from __future__ import annotations

from typing import Annotated

import typer

from hueandcry.core.errors import HueError
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command

opening.prepare()

from hueandcry.doors.cli import checkup, repairs
from hueandcry.doors.cli.findings import Finding, show


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="mend what can be mended without losing anything")
    ] = False,
    json: Json = False,
) -> None:
    """Check this node, say what to do, and with --repair do it; exit 1 when something is wrong."""
    found: list[Finding] = []
    try:
        if repair and opening.has_tables():
            found += repairs.repair()
        opening.open_node()
        found += checkup.findings()
    except HueError as refused:
        found.append(Finding("node", "wrong", str(refused)))
    if json:
        showing.as_json([finding.value() for finding in found])
    else:
        show(found)
    if any(finding.result == "wrong" for finding in found):
        raise typer.Exit(1)


COMMANDS = {"doctor": command(doctor)}
