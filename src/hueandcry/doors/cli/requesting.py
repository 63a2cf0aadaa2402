"""Requests to other members: what kinds there are. No node is needed, and none is opened."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hueandcry.core.errors import NotFound
from hueandcry.core.law import POLICY, Law, describe, told
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.law_files import law_with

MANY: Final = 12  #: roles, beyond which nobody would read the list


def types(
    type: Annotated[str | None, typer.Argument(help="one type, such as PRESERVE")] = None,
    add: Annotated[
        list[Path] | None, typer.Option("--with", help="a file of one more instrument: checked")
    ] = None,
    json: Json = False,
) -> None:
    """The types of request: who may ask whom, under what, by when."""
    law = law_with(add)
    if type is not None and type not in law.types:
        raise NotFound("type", f"There is no type {type!r}", do="Run hueandcry request types")
    chosen = [type] if type else list(law.types)
    if json:
        showing.as_json_lines(describe(law, code) for code in chosen)
    elif type:
        _one(law, type)
    else:
        _all(law)


def _all(law: Law) -> None:
    showing.table(
        ("type", "from", "to", "what"),
        (
            (code, _roles(each.senders), _roles(each.receivers), each.title)
            for code, each in law.types.items()
        ),
    )


def _roles(roles: frozenset[str]) -> str:
    return " ".join(sorted(roles)) if len(roles) < MANY else "any"


def _one(law: Law, code: str) -> None:
    each, shown = law.types[code], describe(law, code)
    showing.out.print(f"{code}: {each.title}\n{each.asks}\n", markup=False)
    for route in each.routes:
        showing.out.print(f"from {told(route)}", markup=False)
    showing.out.print(f"secrecy: {each.secrecy}\noutput: {each.output}", markup=False)
    instruments = ((i["code"], ", ".join(i["articles"]), i["title"]) for i in shown["instruments"])
    _listed(("under", "articles", "title"), instruments)
    _listed(("field", "", "serves", "what"), (_field(law, f) for f in shown["fields"]))
    _listed(("clock", "from", "length", "set by"), (_clock(law, c) for c in shown["clocks"]))
    _listed(("refusal", "", "by", "ground"), (_refusal(law, r) for r in shown["refusals"]))


def _listed(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """A table after an empty line; none where there are no rows."""
    found = list(rows)
    if found:
        showing.out.print()
        showing.table(columns, found)


def _field(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    sources = ", ".join(_source(law, source) for source in row["serves"])
    return row["name"], "needed" if row["mandatory"] else "", sources, row["what"]


def _clock(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    length = row["length"] or "the law of the place"
    return row["code"], row["starts"], length, _source(law, row)


def _refusal(law: Law, row: dict[str, Any]) -> tuple[str, ...]:
    return row["code"], "must" if row["must"] else "may", _source(law, row), row["says"]


def _source(law: Law, row: dict[str, Any]) -> str:
    if row["instrument"] == POLICY:
        return "policy"
    return f"{law.instruments[row['instrument']].short} {row['article']}"


COMMANDS = {"request": group(types=types)}
