"""What must not be kept any longer: the purge, erasing one value, legal holds."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, command, group
from hueandcry.doors.cli.usage import Usage, instant

opening.prepare()

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.reports import face as reports
from hueandcry.apps.signals import face as signals
from hueandcry.config.loops import declared
from hueandcry.core.normal import guess
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.purge import face as purges
from hueandcry.engine.store.work import unit_of_work


def purge(
    now: Annotated[
        bool, typer.Option("--now/--dry-run", help="delete what is due; else only count it")
    ] = False,
    erase: Annotated[str, typer.Option(help="erase this one value at once, due or not")] = "",
    reason: Annotated[str, typer.Option(help="why it is erased: goes into the ledger")] = "",
    again: Annotated[
        Path | None, typer.Option(help="erase again what a file `erasures.ndjson` knows")
    ] = None,
    json: Json = False,
) -> None:
    """Delete personal rows whose time is over, what agreements let us keep no longer, old notes."""
    actor = opening.open_node()
    declared()
    at = clock.now()
    if erase:
        if not reason:
            raise Usage("reason", "An erasure says why", do="Give --reason")
        claims = exchange.erase_value(actor, guess(erase), reason, at)
        return _say({"claims": claims}, "erased", json)
    if again is not None:
        erasures = purges.read_erasures(again)
        brought_back = {
            "signals": exchange.erase_again(erasures, at),
            "consents": _consents(erasures, at),
            "reports": reports.erase_again(erasures, at),
        }
        return _say(brought_back, "erased again", json)
    found = purges.run(at, "by hand") if now else purges.due(at)
    _say(found.counts, "purged" if now else "due", json)


def _consents(erasures: set[tuple[str, bytes]], at: Micros) -> int:
    with unit_of_work():
        return reports.take_back_again(erasures, at)


def _say(counts: dict[str, int], what: str, json: bool) -> None:
    if json:
        showing.as_json({what.replace(" ", "_"): counts})
        return
    showing.table(("rows", what), list(counts.items()))


def add(
    value: Annotated[str, typer.Argument(help="the value that must be kept")],
    until: Annotated[str, typer.Option(help="RFC 3339")],
    reason: Annotated[str, typer.Option(help="the case or order that asks for it")],
    json: Json = False,
) -> None:
    """Keep what is known of a value until a day, whatever the purge would do."""
    actor = opening.open_node()
    with unit_of_work():
        number = signals.hold(actor, guess(value), instant("until", until), reason, clock.now())
    showing.as_json({"hold": number}) if json else showing.out.print(f"Hold {number}")


def list_(json: Json = False) -> None:
    """Every hold, ended ones too."""
    opening.open_node()
    found = signals.holds()
    if json:
        showing.as_json([asdict(each) for each in found])
        return
    rows = [
        (h.number, h.kind, h.value, showing.time(h.until), showing.time(h.ended_at), h.reason)
        for h in found
    ]
    showing.table(("hold", "kind", "value", "until", "ended", "reason"), rows)


def end(number: Annotated[int, typer.Argument(help="its number")], json: Json = False) -> None:
    """End a hold: what is due goes with the next purge."""
    actor = opening.open_node()
    with unit_of_work():
        signals.end_hold(actor, number, clock.now())
    list_(json)


COMMANDS = {"purge": command(purge), "hold": group(add=add, list=list_, end=end)}
