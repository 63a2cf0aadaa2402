"""The treaty registry: what is in force between whom, as this node was told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hueandcry.core.law.rows import MAX_FILE
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import TreatyView
from hueandcry.doors.cli.decisions import Person, acting
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def import_(
    file: Annotated[Path, typer.Argument(help="TOML; see docs/cooperation/requests.md")],
    person: Person = "",
    json: Json = False,
) -> None:
    """Take in a file of treaties as a whole: it replaces what was known of those that it names."""
    actor = acting(person)
    data = _bytes(file)
    with unit_of_work():
        done = cooperation.import_treaties(actor, file.name, data, clock.now())
    if json:
        showing.as_json({"rows": done.rows, "replaced": done.replaced})
    else:
        showing.out.print(f"{done.rows} rows, in the place of {done.replaced}")


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_FILE + 1)
    except OSError as fault:
        raise Usage("no_file", f"{file} cannot be read", why=str(fault)) from None


def list_(
    instrument: Annotated[str, typer.Option(help="one instrument, such as budapest")] = "",
    party: Annotated[str, typer.Option(help="one country, such as TH")] = "",
    json: Json = False,
) -> None:
    """What is in force for whom, since when, and from where that is known."""
    opening.open_node()
    found = cooperation.treaties(instrument, party)
    if json:
        showing.as_json([_value(each) for each in found])
        return
    columns = ("instrument", "party", "in force from", "until", "checked", "source")
    rows = [
        (
            each.row.instrument,
            f"{each.row.party} {each.row.with_party}".strip(),
            each.row.since or "not in force",
            each.row.until or "",
            each.checked,
            each.row.source,
        )
        for each in found
    ]
    showing.table(columns, rows)


def _value(each: TreatyView) -> dict[str, Any]:
    row = each.row
    return {
        "instrument": row.instrument,
        "party": row.party,
        "with": row.with_party or None,
        "signed": row.signed,
        "since": row.since,
        "until": row.until,
        "excluded": row.excluded,
        "reservations": row.reservations,
        "declarations": row.declarations,
        "authority": row.authority,
        "languages": row.languages,
        "point": row.point,
        "source": row.source,
        "checked": each.checked,
    }


_FUNCTIONS: Final[dict[str, Callable[..., None]]] = {"import": import_, "list": list_}
COMMANDS = {"treaties": group(**_FUNCTIONS)}
