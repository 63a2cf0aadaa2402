"""People of this node: who may sign in to the console, and as what."""

from __future__ import annotations

from typing import Annotated

import typer

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.members import face as members
from hueandcry.doors.desk import accounts
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

Login = Annotated[str, typer.Argument(help="login of the person, from `person list`")]
Roles = Annotated[
    list[str], typer.Option("--role", help=f"{', '.join(members.PERSON_ROLES)} (repeatable)")
]


def add(
    login: Annotated[str, typer.Argument(help="what the person signs in with")],
    role: Roles,
    name: Annotated[str, typer.Option(help="name of the person")] = "",
    member: Annotated[str, typer.Option(help="the guest's seat, from `seat list`")] = "",
    json: Json = False,
) -> None:
    """Add somebody. The password, to be replaced at the first sign-in, is shown once."""
    opening.open_node()
    with unit_of_work():
        guest = members.seat(member).guest if member else None
        person, password = members.add_person(login, role, name, at=clock.now(), member=guest)
    _show_password(person.pk, password, json)


def list_(json: Json = False) -> None:
    """Everybody, with roles, second factor and last sign-in."""
    opening.open_node()
    found = [_shown(person) for person in members.people()]
    if json:
        showing.as_json(found)
        return
    columns = ("login", "name", "roles", "second factor", "last sign-in", "state")
    showing.table(columns, [_line(each) for each in found])


def _shown(person: members.PersonView) -> dict[str, object]:
    held = accounts.seen().get(person.number)
    return {
        "number": person.number,
        "login": person.login,
        "name": person.name,
        "roles": list(person.roles),
        "member": person.member,
        "second_factor": person.number in accounts.with_second_factor(),
        "signed_in_at": held.signed_in_at if held else None,
        "active": person.active,
    }


def _line(each: dict[str, object]) -> tuple[object, ...]:
    roles = each["roles"]
    assert isinstance(roles, list)
    at = each["signed_in_at"]
    return (
        each["login"],
        each["name"],
        " ".join(roles),
        "yes" if each["second_factor"] else "no",
        showing.time(at if isinstance(at, int) else None),
        "active" if each["active"] else "inactive",
    )


def roles(login: Login, role: Roles) -> None:
    """Give somebody these roles and no others; their sessions end."""
    opening.open_node()
    with unit_of_work():
        accounts.set_roles(_number(login), role, None, clock.now())


def reset(
    login: Login,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="also forget their second factors")
    ] = False,
    json: Json = False,
) -> None:
    """Give somebody a new password to begin with, shown once; their sessions end."""
    opening.open_node()
    number, at = _number(login), clock.now()
    with unit_of_work():
        password = accounts.give_password(number, None, at)
        if second_factor:
            accounts.reset_second_factor(number, None, at)
    _show_password(number, password, json)


def deactivate(login: Login) -> None:
    """Let somebody in no more; their sessions end."""
    opening.open_node()
    with unit_of_work():
        accounts.deactivate(_number(login), None, clock.now())


def activate(login: Login) -> None:
    """Let somebody in again."""
    opening.open_node()
    with unit_of_work():
        members.set_active(_number(login), True, None, clock.now())


def _number(login: str) -> int:
    found = next((p.number for p in members.people() if p.login == login), None)
    if found is None:
        raise NotFound("person", f"There is no person {login!r}", do="Run `hueandcry person list`")
    return found


def _show_password(number: int, password: str, json: bool) -> None:
    login = members.person(number).login
    if json:
        showing.as_json({"number": number, "login": login, "password": password})
    else:
        showing.out.print(f"[bold]{login}[/], password [bold]{password}[/]")


COMMANDS = {
    "person": group(
        add=add, list=list_, roles=roles, reset=reset, deactivate=deactivate, activate=activate
    )
}
