"""How people sign in: passwords given out, second factors, the standing of their sessions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import F

from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict
from hueandcry.core.types import Micros
from hueandcry.doors.desk.models import Account, Session


def account(person: Any) -> Account:
    """How this person signs in; made when first asked for."""
    found, _ = Account.objects.get_or_create(person=person)
    return found


def note_sign_in(person: Any, at: Micros) -> None:
    """Notes when somebody signed in."""
    account(person)
    Account.objects.filter(person=person).update(signed_in_at=at)


def note_chosen(person: Any, at: Micros) -> None:
    """Notes that the person chose the password: it is none that was given out any more."""
    account(person)
    Account.objects.filter(person=person).update(chosen_at=at)


def standing(person: Any) -> str:
    """A digest of all that a session depends on; when it changes, the sessions have ended."""
    epoch = account(person).epoch
    parts = (person.pk, person.password, sorted(person.roles), person.member_id, epoch)
    return hmac.digest(settings.SECRET_KEY.encode(), repr(parts).encode(), hashlib.sha256).hex()


def give_password(number: int, by: int | None, at: Micros) -> str:
    """A password to be handed over, given back once: it opens only the page to choose an own one.

    Ends every session of the person; raises NotFound.
    """
    password = members.new_password(number, by, at)
    end_sessions(number)
    Account.objects.filter(person_id=number).update(chosen_at=None, given_at=at)
    return password


def expires_at(person: Any, days: Micros) -> Micros | None:
    """When a password that was given out opens nothing any more; None for one that was chosen."""
    held = account(person)
    given = held.given_at or person.created_at
    return None if held.chosen_at is not None or not given else given + days


def keep_an_administrator(but: int) -> None:
    """Raises Conflict when, without this person, nobody could administer accounts any more."""
    others = (p for p in members.people() if p.active and p.number != but)
    if not any("administrator" in p.roles for p in others):
        raise Conflict(
            "last_administrator",
            "Nobody else could administer accounts then",
            do="Give that role to somebody else first",
        )


def set_roles(number: int, roles: Sequence[str], by: int | None, at: Micros) -> None:
    """Gives a person these roles, which ends their sessions; raises as members does, Conflict."""
    if "administrator" not in roles:
        keep_an_administrator(number)
    members.set_roles(number, roles, by, at)


def deactivate(number: int, by: int | None, at: Micros) -> None:
    """Lets a person in no more and ends their sessions; raises NotFound, Conflict."""
    keep_an_administrator(number)
    members.set_active(number, False, by, at)
    end_sessions(number)


def end_sessions(number: int, keep: bytes | None = None) -> None:
    """Signs a person out everywhere, but for the session of digest `keep` once it is renewed."""
    Account.objects.get_or_create(person_id=number)
    Account.objects.filter(person_id=number).update(epoch=F("epoch") + 1)
    rows = Session.objects.filter(person_id=number)
    (rows if keep is None else rows.exclude(digest=keep)).delete()


def has_second_factor(person: Any, but: int | None = None) -> bool:
    """Whether a code or a key is set up, besides the row `but`; recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(user=person, type__in=kinds)
    return bool(rows.exclude(pk=but).exists())


def reset_second_factor(number: int, by: int | None, at: Micros) -> None:
    """Forgets every second factor and ends every session: the next sign-in sets up a new one."""
    login = members.person(number).login
    Authenticator.objects.filter(user_id=number).delete()
    end_sessions(number)
    members.log_duty("person.factors", login, by, at)


def seen() -> dict[int, Account]:
    """How everybody signs in, by the number of the person."""
    return {row.pk: row for row in Account.objects.all()}


def with_second_factor() -> frozenset[int]:
    """The numbers of all who have set up a code or a key."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(type__in=kinds)
    return frozenset(rows.values_list("user_id", flat=True))
