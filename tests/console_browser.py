"""A console that Chromium can open: on loopback, with its own name, and people signed in."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any, Final
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import BrowserContext, Page, ViewportSize

import databases
from console_scene import signed_in
from hueandcry.apps.members import face as members
from hueandcry.apps.members.models import Member, Person
from hueandcry.engine.store.reading import close_reader

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS: Final = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

NARROWEST: Final[ViewportSize] = {"width": 320, "height": 640}
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
AGENT: Final = "Test/1.0"  # what sessions of `console_scene` are bound to


def need_chromium() -> None:
    """Skips the module without Chromium, unless nothing may be skipped here."""
    if CHROMIUM is None and not databases.skips_fail(os.environ):
        pytest.skip(
            "Chromium is not installed (Debian's package chromium)", allow_module_level=True
        )


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of the node's Django part under `localhost`, which is now the node's own."""
    django = get_wsgi_application()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            return [b"".join(django(environ, start_response))]
        finally:
            connections.close_all()  # every request has a thread of its own here
            close_reader()

    with make_server("127.0.0.1", 0, application, _Server, _Handler) as server:
        url = f"http://localhost:{server.server_port}"
        Member.objects.filter(is_self=True).update(url=url)
        members.forget()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


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


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


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
