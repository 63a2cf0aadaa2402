"""The whole-ledger check."""

from __future__ import annotations

from dataclasses import asdict

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.config.loops import log_name
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import verify as checking


def verify(json: Json = False) -> None:
    """Read the whole ledger again: entries, openings, tiles, checkpoints; exit 1 on any defect."""
    opening.open_node()
    keys = checking.LogKeys(log_name(), members.log_keys(members.us().fingerprint), ed25519.verify)
    with showing.progress("reading the ledger", hidden=json) as advance:
        report = checking.verify(settings.DATA, keys, advance)
    if json:
        showing.as_json({**asdict(report), "holds": report.holds})
    else:
        _show(report)
    if not report.holds:
        raise typer.Exit(1)


def _show(report: checking.LedgerReport) -> None:
    read = ("entries", "checkpoints", "openings")
    showing.out.print(", ".join(f"{getattr(report, name)} {name}" for name in read))
    for defect in report.defects:
        showing.out.print(f"[red]{defect.code}[/] {defect.what}")
    end = "The ledger verifies." if report.holds else "[red]The ledger does NOT verify.[/]"
    showing.out.print(end)


COMMANDS = {"log": group(verify=verify)}
