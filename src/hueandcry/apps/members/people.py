"""Our own people and those of guest members: who they are, what they may do."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from hueandcry.apps.members import duties, rules
from hueandcry.apps.members.models import Person
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import Micros


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as an administrator sees them: never the password."""

    number: int
    login: str
    name: str
    email: str
    roles: tuple[str, ...]
    language: str
    zone: str
    member: int | None  #: a guest member; None for our own people
    active: bool
    created_at: Micros


def people(member: int | None = None) -> list[PersonView]:
    """Everybody, by login; with `member` only that guest's people."""
    rows = Person.objects.order_by("login")
    return [_view(row) for row in (rows if member is None else rows.filter(member=member))]


def person(number: int) -> PersonView:
    """The person of this number; raises NotFound."""
    return _view(_held(number))


def _held(number: int) -> Person:
    row = Person.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("person", f"There is no person {number}", do="Run `hueandcry person list`")
    return row


def active(login: str) -> Person | None:
    """The row of somebody who may act; None for anybody else."""
    return Person.objects.filter(login=login, is_active=True).first()


def add_person(
    login: str,
    roles: Sequence[str],
    name: str = "",
    *,
    by: int | None = None,
    at: Micros = 0,
    member: int | None = None,
    email: str = "",
) -> tuple[Person, str]:
    """A new person with a random password, which is given back once.

    Raises Malformed for an unknown role, NotPermitted("two_hats"), or ("guest_roles") with a
    `member`, the guest that they belong to; Conflict for a login in use.
    """
    rules.check_roles(roles)
    if member is not None:
        rules.check_guest(roles)
    if Person.objects.filter(login=login).exists():
        raise Conflict("login", f"The login {login!r} is in use", do="Choose another one")
    password = secrets.token_urlsafe(18)
    row = Person.objects.create_user(
        login,
        password,
        name=name,
        roles=list(roles),
        email=email,
        member_id=member,
        created_at=at,
    )
    duties.log("person.add", f"{login}: {' '.join(roles)}", by, at)
    return row, password


def set_roles(number: int, roles: Sequence[str], by: int | None, at: Micros) -> None:
    """Gives a person these roles and no others; raises as `add_person`, and NotFound."""
    rules.check_roles(roles)
    row = _held(number)
    if row.member_id is not None:
        rules.check_guest(roles)
    before = list(row.roles)
    if Person.objects.filter(pk=number, roles=before).update(roles=list(roles)) != 1:
        raise Conflict("roles", "Somebody else changed these roles just now", do="Look again")
    said = f"{row.login}: {' '.join(before) or 'none'} -> {' '.join(roles) or 'none'}"
    duties.log("person.roles", said, by, at)


def set_active(number: int, active: bool, by: int | None, at: Micros) -> None:
    """Lets a person in again, or no more; raises NotFound, Conflict when it is so already."""
    row = _held(number)
    if Person.objects.filter(pk=number, is_active=not active).update(is_active=active) != 1:
        raise Conflict("person", f"{row.login} is {'active' if active else 'inactive'} already")
    duties.log("person.activate" if active else "person.deactivate", row.login, by, at)


def set_preferences(number: int, language: str, zone: str) -> None:
    """How a person wants to be spoken to: no act upon an account, so the ledger is not told."""
    Person.objects.filter(pk=number).update(language=language, zone=zone)


def new_password(number: int, by: int | None, at: Micros) -> str:
    """A new random password, given back once; the old one ends at once."""
    row = _held(number)
    password = secrets.token_urlsafe(18)
    row.set_password(password)
    row.save(update_fields=["password"])
    duties.log("person.password", row.login, by, at)
    return password


def _view(row: Person) -> PersonView:
    return PersonView(
        row.pk,
        row.login,
        row.name,
        row.email,
        tuple(row.roles),
        row.language,
        row.zone,
        row.member_id,
        row.is_active,
        row.created_at,
    )
