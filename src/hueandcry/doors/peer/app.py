"""The peer door: signed calls between nodes. No path to a handler leads around `_caller`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from urllib.parse import parse_qs, urlsplit

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import calls
from hueandcry.core.calls import Call, VerifiedCall
from hueandcry.core.envelopes import MAX_BODY
from hueandcry.core.errors import ClockOff, HueError, NotFound, NotPermitted, TooMany, Untrusted
from hueandcry.core.notes import MAX_NOTE
from hueandcry.core.polls import MAX_QUESTION
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Fingerprint
from hueandcry.core.witnessing import MAX_REQUEST
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.wire import (
    Answer,
    Environ,
    StartResponse,
    error,
    guarded,
    json,
    read_body,
    send,
)
from hueandcry.doors.peer import copies, documents, envelopes, logs, packages, polls, witness
from hueandcry.engine import clock
from hueandcry.engine.keys import ed25519
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work

Handler = Callable[[PeerView, bytes, dict[str, list[str]]], Answer]

#: (method, path) → handler of an authenticated peer's call, and the bound of its body.
CALLS: dict[tuple[str, str], tuple[Handler, int]] = {
    ("POST", "/peer/v1/envelopes"): (envelopes.post, MAX_BODY),
    ("POST", "/peer/v1/documents"): (documents.post, 1 << 20),
    ("GET", "/peer/v1/feed"): (envelopes.feed, 0),
    ("GET", "/peer/v1/hello"): (documents.hello, 0),
    ("GET", "/peer/v1/seen"): (copies.seen, 0),
    ("GET", "/peer/v1/copies"): (copies.copies, 0),
    ("POST", "/peer/v1/poll"): (polls.post, MAX_QUESTION),
    ("POST", "/peer/v1/cosignatures"): (witness.hear, MAX_NOTE),
}


def peer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """The WSGI application of /peer/v1/, /log/, /witness/v1/ and the well-known card."""
    path: str = environ["PATH_INFO"]
    if path == "/.well-known/hueandcry":
        return send(guarded(lambda: _card(environ)), start_response)
    if path.startswith("/log/"):
        return send(guarded(lambda: _log(environ)), start_response)
    if path.startswith("/witness/v1/"):
        return send(guarded(lambda: _witness(environ)), start_response)
    try:
        limits.may_try(environ, _claimed(environ))
    except TooMany as flood:
        return send(error(flood), start_response)  # not signed: a flood is not worth it
    answer = guarded(lambda: _authenticated(environ))
    return send(_signed(answer, environ), start_response)


def _log(environ: Environ) -> Answer:
    limits.address(environ)
    return logs.get(environ["PATH_INFO"], environ["REQUEST_METHOD"])


def _witness(environ: Environ) -> Answer:
    """Unsigned by its caller: what is submitted bears the signature of its log (C2SP)."""
    limits.address(environ)
    if environ["PATH_INFO"] != witness.PATH or environ["REQUEST_METHOD"] != "POST":
        raise NotFound("no_such_call", "A witness takes POST /witness/v1/add-checkpoint")
    return witness.post(read_body(environ, MAX_REQUEST))


def _card(environ: Environ) -> Answer:
    limits.address(environ)
    return json({"card": members.card_of(members.us().fingerprint).decode()})


def _authenticated(environ: Environ) -> Answer:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    handler, limit = _handler(environ, method, path)
    body = read_body(environ, limit)
    try:
        caller = _caller(environ, body)
    except ClockOff as off:
        limits.refused(environ, _claimed(environ))
        # Bound to the request by our signature, so that nobody else can set the caller's clock.
        return error(off, now=time_text(clock.now()))
    except (Untrusted, NotPermitted) as unknown:
        _count_refused(environ, unknown)
        raise
    limits.member(environ, caller.member_id)
    if handler is None:
        raise NotFound("no_such_call", f"There is no {method} {path} here")
    return handler(caller, body, parse_qs(environ.get("QUERY_STRING", "")))


def _handler(environ: Environ, method: str, path: str) -> tuple[Handler | None, int]:
    """What answers a call, and the bound of its body; a package is named by its path."""
    if method == "GET" and path.startswith(packages.PREFIX):
        span: str = environ.get("HTTP_RANGE", "")
        return partial(packages.get, path.removeprefix(packages.PREFIX), span), 0
    return CALLS.get((method, path), (None, MAX_BODY))


_KEYID = re.compile(r';keyid="([0-9a-f]{64}/[0-9a-f]{16})"')


def _claimed(environ: Environ) -> str:
    """Whose key a call says that it is signed by: nothing is believed about it yet."""
    found = _KEYID.search(environ.get("HTTP_SIGNATURE_INPUT", ""))
    return found[1] if found else ""


def _count_refused(environ: Environ, unknown: HueError) -> None:
    """By address and claimed key, so that who is refused for a while is not its neighbours."""
    limits.refused(environ, _claimed(environ))
    if unknown.code == "unknown_key":
        limits.refused(environ, "")


def _caller(environ: Environ, body: bytes) -> PeerView:
    """The peer that made this call, or an error: the one place where a call becomes trusted."""
    call = Call(
        method=environ["REQUEST_METHOD"],
        authority=_authority(),
        path=environ["PATH_INFO"],
        query="?" + environ.get("QUERY_STRING", ""),
        body=body or None,
        content_type=environ.get("CONTENT_TYPE") or None,
    )
    at = clock.now()
    verified = calls.verify_call(
        call,
        _headers(environ),
        at=at,
        key_for=lambda keyid: _transport_key(keyid, body),
        verify=ed25519.verify,
    )
    fingerprint = verified.keyid.partition("/")[0]
    caller = _known(fingerprint, body)
    _remember(verified, caller)
    return caller


def _known(fingerprint: Fingerprint, body: bytes) -> PeerView:
    """The peer of this fingerprint; one that our people expect becomes it by its first call."""
    try:
        return peers.must_be(fingerprint)
    except NotPermitted:
        if not peers.expects(fingerprint):
            raise
    with unit_of_work():
        peers.welcome(body, fingerprint, clock.now())
    return peers.must_be(fingerprint)


def _remember(verified: VerifiedCall, caller: PeerView) -> None:
    with unit_of_work():
        created = verified.created * SECOND
        peers.take_nonce(verified.keyid, verified.nonce, verified.forget_after, created)
        if caller.failures or caller.last_seen is None:
            peers.seen(caller.id, clock.now())


def _transport_key(keyid: str, body: bytes) -> bytes:
    """The key that the caller's card names, or the newer card that this very call hands over.

    A renewed key could otherwise never be made known: the card is under the root that we hold.
    A member that our people expect introduces itself so: its card is under its own fingerprint.
    """
    introduced = members.introduced_key(keyid, body)
    if introduced is not None:
        return introduced
    try:
        key = members.transport_key(keyid)
    except Untrusted:
        first = _first_key(keyid, body)
        if first is None:
            raise
        return first
    if not members.stands(
        valid_from=key.valid_from,
        valid_to=key.valid_to,
        compromised_since=key.compromised_since,
        at=clock.now(),
    ):
        raise Untrusted("key_not_valid", f"The key {keyid} is not valid now")
    return key.public


def _first_key(keyid: str, body: bytes) -> bytes | None:
    expected = peers.expects(keyid.partition("/")[0])
    return members.introduced_key(keyid, body, first=True) if expected else None


@lru_cache(maxsize=1)
def _authority() -> str:
    """Our own name: compared with what was signed, never with the Host header (PROTOCOL 2)."""
    return urlsplit(members.us().url).netloc.lower()


def _headers(environ: Environ) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return found


def _signed(answer: Answer, environ: Environ) -> Answer:
    """Binds an answer to its request; a request without a signature gets a plain answer."""
    keyring = own()
    key_id = members.signing_key("transport")
    try:
        headers = calls.sign_response(
            answer.status,
            answer.body,
            request_signature=environ.get("HTTP_SIGNATURE", ""),
            keyid=f"{members.us().fingerprint}/{key_id}",
            sign=lambda message: keyring.sign("transport", message, key_id),
            created=clock.now() // SECOND,
        )
    except HueError:
        return answer
    return Answer(answer.status, answer.body, answer.content_type, {**answer.headers, **headers})
