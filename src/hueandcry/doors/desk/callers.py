"""Which machine calls: a token by Basic or Bearer, remembered for less than a second.

Refusals are noted in the access log, but a flood of them is not: so many rows a minute, no more.
"""

from __future__ import annotations

import base64
import binascii
import logging
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, Untrusted
from hueandcry.core.types import MINUTE, SECOND, Micros
from hueandcry.doors.desk.wire import Environ
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doors")

#: A revoked token dies within this time in every process.
LIFE: Final[Micros] = SECOND
_ROOM: Final = 1_024

#: Refusals noted in one minute, by everybody together; the others are only counted.
NOTED: Final = 20

_known: dict[str, tuple[Micros, members.Caller]] = {}
_minute: list[int] = [0, 0, 0]  # which minute, rows noted in it, refusals left uncounted


def forget() -> None:
    """Empties the memory of callers: after a swap of databases in tests."""
    _known.clear()
    _minute[:] = [0, 0, 0]


def caller_of(environ: Environ, scope: str, *others: str) -> members.Caller:
    """Who calls, with the right to `scope`, or to one of the others where these will do.

    Raises Untrusted("no_token"), Untrusted("token"), NotPermitted("scope"): noted, all but the
    first, which is how a browser asks for the dialogue of Basic.
    """
    shown = environ.get("HTTP_AUTHORIZATION", "")
    found: members.Caller | None = None
    try:
        found = _remembered(shown) or _found(shown)
        if found.scopes.isdisjoint(others):
            found.may(scope)
    except HueError as refused:
        if refused.code != "no_token":
            note_refusal(environ, refused.code, found.token if found else None)
        raise
    return found


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


def note_refusal(environ: Environ, code: str, token: int | None = None) -> None:
    """Notes a refusal in the access log, within bounds; never fails."""
    at = clock.now()
    minute = at // MINUTE
    if _minute[0] != minute:
        _minute[:2] = [minute, 0]
    if _minute[1] >= NOTED:
        _minute[2] += 1
        return
    more = f" (and {_minute[2]} more, not noted one by one)" if _minute[2] else ""
    _minute[1:] = [_minute[1] + 1, 0]
    subject = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}{more}"
    address = environ.get("REMOTE_ADDR", "")
    try:
        with unit_of_work():
            members.log_access(
                members.AccessNote(code, subject, "refused", token=token, address=address), at
            )
    except Exception:
        log.exception("a refusal could not be noted")
