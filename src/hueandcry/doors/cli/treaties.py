"""The treaty registry: what is in it, and whether a file fits; for these no node is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hueandcry.core.law.registry import FACTS, REGISTRY, Registry, Standing, with_file
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.law_files import law_with, read

Party = Annotated[str, typer.Option("--party", help="rows of one country only, such as TH")]
Laws = Annotated[
    list[Path] | None, typer.Option("--law", help="a file of one more instrument, as of the types")
]


def list_(
    party: Party = "",
    add: Annotated[
        list[Path] | None, typer.Option("--with", help="a file of one's own, beside what is there")
    ] = None,
    here: Annotated[
        bool, typer.Option("--here", help="with the files that this node has taken in")
    ] = False,
    law: Laws = None,
    json: Json = False,
) -> None:
    """How each instrument stands for each party, and what is known of places."""
    registry, known = _of_this_node() if here else REGISTRY, law_with(law)
    for path in add or []:
        registry = with_file(registry, path.name, read(path), known)
    rows = _chosen(registry.standings, party.upper())
    if json:
        showing.as_json(_described(registry, rows, party.upper()))
        return
    for treaty in registry.treaties.values():
        showing.out.print(f"{treaty.code}: {treaty.state} ({treaty.source})", markup=False)
    showing.out.print()
    _table(rows)
    _places(registry, party.upper())


def check(
    file: Annotated[Path, typer.Argument(help="a file of a treaty, or of places")],
    law: Laws = None,
    json: Json = False,
) -> None:
    """Whether a file fits into the registry, and which rows it brings."""
    registry = with_file(REGISTRY, file.name, read(file), law_with(law))
    rows = [row for row in registry.standings if row not in REGISTRY.standings]
    if json:
        showing.as_json(_described(registry, rows, ""))
        return
    _table(rows)
    left = sum(not row.read for row in rows)
    showing.out.print(f"{file.name} fits: {len(rows)} rows, {left} of them not read in the source")


def import_(
    file: Annotated[Path, typer.Argument(help="a file of a treaty, or of places")],
    person: Annotated[str, typer.Option("--as", help="login of the lawyer who answers for it")],
    json: Json = False,
) -> None:
    """Take a file into this node's registry, in the place of an earlier one of that name."""
    data = read(file)
    from hueandcry.doors.cli import asking

    registry = asking.import_treaties(file.name, data, person)
    rows = [row for row in registry.standings if row not in REGISTRY.standings]
    if json:
        showing.as_json(_described(registry, rows, ""))
    else:
        _table(rows)


def _of_this_node() -> Registry:
    from hueandcry.doors.cli import asking

    return asking.treaties()


def _chosen(rows: Iterable[Standing], party: str) -> list[Standing]:
    return [row for row in rows if not party or party in (row.party, row.with_party)]


def _table(rows: Iterable[Standing]) -> None:
    showing.table(
        ("instrument", "party", "signed", "in force from", "until", "read", "source"),
        (
            (
                row.instrument,
                f"{row.party} {row.with_party}".strip(),
                _day(row.signed),
                _day(row.in_force_from),
                _day(row.valid_to),
                "yes" if row.read else "no",
                row.source,
            )
            for row in rows
        ),
    )


def _places(registry: Registry, party: str) -> None:
    for each in registry.groups.values():
        if not party or party in each.members:
            showing.out.print(f"{each.title}: {' '.join(each.members)}", markup=False)
    for place in registry.places.values():
        if party in ("", place.country):
            known = {name: fact.value for name, fact in place.facts.items() if place.checked(name)}
            told = "; ".join(f"{FACTS[name][1]}: {value}" for name, value in known.items())
            showing.out.print(f"{place.country}: {told or 'nothing is ticked'}", markup=False)


def _described(registry: Registry, rows: Iterable[Standing], party: str) -> dict[str, Any]:
    held = list(rows)
    return {
        "treaties": [
            {
                "instrument": treaty.code,
                "state": treaty.state,
                "source": treaty.source,
                "checked": treaty.checked,
                "rows": [row for row in held if row.instrument == treaty.code],
            }
            for treaty in registry.treaties.values()
        ],
        "groups": list(registry.groups.values()),
        "places": [each for each in registry.places.values() if party in ("", each.country)],
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else "–"


_FUNCTIONS: Final[dict[str, Callable[..., None]]] = {
    "list": list_,
    "check": check,
    "import": import_,
}
COMMANDS = {"treaties": group(**_FUNCTIONS)}
