"""Requests to other members: what kinds there are. No node is needed, and none is opened."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from hueandcry.core.errors import NotFound
from hueandcry.core.law import LAW, POLICY, describe, told
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.commands import Json, group

MANY: Final = 12  #: roles, beyond which nobody would read the list


def types(
    type: Annotated[str | None, typer.Argument(help="one type, such as PRESERVE")] = None,
    json: Json = False,
) -> None:
    """The types of request: who may ask whom, under what, by when."""
    if type is not None and type not in LAW.types:
        raise NotFound("type", f"There is no type {type!r}", do="Run hueandcry request types")
    chosen = [type] if type else list(LAW.types)
    if json:
        showing.as_json_lines(describe(LAW, code) for code in chosen)
    elif type:
        _one(type)
    else:
        _all()


def _all() -> None:
    showing.table(
        ("type", "from", "to", "what"),
        (
            (code, _roles(each.senders), _roles(each.receivers), each.title)
            for code, each in LAW.types.items()
        ),
    )


def _roles(roles: frozenset[str]) -> str:
    return " ".join(sorted(roles)) if len(roles) < MANY else "any"


def _one(code: str) -> None:
    each, shown = LAW.types[code], describe(LAW, code)
    showing.out.print(f"{code}: {each.title}\n{each.asks}\n", markup=False)
    for route in each.routes:
        showing.out.print(f"from {told(route)}", markup=False)
    showing.out.print(f"secrecy: {each.secrecy}\noutput: {each.output}\n", markup=False)
    showing.table(
        ("under", "articles", "title"),
        ((i["code"], ", ".join(i["articles"]), i["title"]) for i in shown["instruments"]),
    )
    showing.table(
        ("field", "", "serves", "what"),
        (
            (
                f["name"],
                "needed" if f["mandatory"] else "",
                ", ".join(map(_source, f["serves"])),
                f["what"],
            )
            for f in shown["fields"]
        ),
    )
    showing.table(
        ("clock", "from", "length", "set by"),
        (
            (c["code"], c["starts"], c["length"] or "the law of the place", _source(c))
            for c in shown["clocks"]
        ),
    )
    showing.table(
        ("refusal", "", "by", "ground"),
        (
            (r["code"], "must" if r["must"] else "may", _source(r), r["says"])
            for r in shown["refusals"]
        ),
    )


def _source(row: dict[str, Any]) -> str:
    if row["instrument"] == POLICY:
        return "policy"
    return f"{LAW.instruments[row['instrument']].short} {row['article']}"


COMMANDS = {"request": group(types=types)}
