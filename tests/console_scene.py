"""People of a node, signed in to its console as they would be, for tests of the console's pages."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client, RequestFactory

from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Person
from hueandcry.doors.console import binding
from hueandcry.doors.console.sessions import SessionStore
from hueandcry.doors.desk.models import Account
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: The address of the node of `node_scene`.
HOST: Final = "centre.example"
PASSWORD: Final = "correct horse battery"


def browser(**more: Any) -> Client:
    """A browser at the console's own address."""
    return Client(
        raise_request_exception=False,
        headers={"host": HOST, "user-agent": "Test/1.0"},
        **more,
    )


def person(login: str, *roles: str, member: int | None = None) -> Person:
    """Somebody with these roles, an own password (PASSWORD) and an authenticator app."""
    with unit_of_work():
        row, _ = members.add_person(login, roles, member=member, at=clock.now())
    row.set_password(PASSWORD)
    row.save()
    Account.objects.create(person=row, chosen_at=clock.now())
    TOTP.activate(row, generate_totp_secret())
    return row


def signed_in(
    who: Person,
    client: Client | None = None,
    methods: Sequence[str] = ("password", "mfa"),
) -> Client:
    """A browser in which `who` has just signed in, with both factors unless said otherwise."""
    client = client or browser()
    session = SessionStore()
    session[SESSION_KEY] = str(who.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = who.get_session_auth_hash()
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = user_id_to_str(who)
    at = time.time()
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": method, "at": at} for method in methods
    ]
    request = RequestFactory(headers={"user-agent": "Test/1.0"}).get("/console/")
    request.session = session
    binding.begin(request, who)
    session.create()
    assert session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def one_with(*roles: str, member: int | None = None) -> Client:
    """A browser in which somebody with these roles is signed in."""
    return signed_in(person("-".join(roles) or "nobody", *roles, member=member))


def opened(client: Client, pages: Iterable[str]) -> dict[str, int]:
    """Address → status of the answer."""
    return {page: client.get(page, secure=True).status_code for page in pages}


def code_of(who: Person) -> str:
    """What the authenticator app of `who` shows now."""
    held = Authenticator.objects.get(user=who, type=Authenticator.Type.TOTP)
    return code(decrypt(held.data["secret"]))


def code(secret: str) -> str:
    """What an authenticator app shows now for this secret."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def sign_in(client: Client, who: Person, password: str = PASSWORD) -> str:
    """Signs in as a browser does, with both factors; where that leads."""
    form = {"login": who.login, "password": password}
    first = client.post("/console/sign-in/", form, secure=True)
    if first.headers.get("Location") != "/console/sign-in/factor/":
        return str(first.headers.get("Location", first.status_code))
    second = client.post("/console/sign-in/factor/", {"code": code_of(who)}, secure=True)
    return str(second.headers.get("Location", second.status_code))
