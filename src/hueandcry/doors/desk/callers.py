"""Which machine calls: a token by Basic or Bearer, remembered for less than a second.

Each call counts against the rate of its token, each refusal against that of its address.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.types import MINUTE, SECOND, Micros
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.doors.desk.wire import Environ
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: A revoked token dies within this time in every process.
LIFE: Final[Micros] = SECOND
_ROOM: Final = 1_024

_known: dict[str, tuple[Micros, members.Caller]] = {}


def forget() -> None:
    """Empties the memory of callers: after a swap of databases in tests."""
    _known.clear()


def caller_of(environ: Environ, scope: str, *others: str) -> members.Caller:
    """Who calls, with the right to `scope`, or to one of the others where these will do.

    With the scope "" any valid token will do.

    Raises Untrusted("no_token"), Untrusted("token"), NotPermitted("scope"): noted, all but the
    first, which is how a browser asks for the dialogue of Basic. Raises TooMany("rate_client")
    for a token that is used too often, and in place of a refusal where too many came before.
    """
    shown = environ.get("HTTP_AUTHORIZATION", "")
    found: members.Caller | None = None
    try:
        found = _remembered(shown) or _found(shown)
        if scope and found.scopes.isdisjoint(others):
            found.may(scope)
    except HueError as refused:
        _refuse(environ, refused, found)
        raise
    limits.client(environ, found.token)
    return found


def _refuse(environ: Environ, refused: HueError, found: members.Caller | None) -> None:
    if refused.code == "no_token":
        limits.address(environ)
        return
    if found is not None:
        limits.client(environ, found.token)
    else:
        limits.refused(environ)
    note_refusal(environ, refused.code, found.token if found else None)


def _remembered(shown: str) -> members.Caller | None:
    held = _known.get(shown)
    # A clock that was set back must not keep a revoked token alive.
    if held is None or not 0 <= clock.now() - held[0] < LIFE:
        return None
    return held[1]


def _found(shown: str) -> members.Caller:
    """Only what was found valid is remembered, so that guesses cannot push it out."""
    _known.pop(shown, None)
    at = clock.now()
    text, name = _read(shown)
    found = members.caller(text, at, name=name)
    if found.used_at is None or found.used_at <= at - MINUTE:
        with unit_of_work():
            members.token_used(found.token, at)
    if len(_known) >= _ROOM:
        _known.clear()
    _known[shown] = (at, found)
    return found


def _read(shown: str) -> tuple[str, str | None]:
    """(token, user name or None) of an Authorization field (RFC 6750, RFC 7617)."""
    scheme, _, rest = shown.partition(" ")
    if rest and scheme.lower() == "bearer":
        return rest.strip(), None
    if rest and scheme.lower() == "basic":
        try:
            name, _, text = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Untrusted(
                "token", "The Authorization field is not in the form of Basic"
            ) from None
        return text, name
    raise Untrusted(
        "no_token",
        "A token is needed here",
        do="Send it as `Authorization: Bearer <token>`; `hueandcry token new` makes one",
    )


def challenges(realm: str, refused: HueError, *, basic: bool = False) -> str:
    """The WWW-Authenticate field for a 401."""
    # RFC 6750 section 3.1: no error code where no token was given.
    given = "" if refused.code == "no_token" else ', error="invalid_token"'
    bearer = f'Bearer realm="{realm}"{given}'
    return f'Basic realm="{realm}", charset="UTF-8", {bearer}' if basic else bearer
