"""The roster: who is on duty when, where nobody is, and how each of them is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hueandcry.apps.duty import queries, rules, sealed
from hueandcry.apps.duty.models import Change, Contact, Shift
from hueandcry.apps.duty.rules import DUTY, Channel, Doing, Span
from hueandcry.apps.duty.views import ShiftView
from hueandcry.apps.members import face as members
from hueandcry.apps.members.face import PersonView
from hueandcry.core.errors import Malformed, NotFound, NotPermitted
from hueandcry.core.normal import normalise
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Kind, Micros
from hueandcry.engine.ledger import face as ledger


def desk() -> dict[int, PersonView]:
    """Everybody who may be on duty: our own active people with the role, by number."""
    held = members.people()
    return {p.number: p for p in held if p.active and p.member is None and DUTY in p.roles}


def _one_of_the_desk(login: str) -> PersonView:
    """Raises NotFound for nobody, NotPermitted for somebody without the role."""
    found = next((each for each in desk().values() if each.login == login), None)
    if found is None:
        members.actor(login)
        raise NotPermitted(
            "no_duty_role",
            f"{login} has not the role {DUTY}",
            do=f"Give it first: `hueandcry person roles {login} …`",
        )
    return found


def may_plan(actor: Actor) -> None:
    """Raises NotPermitted unless the operator of the node acts, or a role gives it."""
    if actor.person is not None:
        rules.check_may(actor, Doing.PLAN)


def log(actor: Actor, kind: str, number: int, at: Micros, **facts: Any) -> None:
    """Commits to an act in the caller's transaction."""
    row = Change(kind=kind, number=number, person_id=actor.person, at=at)
    ledger.append(
        f"duty.{kind}", row, at=time_text(at), number=number, person=actor.person, **facts
    )


# --- shifts ---------------------------------------------------------------------------------------


def add_shift(
    actor: Actor, login: str, begins: Micros, ends: Micros, at: Micros, *, second: bool = False
) -> int:
    """Puts somebody on duty for a span; its number. Shifts may overlap.

    Raises NotPermitted for who may not plan or be on duty, Malformed for what is no span.
    """
    may_plan(actor)
    person = _one_of_the_desk(login)
    rules.check_span(begins, ends, at)
    row = Shift.objects.create(person_id=person.number, begins=begins, ends=ends, second=second)
    span = {"begins": time_text(begins), "ends": time_text(ends)}
    log(actor, "shift", row.pk, at, whose=person.number, second=second, **span)
    return row.pk


def remove_shift(actor: Actor, number: int, at: Micros) -> None:
    """Takes a shift out of the roster; raises NotFound."""
    may_plan(actor)
    if queries.remove_shift(number, at) != 1:
        raise NotFound("shift", f"There is no shift {number}", do="See `hueandcry duty list`")
    log(actor, "shift-removed", number, at)


def shifts(since: Micros, until: Micros) -> list[ShiftView]:
    """The roster of a span, in order."""
    on, known = desk(), {each.number: each for each in members.people()}
    return [_view(row, known[row.person_id], on) for row in queries.shifts(since, until)]


def _view(row: Shift, person: PersonView, on: Mapping[int, PersonView]) -> ShiftView:
    stands = person.number in on
    return ShiftView(row.pk, person.login, person.name, row.begins, row.ends, row.second, stands)


def spans(since: Micros, until: Micros, people: Mapping[int, PersonView]) -> list[Span]:
    """The shifts of a span as the rules look at them, without those of who left the desk."""
    rows = queries.shifts(since, until)
    held = [row for row in rows if row.person_id in people]
    return [Span(row.person_id, row.begins, row.ends, row.second) for row in held]


def on_now(at: Micros) -> list[ShiftView]:
    """Who is on duty at an instant, the first before the second."""
    found = [each for each in shifts(at, at + 1) if each.stands]
    return sorted(found, key=lambda each: (each.second, each.number))


def gaps(since: Micros, until: Micros) -> list[tuple[Micros, Micros]]:
    """Where in a span nobody is on duty."""
    return rules.gaps(spans(since, until, desk()), since, until)


# --- addresses ------------------------------------------------------------------------------------


def set_contact(actor: Actor, login: str, email: str, phone: str, at: Micros) -> None:
    """How somebody is reached outside the node; two empty addresses erase what was known.

    Raises Unreadable or Malformed for what is no address or number. The ledger is told by which
    channels, never where.
    """
    may_plan(actor)
    person = _one_of_the_desk(login)
    if not email.isascii():
        raise Malformed("email", "Notices go to addresses in ASCII only")
    given = {
        Channel.MAIL.value: normalise(Kind.EMAIL, email).value if email else "",
        Channel.SMS.value: normalise(Kind.PHONE, phone).value if phone else "",
    }
    reach = {channel: address for channel, address in given.items() if address}
    if reach:
        # Of two who set it at once neither fails.
        told = {"reach": sealed.seal(reach)}
        Contact.objects.update_or_create(person_id=person.number, defaults=told)
    else:
        Contact.objects.filter(person=person.number).delete()
    log(actor, "contact", person.number, at, channels=sorted(reach))


def reached(people: Mapping[int, PersonView]) -> dict[int, dict[str, str]]:
    """Person → channel → address, of those for whom any is known."""
    held = queries.contacts(list(people))
    return {person: sealed.opened(reach) for person, reach in held.items()}


def address(person: int | None, channel: Channel) -> str:
    """Where somebody is reached by a channel; empty where that is not known any more."""
    return str(sealed.opened(queries.contact(person)).get(channel.value, ""))


def channels_of(login: str) -> list[str]:
    """By which channels somebody can be reached; raises as `set_contact`."""
    person = _one_of_the_desk(login)
    return sorted(sealed.opened(queries.contact(person.number)))
