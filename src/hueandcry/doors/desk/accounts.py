"""How people sign in: one-time passwords, the standing that a session depends on, second factors."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import F

from hueandcry.doors.desk.models import Account


def account(person: Any) -> Account:
    """How this person signs in; made when first asked for."""
    found, _ = Account.objects.get_or_create(person=person)
    return found


def standing(person: Any) -> str:
    """A digest of all that a session depends on; when it changes, the sessions have ended."""
    member = getattr(person, "member_id", None)
    parts = (person.pk, person.password, sorted(person.roles), member, account(person).epoch)
    return hmac.digest(settings.SECRET_KEY.encode(), repr(parts).encode(), hashlib.sha256).hex()


def end_sessions(person: Any) -> None:
    """Signs the person out everywhere."""
    account(person)
    Account.objects.filter(person=person).update(epoch=F("epoch") + 1)


def has_second_factor(person: Any) -> bool:
    """Whether a code or a key is set up; recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.filter(user=person, type__in=kinds).exists()


def reset_second_factor(person: Any) -> None:
    """Forgets every second factor and ends every session: the next sign-in sets up a new one."""
    Authenticator.objects.filter(user=person).delete()
    end_sessions(person)
