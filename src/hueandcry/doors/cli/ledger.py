"""The whole-ledger check."""

from __future__ import annotations

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from django.conf import settings  # noqa: E402

from hueandcry.config.loops import log_signer  # noqa: E402
from hueandcry.engine.ledger import verify as checking  # noqa: E402


def verify(json: Json = False) -> None:
    """Read the whole ledger again: entries, openings, tiles, checkpoints; exit 1 on any defect."""
    opening.open_node()
    report = checking.verify(settings.DATA, log_signer())
    if json:
        showing.as_json(report)
    else:
        showing.out.print(f"{report.entries} entries, {report.checkpoints} checkpoints")
        for defect in report.defects:
            showing.out.print(f"[red]{defect.code}[/] {defect.what}")
        showing.out.print("The ledger verifies." if not report.defects else "The ledger is BROKEN.")
    if report.defects:
        raise typer.Exit(1)


COMMANDS = {"log": group(verify=verify)}
