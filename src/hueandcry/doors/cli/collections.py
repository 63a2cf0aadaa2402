"""Collections of the TAXII door: places where other tools read and write."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hueandcry.core.types import Tlp
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.collections import face as collections
from hueandcry.apps.members import face as members
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_Name = Annotated[str, typer.Argument(help="small letters, digits and hyphens: its alias, too")]
_Place = Annotated[str, typer.Argument(help="name or id of a collection")]
_Tlp = Annotated[str, typer.Option(help="at least this counts for everything in it")]
_Claims = Annotated[
    bool, typer.Option(help="whether indicators of one value become claims of ours, under its feed")
]


def new(
    name: _Name,
    title: Annotated[str, typer.Option(help="what clients are shown")] = "",
    description: Annotated[str, typer.Option(help="the same, longer")] = "",
    tlp: _Tlp = "CLEAR",
    claims: _Claims = True,
    json: Json = False,
) -> None:
    """Make a collection. Nobody may use it until you grant it to a token."""
    actor = opening.open_node()
    with unit_of_work():
        collections.new_collection(
            name,
            actor,
            clock.now(),
            title=title,
            description=description,
            tlp=_tlp(tlp),
            makes_claims=claims,
        )
    made = next(each for each in collections.every() if each.name == name)
    if json:
        path = f"/taxii2/api/collections/{made.id}/"
        showing.as_json(asdict(made) | {"path": path})
    else:
        showing.out.print(f"{made.name}  {made.id}")


def _tlp(text: str) -> Tlp:
    try:
        return Tlp.read(text)
    except KeyError:
        raise Usage("tlp", f"{text!r} is no marking", do="Use CLEAR, GREEN, AMBER…") from None


def list_(json: Json = False) -> None:
    """Every collection, and who may use it."""
    opening.open_node()
    found = collections.every()
    if json:
        showing.as_json([asdict(each) for each in found])
        return
    columns = ("name", "id", "at least", "claims", "objects", "who may use it")
    showing.table(columns, [_line(each) for each in found])


def _line(each: collections.CollectionView) -> tuple[object, ...]:
    users = ", ".join(f"{g.token} {g.name} ({_rights(g)})" for g in each.grants)
    claims = "yes" if each.makes_claims else "no"
    return (each.name, each.id, f"TLP:{each.tlp}", claims, each.objects, users or "nobody")


def _rights(grant: collections.GrantView) -> str:
    rights = {"read": grant.read, "write": grant.write, "manage": grant.manage}
    return " ".join(name for name, has in rights.items() if has) or "nothing"


def grant(
    name: _Place,
    token: Annotated[int, typer.Argument(help="number of the token, from `token list`")],
    read: Annotated[bool, typer.Option(help="may read")] = True,
    write: Annotated[bool, typer.Option(help="may post, and delete what it posted")] = False,
    manage: Annotated[bool, typer.Option(help="may replace and delete others' objects")] = False,
    json: Json = False,
) -> None:
    """Say what a token may do in a collection; it counts at once, in place of what was said."""
    actor = opening.open_node()
    if token not in {each.number for each in members.tokens()}:
        raise Usage("token", f"There is no token {token}", do="Run `hueandcry token list`")
    rights = {"read": read, "write": write, "manage": manage}
    with unit_of_work():
        collections.grant(name, token, actor, clock.now(), **rights)
    if json:
        showing.as_json({"collection": name, "token": token, **rights})


def close(name: _Place) -> None:
    """Take a collection out of use; what it holds, and the claims from it, stay."""
    actor = opening.open_node()
    with unit_of_work():
        collections.close_collection(name, actor, clock.now())


COMMANDS = {"collection": group(new=new, list=list_, grant=grant, close=close)}
