"""Seats: a small member's people work on another's node. The home signs, and says who speaks.

A guest has no keys of its own. Its fingerprint is worked out from its home's and its code, so
that nobody's root statement can have it. What it claims goes out under its home's signature with
the source `seat:<code>`; the code ends in its home's first eight digits, so that no two homes'
seats are ever taken for one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from hueandcry.apps.members import duties, queries, rules
from hueandcry.apps.members.models import Member, Person, Seat, Token
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.core.sharing import Terms, read_terms
from hueandcry.core.types import Fingerprint, Micros

#: What the source of a seat's claims begins with.
SOURCE: Final = "seat:"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_CODE = re.compile(rf"({_SLUG.pattern})\.([0-9a-f]{{8}})")


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat, ours or another home's."""

    id: int
    home: Fingerprint
    home_name: str
    guest: int | None  #: row number of the guest member; None at other homes
    fingerprint: Fingerprint  #: of the guest
    code: str
    name: str
    country: str
    roles: tuple[str, ...]
    serial: int
    ended: bool
    changed_at: Micros
    announced: bytes | None

    @property
    def source(self) -> str:
        """The source that its claims carry."""
        return SOURCE + self.code


def guest_fingerprint(home: Fingerprint, code: str) -> Fingerprint:
    """SHA-256(`hueandcry/seat/v1\\n` ‖ home ‖ `\\n` ‖ code), lower-case hex."""
    return hashlib.sha256(f"hueandcry/seat/v1\n{home}\n{code}".encode()).hexdigest()


def code_of(home: Fingerprint, slug: str) -> str:
    """The code of a seat from the short name that its home gives it; raises Malformed."""
    if not _SLUG.fullmatch(slug):
        raise Malformed(
            "seat", f"{slug!r} cannot name a seat", do="Use small letters, digits and hyphens"
        )
    return f"{slug}.{home[:8]}"


def open_seat(
    code: str,
    name: str,
    country: str,
    roles: Sequence[str],
    terms: Terms,
    at: Micros,
    by: int | None = None,
) -> SeatView:
    """Gives a guest a seat here, on terms that say what it may see; Conflict when it has one.

    A seat that ended is opened again under its old code, so that its claims stay its own.
    """
    home = _home()
    wrong = rules.unknown_roles(tuple(roles))
    if wrong or not roles or not name.strip() or len(name) > 200:
        raise Malformed("seat", "A seat has a name, and at least one known role", do=_ROLES)
    held = Seat.objects.filter(home=home, code=code).first()
    if held is not None and not held.ended:
        raise Conflict("seat", f"There is a seat {code} already", do="Run `hueandcry seat list`")
    said = {"name": name, "country": country, "roles": list(roles)}
    guest, _ = Member.objects.update_or_create(
        fingerprint=bytes.fromhex(guest_fingerprint(home.fingerprint.hex(), code)),
        defaults={**said, "hosted": True},
    )
    row, _ = Seat.objects.update_or_create(
        home=home,
        code=code,
        defaults={
            **said,
            "guest": guest,
            "serial": held.serial + 1 if held else 1,
            "ended": False,
            "terms": terms.terms_bytes(),
            "changed_at": at,
        },
    )
    duties.log("seat.open", f"{code}: {name}", by, at)
    return _view(row)


_ROLES = f"Use one of: {', '.join(rules.MEMBER_ROLES)}"


def end_seat(code: str, at: Micros, by: int | None = None) -> SeatView:
    """Ends a seat of ours: its people and tokens are out at once, its claims stay."""
    row = _ours(code)
    serial = row.serial
    rows = Seat.objects.filter(pk=row.pk, ended=False, serial=serial)
    if rows.update(ended=True, serial=serial + 1, changed_at=at) != 1:
        raise Conflict("seat", f"The seat {row.code} has ended already")
    Person.objects.filter(member=row.guest).update(is_active=False)
    Token.objects.filter(member=row.guest, revoked_at=None).update(revoked_at=at)
    duties.log("seat.end", f"{row.code}: {row.name}", by, at)
    row.refresh_from_db()
    return _view(row)


def _home() -> Member:
    row = queries.myself()
    if row is None:
        raise NotFound("node", "There is no node here", do="Run `hueandcry init` first")
    return row


def _ours(code: str) -> Seat:
    rows = [
        row
        for row in _rows().filter(home__is_self=True)
        if code in (row.code, row.code.partition(".")[0])
    ]
    if len(rows) != 1:
        raise NotFound("seat", f"There is no seat {code}", do="Run `hueandcry seat list`")
    return rows[0]


