"""Errors as problem details (RFC 9457): one table of stable codes, with status and meaning."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from hueandcry.apps.members import face as members
from hueandcry.client.answers import Problem
from hueandcry.core.errors import (
    Broken,
    Conflict,
    HueError,
    Malformed,
    NotFound,
    NotPermitted,
    TooLarge,
    TooMany,
    Unreachable,
    Unreadable,
    Untrusted,
)
from hueandcry.doors.desk import callers, wire
from hueandcry.doors.desk.wire import Answer, Environ

TYPE: Final = "application/problem+json"
REALM: Final = "hueandcry API"


class Meaning(NamedTuple):
    """What a code stands for."""

    status: int
    title: str


#: Every code that is raised by the door itself, or that it gives a status of its own.
CODES: Final[dict[str, Meaning]] = {
    "no_token": Meaning(401, "No token was shown"),
    "token": Meaning(401, "The token is unknown, expired or revoked"),
    "scope": Meaning(403, "The token lacks the scope"),
    "audience": Meaning(403, "The token reads another audience"),
    "guest": Meaning(403, "This is not for a guest member's token"),
    "no_seat": Meaning(403, "The guest whose token this is has no seat here any more"),
    "path": Meaning(404, "There is nothing at this address"),
    "method": Meaning(405, "That is not done here"),
    "accept": Meaning(406, "No form of answer that is accepted"),
    "content_type": Meaning(415, "The body is in another form than is taken here"),
    "content_length": Meaning(400, "The length of the body is not stated rightly"),
    "cut_short": Meaning(400, "The body ended early"),
    "too_large": Meaning(413, "The body is too large"),
    "too_deep": Meaning(413, "The body is nested too deeply"),
    "not_utf8": Meaning(400, "The text is not UTF-8"),
    "bom": Meaning(400, "The text begins with a byte order mark"),
    "not_json": Meaning(400, "The body is not JSON"),
    "duplicate_member": Meaning(400, "A member stands twice"),
    "float": Meaning(400, "A number is a fraction"),
    "big_integer": Meaning(400, "A number is too large"),
    "lone_surrogate": Meaning(400, "A text holds half of a sign"),
    "body": Meaning(400, "A body where none belongs"),
    "parameter": Meaning(400, "A parameter of the query is unknown, missing or wrong"),
    "cursor": Meaning(400, "The cursor is not one of ours"),
    "idempotency_key": Meaning(400, "The Idempotency-Key is not in its form"),
    "key_reused": Meaning(422, "The Idempotency-Key was used for another request"),
    "in_flight": Meaning(409, "A request with the same key is still at work"),
    "misshapen": Meaning(422, "A member of the body is unknown, missing or wrong"),
    "purpose": Meaning(422, "A purpose is needed for what names a person"),
    "rate_client": Meaning(429, "The token is used too often"),
    "rate_address": Meaning(429, "Too many requests from the address"),
    "rate_refused": Meaning(429, "Too many refused attempts from the address"),
    "fault": Meaning(500, "The node failed"),
    "busy": Meaning(503, "The node is too busy"),
}

#: For codes that rules raise: the first class that fits decides.
_STATUS: Final[tuple[tuple[type[HueError], Meaning], ...]] = (
    (Untrusted, Meaning(401, "Who asks is not known")),
    (NotPermitted, Meaning(403, "This is not permitted")),
    (NotFound, Meaning(404, "There is no such thing")),
    (Conflict, Meaning(409, "The thing is not in a state for that")),
    (TooLarge, Meaning(413, "Too much at once")),
    (TooMany, Meaning(429, "Too often")),
    (Malformed, Meaning(422, "The request says what cannot be")),
    (Unreadable, Meaning(422, "The value cannot be read")),
    (Unreachable, Meaning(422, "The address cannot be called")),
    (Broken, Meaning(500, "Stored state contradicts itself")),
)


def meaning(refused: HueError) -> Meaning:
    """Status and title of an error."""
    known = CODES.get(refused.code)
    if known is not None:
        return known
    return next((m for kind, m in _STATUS if isinstance(refused, kind)), Meaning(422, "Refused"))


def answer(refused: HueError, environ: Environ) -> Answer:
    """An error as the answer to a request, with the header fields that its status asks for."""
    status, title = meaning(refused)
    said = Problem(
        type=f"{_home()}/api/v1/#{refused.code}",
        title=title,
        status=status,
        code=refused.code,
        detail=str(refused),
        what=refused.what,
        why=refused.why,
        do=refused.do,
        request=environ.get("hueandcry.request", ""),
    )
    headers = dict(wire.retry_after(refused))
    if status == 401:
        headers["WWW-Authenticate"] = callers.challenges(REALM, refused)
    if status == 409 and refused.code == "in_flight":
        headers["Retry-After"] = "1"
    return Answer(status, msgspec.json.encode(said), TYPE, headers)


def _home() -> str:
    try:
        return members.us().url.rstrip("/")
    except HueError:
        return ""
