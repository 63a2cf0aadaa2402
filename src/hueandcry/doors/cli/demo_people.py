"""People of the demonstration who set up a second factor, by the console, as everybody does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
import time
from typing import Final

import requests

from hueandcry.core.errors import Broken
from hueandcry.doors.cli.partnership import Node

#: Seconds that a page may take.
PATIENCE: Final = 30.0

_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_SECRET: Final = re.compile(r'class="secret">(\w+)<')


def enrolled(node: Node, login: str, *roles: str) -> None:
    """Adds somebody who chooses a password and sets up an authenticator app at their console."""
    words = (word for role in roles for word in ("--role", role))
    given = node.command("person", "add", login, *words)["password"]
    chosen = secrets.token_urlsafe(18)
    with requests.Session() as browser:
        _sent(browser, f"{node.url}/console/sign-in/", login=login, password=given)
        account = f"{node.url}/console/account"
        change = {"oldpassword": given, "password1": chosen, "password2": chosen}
        _sent(browser, f"{account}/password/", **change)
        page = _page(browser, f"{account}/factors/app/add/")
        shown = code(_found(_SECRET, page), time.time())
        _posted(browser, f"{account}/factors/app/add/", page, code=shown)
    people = {each["login"]: each for each in node.command("person", "list")}
    if not people[login]["second_factor"]:
        raise Broken("second_factor", f"{node.title}: {login} has no second factor")


def code(secret: str, at: float) -> str:
    """What an authenticator app shows at `at` (RFC 6238: SHA-1, 30 s, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, struct.pack(">Q", int(at) // 30), hashlib.sha1)
    start = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def _sent(browser: requests.Session, address: str, **fields: str) -> None:
    _posted(browser, address, _page(browser, address), **fields)


def _page(browser: requests.Session, address: str) -> str:
    answer = browser.get(address, timeout=PATIENCE)
    answer.raise_for_status()
    return answer.text


def _posted(browser: requests.Session, address: str, page: str, **fields: str) -> None:
    """Sends a form; a page that asks for it once more has refused it."""
    form = {"csrfmiddlewaretoken": _found(_TOKEN, page), **fields}
    answer = browser.post(address, data=form, timeout=PATIENCE, allow_redirects=False)
    if not answer.is_redirect:
        raise Broken("form", f"The console did not take {address}", why=answer.text[:200])


def _found(shape: re.Pattern[str], page: str) -> str:
    found = shape.search(page)
    if found is None:
        raise Broken("form", "The console answered something else", why=page[:200])
    return found[1]
