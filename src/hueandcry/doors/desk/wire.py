"""What the plain WSGI doors share: reading a request within bounds, and one shape of answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from django.db import OperationalError, close_old_connections

from hueandcry.core.errors import (
    Broken,
    ClockOff,
    Conflict,
    HueError,
    Malformed,
    NotFound,
    NotPermitted,
    TooLarge,
    TooMany,
    Unreadable,
    Untrusted,
)

log = logging.getLogger("hueandcry.doors")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
#: Bytes of a body that are asked for at once.
_PIECE = 1 << 16

App = Callable[[Environ, StartResponse], Iterable[bytes]]

#: The first class that fits decides; a ClockOff is an Untrusted.
STATUS: tuple[tuple[type[HueError], int], ...] = (
    (ClockOff, 401),
    (Untrusted, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (TooMany, 429),
    (Malformed, 400),
    (Unreadable, 400),
    (Broken, 500),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, ready to be sent (and, on the peer door, signed)."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def json(value: Any, status: int = 200) -> Answer:
    """A JSON answer."""
    return Answer(status, msgspec.json.encode(value))


def error(refused: HueError, **more: Any) -> Answer:
    """The one shape of errors: {code, what, why?, do?}."""
    value = {"code": refused.code, "what": refused.what, **more}
    value |= {k: v for k, v in (("why", refused.why), ("do", refused.do)) if v}
    return Answer(status_of(refused), msgspec.json.encode(value), headers=retry_after(refused))


def retry_after(refused: HueError) -> dict[str, str]:
    """The header that says when a call which came too often is good again (RFC 9110 10.2.3)."""
    return {"Retry-After": str(refused.after)} if isinstance(refused, TooMany) else {}


def status_of(refused: HueError) -> int:
    """The HTTP status for an error; 400 for one that is not in the table."""
    return next((status for kind, status in STATUS if isinstance(refused, kind)), 400)


def read_body(environ: Environ, limit: int) -> bytes:
    """The request body; raises TooLarge beyond `limit` bytes, Malformed when it is cut short."""
    return b"".join(pieces(environ, limit))


def pieces(environ: Environ, limit: int) -> Iterator[bytes]:
    """The request body as it arrives; raises as `read_body`, for its length before the first."""
    length = left = _length(environ, limit)
    while left:
        piece: bytes = environ["wsgi.input"].read(min(left, _PIECE))
        if not piece:
            raise Malformed("cut_short", f"The body has {length - left} of {length} bytes")
        left -= len(piece)
        yield piece


def _length(environ: Environ, limit: int) -> int:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as wrong:
        raise Malformed("content_length", "Content-Length is not a number") from wrong
    if length > limit:
        raise TooLarge("too_large", f"A request here has at most {limit} bytes")
    if length < 0 or environ.get("HTTP_TRANSFER_ENCODING"):
        raise Malformed("content_length", "Send the body with its Content-Length")
    return length


def send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    """Sends an answer; nothing that a machine gets is ever kept by a cache."""
    headers = [
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *answer.headers.items(),
    ]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    return [answer.body]


def guarded(step: Callable[[], Answer]) -> Answer:
    """Runs a step; what it refuses becomes an answer, what it did not foresee a logged 500.

    A database that gave way to another writer, or does not answer, is a 503: nothing was done.
    """
    try:
        return step()
    except HueError as refused:
        return error(refused)
    except OperationalError:
        log.exception("the database gave way")
        close_old_connections()  # one that broke would fail this thread's every later request
        value = {"code": "busy", "what": "The database did not answer", "do": "Ask again soon"}
        return Answer(503, msgspec.json.encode(value), headers={"Retry-After": "1"})
    except Exception:
        log.exception("a request failed")
        return json({"code": "fault", "what": "This node failed to answer; it is logged"}, 500)
