"""The ledger: the check of all of it, how it stands, and a new epoch."""

from __future__ import annotations

from dataclasses import asdict

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import jobs as peer_jobs
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import run_once
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import verify as checking
from hueandcry.engine.store.work import unit_of_work


def verify(json: Json = False) -> None:
    """Read the whole ledger again: entries, openings, tiles, checkpoints; exit 1 on any defect."""
    opening.open_node()
    publics = members.log_keys(members.us().fingerprint)
    keys = checking.LogKeys(members.own_log(), publics, ed25519.verify)
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


def status(json: Json = False) -> None:
    """How far the ledger goes, its epochs, and after a restore what it waits for."""
    opening.open_node()
    held = peers.standing()
    value = {
        "end": ledger.head(),
        "restoring": ledger.restoring(),
        "epochs": [{"epoch": each.number, "first": each.first} for each in ledger.spans()],
        "restoration": asdict(held) if held else None,
    }
    if json:
        showing.as_json(value)
        return
    showing.out.print(f"{ledger.head()} entries, epoch {ledger.epoch()}")
    if held is not None:
        showing.out.print(f"restored from a backup of {showing.time(held.made_at)}: {held.state}")
        showing.table(
            ("peer", "has said how far it saw the ledger"),
            [*((name, "yes") for name in held.answered), *((name, "no") for name in held.missing)],
        )
    if held is not None and held.state == "behind":
        showing.out.print("A peer saw more than was restored: run `hueandcry log succeed`.")


def succeed(json: Json = False) -> None:
    """Open a new epoch under the root key, on a restored node whose ledger lost its end."""
    opening.open_node()
    with unit_of_work():
        said = peers.succeed(members.own_log(), clock.now())
    run_once(peer_jobs.ONCE)
    if json:
        showing.as_json({"ends": said.ends, "kept": said.size, "opens": said.opens})
        return
    showing.out.print(f"{said.ends} ends with {said.size} entries; {said.opens} begins.")
    showing.out.print("Move the root folder away again.")


COMMANDS = {"log": group(verify=verify, status=status, succeed=succeed)}