def _rows() -> QuerySet[Seat]:
    return Seat.objects.select_related("home", "guest").order_by("id")


def seats(*, ours: bool = True) -> list[SeatView]:
    """Every seat of ours; else every seat of other homes that was announced to us."""
    return [_view(row) for row in _rows().filter(home__is_self=ours)]


def seat(code: str) -> SeatView:
    """The seat of ours of this code, or of the short name in it; raises NotFound."""
    return _view(_ours(code))


def seat_of(guest: Fingerprint) -> SeatView | None:
    """The seat of a guest of ours; None for anybody else."""
    row = _rows().filter(guest__fingerprint=bytes.fromhex(guest)).first()
    return None if row is None else _view(row)


def seat_terms(seat: SeatView) -> Terms:
    """What a guest of ours may see of what we hold."""
    terms = Seat.objects.filter(pk=seat.id).values_list("terms", flat=True).first()
    if terms is None:
        raise NotFound("seat", f"The seat {seat.code} is not ours")
    return read_terms(bytes(terms))


def speaker(home: Fingerprint, source: str) -> SeatView | None:
    """Who speaks in a claim of this member and source: one of its seats, or None.

    A code that its home did not announce to us is nobody whom we could name.
    """
    if not source.startswith(SOURCE):
        return None
    row = _rows().filter(home__fingerprint=bytes.fromhex(home), code=source[len(SOURCE) :]).first()
    return None if row is None else _view(row)


def announced(seat: SeatView, document: bytes) -> None:
    """Keeps the document by which a seat of ours was announced last."""
    Seat.objects.filter(pk=seat.id).update(announced=document)


def announcements() -> list[bytes]:
    """The newest document about each of our seats, for a member that becomes a peer."""
    rows = _rows().filter(home__is_self=True, announced__isnull=False)
    return [bytes(row.announced) for row in rows]


# --- the document --------------------------------------------------------------------------------


def seat_body(seat: SeatView) -> dict[str, Any]:
    """The body by which a home announces a seat, or its end."""
    return {
        "code": seat.code,
        "country": seat.country,
        "name": seat.name,
        "roles": list(seat.roles),
        "serial": seat.serial,
        "state": "ended" if seat.ended else "open",
    }


def take_seat(home: Fingerprint, body: Mapping[str, Any], document: bytes, at: Micros) -> bool:
    """Takes in what a home says about a seat of its own; False for an older or the same word."""
    said = _read(home, body)
    member = queries.by_fingerprint(home)
    if member is None:
        raise NotFound("member", f"No card of {home} is held")
    held = Seat.objects.filter(home=member, code=said["code"]).first()
    if held is not None and held.serial >= said["serial"]:
        return False
    said |= {"ended": said.pop("state") == "ended", "announced": document, "changed_at": at}
    Seat.objects.update_or_create(home=member, code=said.pop("code"), defaults=said)
    return True


def _read(home: Fingerprint, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a seat document; raises Malformed for anything but its one form."""
    names = {"code", "country", "name", "roles", "serial", "state"}
    if set(body) != names or body["state"] not in ("open", "ended"):
        raise Malformed("seat", "This is not the announcement of a seat")
    for name, most in (("code", 64), ("country", 2), ("name", 200)):
        if not isinstance(body[name], str) or len(body[name]) > most:
            raise Malformed("seat", f"The {name} of the seat is no text, or too long")
    roles = body["roles"]
    if not isinstance(roles, list) or rules.unknown_roles(tuple(map(str, roles))):
        raise Malformed("seat", "The seat has a role that nobody knows")
    if type(body["serial"]) is not int or not 1 <= body["serial"] <= 1_000_000:
        raise Malformed("seat", "The serial of a seat is a number from 1 on")
    code = _CODE.fullmatch(body["code"])
    if code is None or code[2] != home[:8]:
        raise Malformed("seat", "The code of the seat is not one of this home's")
    return dict(body)


def _view(row: Seat) -> SeatView:
    home = row.home.fingerprint.hex()
    return SeatView(
        row.pk,
        home,
        row.home.name,
        row.guest_id,
        guest_fingerprint(home, row.code),
        row.code,
        row.name,
        row.country,
        tuple(row.roles),
        row.serial,
        row.ended,
        row.changed_at,
        bytes(row.announced) if row.announced else None,
    )
