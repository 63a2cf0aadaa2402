"""A console that Chromium can open: on loopback, with its own name, and people signed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import BrowserContext, Page

import django_server
from console_scene import signed_in
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Member, Person

AGENT: Final = "Test/1.0"  # what sessions of `console_scene` are bound to


@contextmanager
def serving() -> Iterator[str]:
    """The address of the node's Django part under `localhost`, which is now the node's own."""
    with django_server.serving() as port:
        url = f"http://localhost:{port}"
        Member.objects.filter(is_self=True).update(url=url)
        members.forget()
        yield url


def cookie_of(who: Person, url: str) -> SetCookieParam:
    """The cookie of a browser in which `who` is signed in; made before Playwright runs."""
    held = signed_in(who).cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": held,
        "domain": str(urlsplit(url).hostname),
        "path": "/console/",
        "httpOnly": True,
        "sameSite": "Strict",
    }


def key_reader(context: BrowserContext, page: Page) -> None:
    """Gives the page's browser a security key that answers by itself."""
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
