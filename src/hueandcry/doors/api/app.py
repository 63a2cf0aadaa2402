"""The JSON API: plain WSGI. No path to a handler leads around `_let_in`."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import msgspec
from django.db import OperationalError, close_old_connections

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, NotFound, NotPermitted
from hueandcry.core.types import Audience
from hueandcry.doors.api import description, pages, problems, reading
from hueandcry.doors.api.endpoint import BASE, Asked, Endpoint, Said
from hueandcry.doors.api.table import ENDPOINTS
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.callers import caller_of
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.doors.desk.wire import Answer, Environ, StartResponse, send
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.replies import face as replies
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doors.api")

_encode: Final = msgspec.json.Encoder().encode
_REPLAYED: Final = {"Idempotency-Replayed": "true"}


class _NotDone(HueError):
    """A method that an address does not have."""


class _Fault(HueError):
    """What nobody foresaw."""


def api(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """The WSGI application of everything below `/api/v1/`."""
    try:
        answer = _routed(environ)
    except HueError as refused:
        answer = problems.answer(refused, environ)
    except Exception as error:
        log.exception("a request failed")
        close_old_connections()  # one that broke would fail this thread's every later request
        answer = problems.answer(_fault(error), environ)
    if answer.status == 204:
        start_response("204 No Content", [("Cache-Control", "no-store"), *answer.headers.items()])
        return [b""]
    return send(answer, start_response)


def _fault(error: Exception) -> HueError:
    if isinstance(error, OperationalError) and "locked" in str(error):
        return _Fault("busy", "The database is busy", do="Try again in a few seconds")
    return _Fault("fault", "This node failed to answer; it is logged")


# --- which endpoint ------------------------------------------------------------------------------


def _routed(environ: Environ) -> Answer:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    public = _PUBLIC.get(path)
    if public is not None:
        if method != "GET":
            return _other_method(("GET",), method, environ)
        limits.address(environ)
        return public(environ)
    found = {e.method: (e, place) for e, place in _matches(path)}
    if not found:
        raise NotFound("path", "There is nothing at this address", do=f"See {BASE}/")
    if method not in found:
        return _other_method(tuple(found), method, environ)
    endpoint, place = found[method]
    return _answered(endpoint, place, environ)


def _matches(path: str) -> Iterable[tuple[Endpoint, dict[str, str]]]:
    """The endpoints at an address: those without parameters by name, the others by their look."""
    plain = _PLAIN.get(path)
    if plain is not None:
        return plain
    found = ((endpoint, endpoint.pattern.fullmatch(path)) for endpoint in _LOOKED)
    return [(endpoint, place.groupdict()) for endpoint, place in found if place is not None]


_LOOKED: Final = tuple(endpoint for endpoint in ENDPOINTS if endpoint.parameters)
_PLAIN: Final[dict[str, list[tuple[Endpoint, dict[str, str]]]]] = {}
for _each in ENDPOINTS:
    if not _each.parameters:
        _PLAIN.setdefault(BASE + _each.path, []).append((_each, {}))


def _other_method(methods: tuple[str, ...], method: str, environ: Environ) -> Answer:
    allowed = ", ".join(methods)
    refused = _NotDone("method", f"{method[:20]} is not done here", do=f"Use {allowed}")
    answer = problems.answer(refused, environ)
    return Answer(answer.status, answer.body, answer.content_type, {"Allow": allowed})


# --- one request ---------------------------------------------------------------------------------


def _answered(endpoint: Endpoint, place: dict[str, str], environ: Environ) -> Answer:
    caller = _let_in(endpoint, environ)
    reading.accepts(environ)
    key = reading.key(environ) if endpoint.takes_key else None
    query = reading.query(endpoint, environ)
    if endpoint.cost > 1:
        limits.client(environ, caller.token, endpoint.cost - 1)
    with _body(endpoint, environ) as (raw, body):
        asked = Asked(caller, clock.now(), place, query, body, environ)
        try:
            return _done(endpoint, asked, key, raw)
        except NotPermitted as refused:
            note_refusal(environ, refused.code, caller.token)
            raise


@contextmanager
def _body(endpoint: Endpoint, environ: Environ) -> Iterator[tuple[bytes, Any]]:
    """(what a repeated request is known by, value) of a body; of a file what nobody keeps goes."""
    if not endpoint.file:
        yield reading.body(endpoint, environ)
        return
    upload = reading.file(endpoint, environ)
    try:
        yield upload.sha256, upload
    finally:
        blobs.discard_unkept([upload.fresh] if upload.fresh is not None else [])


def _done(endpoint: Endpoint, asked: Asked, key: str | None, raw: bytes) -> Answer:
    """Runs the handler, what writes in a transaction."""
    if not endpoint.writes:
        return _said(endpoint, endpoint.handler(asked), asked.environ)
    if key is None:
        with unit_of_work():
            return _said(endpoint, endpoint.handler(asked), asked.environ)
    return _once(endpoint, asked, key, raw)


def _let_in(endpoint: Endpoint, environ: Environ) -> members.Caller:
    """Who calls, with the right to this endpoint: every refusal is noted in the access log."""
    caller = caller_of(environ, endpoint.scope)
    try:
        if endpoint.ours:
            _must_be_ours(caller)
    except NotPermitted as refused:
        note_refusal(environ, refused.code, caller.token)
        raise
    return caller


def _must_be_ours(caller: members.Caller) -> None:
    if caller.member != members.us().id:
        raise NotPermitted("guest", "This is for tokens of the node's own member only")
    if caller.audience is not Audience.OWN:
        raise NotPermitted(
            "audience",
            f"This token reads the audience {caller.audience}, and this is for our own",
            do="Ask the administrator of the node for a token of the audience own",
        )


def _once(endpoint: Endpoint, asked: Asked, key: str, raw: bytes) -> Answer:
    """The effect with its answer, once for each key; again only the answer."""
    environ = asked.environ
    request = f"{endpoint.method} {environ['PATH_INFO']}\n{environ.get('QUERY_STRING', '')}\n"
    digest = hashlib.sha256(request.encode() + raw).digest()

    def do() -> replies.Kept:
        answer = _said(endpoint, endpoint.handler(asked), environ)
        return replies.Kept(answer.status, answer.body, dict(answer.headers))

    kept = replies.once(asked.caller.token, key, digest, do)
    again = _REPLAYED if kept.again else {}
    return Answer(kept.status, kept.body, headers={**kept.headers, **again})


def _said(endpoint: Endpoint, value: Any, environ: Environ) -> Answer:
    headers: dict[str, str] = {}
    if isinstance(value, Said):
        value, headers = value.value, value.headers
    if endpoint.answer is None:
        return Answer(endpoint.status, b"", headers=headers)
    following = getattr(value, "next", None)
    if following:
        headers = {**headers, "Link": _link(environ, following)}
    return Answer(endpoint.status, _encode(value), headers=headers)


_CURSOR: Final = re.compile(r"(^|&)cursor=[^&]*")


def _link(environ: Environ, cursor: str) -> str:
    """The next page (RFC 8288). The query was read strictly, so it holds nothing of a header."""
    rest = _CURSOR.sub("", environ.get("QUERY_STRING", "")).strip("&")
    safe = re.sub(r"[^A-Za-z0-9&=%._~+*-]", "", rest)
    query = "&".join(filter(None, (safe, f"cursor={cursor}")))
    return f'<{environ["PATH_INFO"]}?{query}>; rel="next"'


# --- for anybody ---------------------------------------------------------------------------------


@cache
def _description() -> bytes:
    return _encode(description.openapi(ENDPOINTS))


def _openapi(environ: Environ) -> Answer:
    return Answer(200, _description(), "application/json")


def _page(environ: Environ) -> Answer:
    return pages.answer(ENDPOINTS)


_PUBLIC: Final = {f"{BASE}/openapi.json": _openapi, f"{BASE}/": _page}
