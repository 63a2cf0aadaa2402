"""The ledger: the check of all of it, how it stands, and a new epoch."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

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
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import reading
from hueandcry.engine.ledger import verify as checking
from hueandcry.engine.store.work import unit_of_work


def verify(json: Json = False) -> None:
    """Read the whole ledger again: entries, openings, tiles, checkpoints; exit 1 on any defect."""
    opening.open_node()
    with showing.progress("reading the ledger", hidden=json) as advance:
        report = checking.verify(settings.DATA, members.own_log_keys(), advance)
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


def witnesses(json: Json = False) -> None:
    """Who witnesses our ledger, how far each has cosigned it, and the keys for a policy."""
    opening.open_node()
    listed, head = peers.witnesses(), peers.newest_cosigned()
    value = {
        "quorum": peers.quorum(),
        "cosigned": head.first + head.size if head else 0,
        "witnesses": [asdict(each) for each in listed],
        "keys": [{"name": name, "vkey": vkey} for name, vkey in peers.listed_witnesses()],
    }
    if json:
        showing.as_json(value)
        return
    showing.out.print(f"quorum {value['quorum']} of {len(listed)}; {value['cosigned']} cosigned")
    showing.table(
        ("witness", "has cosigned", "last time"),
        [(each.name, str(each.size), each.said or "well") for each in listed],
    )
    for name, vkey in peers.listed_witnesses():
        showing.out.print(f"witness {name} {vkey}", soft_wrap=True)


def proof(
    index: Annotated[int, typer.Argument(help="the entry, as receipts and pages name it")],
    output: Annotated[Path, typer.Option(help="file to write, usually .tlog-proof")],
    json: Json = False,
) -> None:
    """Write the proof that an entry is in our ledger: C2SP tlog-proof, to be checked offline."""
    opening.open_node()
    over = peers.cosigned_covering(index)
    output.write_bytes(reading.proof_file(index, over))
    value = {"file": str(output), "index": index, "cosigned": over is not None}
    if json:
        showing.as_json(value)
        return
    how = "by a quorum of witnesses" if over else "by nobody else yet"
    showing.out.print(f"{output}: entry {index}, under a head that is cosigned {how}")


def forks(json: Json = False) -> None:
    """Logs that were seen with two histories, ours too; exit 1 while one is not cleared."""
    opening.open_node()
    found = peers.all_forks()
    if json:
        showing.as_json([_fork(each) for each in found])
    else:
        rows = [
            (str(f.number), f.whose, f.kind, f"{f.smaller} / {f.larger}", f.finder, f.words)
            for f in found
        ]
        showing.table(("number", "log of", "kind", "heads", "found by", "cleared"), rows)
    if any(each.cleared_at is None for each in found):
        raise typer.Exit(1)


def _fork(fork: peers.ForkView) -> dict[str, object]:
    document = fork.document.decode() if fork.document else None
    return {**asdict(fork), "document": document}


def clear(
    number: Annotated[int, typer.Argument(help="the fork, as `hueandcry log forks` numbers it")],
    words: Annotated[str, typer.Argument(help="what was found out")],
    json: Json = False,
) -> None:
    """End the alarm about a fork: an act that is logged."""
    opening.open_node()
    with unit_of_work():
        peers.clear_fork(number, words, None, clock.now())
    if json:
        showing.as_json({"cleared": number})
        return
    showing.out.print(f"Fork {number} is cleared.")


COMMANDS = {
    "log": group(
        verify=verify,
        status=status,
        succeed=succeed,
        witnesses=witnesses,
        proof=proof,
        forks=forks,
        clear=clear,
    )
}
