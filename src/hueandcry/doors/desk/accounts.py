"""How people sign in: passwords given out, second factors, the standing of their sessions."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import F

from hueandcry.apps.members import face as members
from hueandcry.core.types import Micros
from hueandcry.doors.desk.models import Account


def account(person: Any) -> Account:
    """How this person signs in; made when first asked for."""
    found, _ = Account.objects.get_or_create(person=person)
    return found


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
    fresh = {"chosen_at": None, "given_at": at}
    Account.objects.get_or_create(person_id=number)
    Account.objects.filter(person_id=number).update(epoch=F("epoch") + 1, **fresh)
    return password


def expires_at(person: Any, days: Micros) -> Micros | None:
    """When a password that was given out opens nothing any more; None for one that was chosen."""
    held = account(person)
    given = held.given_at or person.created_at
    return None if held.chosen_at is not None or not given else given + days


def end_sessions(person: Any) -> None:
    """Signs the person out everywhere."""
    account(person)
    Account.objects.filter(person=person).update(epoch=F("epoch") + 1)


def has_second_factor(person: Any, but: int | None = None) -> bool:
    """Whether a code or a key is set up, besides the row `but`; recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=person, type__in=kinds).exclude(pk=but).exists()


def reset_second_factor(number: int, by: int | None, at: Micros) -> None:
    """Forgets every second factor and ends every session: the next sign-in sets up a new one."""
    login = members.person(number).login
    Authenticator.objects.filter(user_id=number).delete()
    Account.objects.get_or_create(person_id=number)
    Account.objects.filter(person_id=number).update(epoch=F("epoch") + 1)
    members.log_duty("person.factors", login, by, at)
