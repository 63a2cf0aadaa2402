"""Tokens of machines: each reads exactly one audience, and opens what its scopes say."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hueandcry.core.types import DAY, Audience
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_SCOPES = f"what it opens, several times: {', '.join(members.SCOPES)}; default lookup"


def new(
    audience: Annotated[Audience, typer.Option(help="clear, green or own")],
    note: Annotated[str, typer.Option(help="for whom")] = "",
    name: Annotated[str, typer.Option(help="the user name, where a tool wants Basic")] = "",
    scope: Annotated[list[str] | None, typer.Option(help=_SCOPES)] = None,
    member: Annotated[str, typer.Option(help="the guest's seat, from `seat list`")] = "",
    days: Annotated[int | None, typer.Option(help="days until it expires; else never")] = None,
    json: Json = False,
) -> None:
    """Make a token. It is shown once: only its digest is kept."""
    opening.open_node()
    at = clock.now()
    scopes = scope or ["lookup"]
    expires_at = None if days is None else at + days * DAY
    with unit_of_work():
        made = members.new_token(
            audience,
            note,
            at,
            name=name,
            scopes=scopes,
            expires_at=expires_at,
            member=members.seat(member).guest if member else None,
        )
    if json:
        shown = {"token": made.text, "audience": audience.value, "number": made.number}
        showing.as_json(shown | {"scopes": scopes, "expires_at": expires_at})
    else:
        showing.out.print(made.text)


def list_(json: Json = False) -> None:
    """Every token, without its text."""
    opening.open_node()
    found = members.tokens()
    if json:
        showing.as_json([asdict(token) for token in found])
        return
    columns = ("number", "name", "audience", "scopes", "note", "made", "expires", "used", "revoked")
    showing.table(columns, [_line(token) for token in found])


def _line(t: members.TokenView) -> tuple[object, ...]:
    times = (t.created_at, t.expires_at, t.used_at, t.revoked_at)
    shown = [showing.time(at) for at in times]
    return (t.number, t.name, t.audience, " ".join(t.scopes), t.note, *shown)


def revoke(
    number: Annotated[int, typer.Argument(help="number of the token, from `token list`")],
) -> None:
    """Revoke a token at once."""
    opening.open_node()
    with unit_of_work():
        members.revoke_token(number, clock.now())


COMMANDS = {"token": group(new=new, list=list_, revoke=revoke)}
