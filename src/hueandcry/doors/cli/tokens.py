"""Look-up tokens: each reads exactly one audience."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from hueandcry.core.types import Audience
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def new(
    audience: Annotated[Audience, typer.Option(help="clear, green or own")],
    note: Annotated[str, typer.Option(help="for whom")] = "",
    json: Json = False,
) -> None:
    """Make a token. It is shown once: only its digest is kept."""
    opening.open_node()
    with unit_of_work():
        token = members.new_token(audience, note, clock.now())
    if json:
        showing.as_json({"token": token, "audience": audience.value})
    else:
        showing.out.print(token)


def list_(json: Json = False) -> None:
    """Every token, without its text."""
    opening.open_node()
    found = members.tokens()
    if json:
        showing.as_json([asdict(token) for token in found])
        return
    rows = [
        (t.number, t.audience, t.note, showing.time(t.created_at), showing.time(t.revoked_at))
        for t in found
    ]
    showing.table(("number", "audience", "note", "made", "revoked"), rows)


def revoke(
    number: Annotated[int, typer.Argument(help="number of the token, from `token list`")],
) -> None:
    """Revoke a token at once."""
    opening.open_node()
    with unit_of_work():
        members.revoke_token(number, clock.now())


COMMANDS = {"token": group(new=new, list=list_, revoke=revoke)}
