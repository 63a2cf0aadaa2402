"""Documents over the peer door: one table from type to app, one transaction, one receipt each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from hueandcry.apps.directory import face as directory
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import jws
from hueandcry.core.errors import HueError, Malformed, NotPermitted, Untrusted
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.doors.desk.wire import Answer, error, json
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Takes in a believed document of the caller and gives the receipt's facts.
Handler = Callable[[Accepted, PeerView, Micros], dict[str, Any]]

TYPES: dict[str, Handler] = {
    "agreement": peers.take_agreement,
    "seat": peers.take_seat,
    **dict.fromkeys(directory.TYPES, directory.take),
}


def post(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """Accepts one document; the same bytes again get the stored receipt again."""
    try:
        return _taken(body, caller)
    except HueError as refused:
        # Named, so that the caller can tell a refused document from a refused call.
        return error(refused, about=hashlib.sha256(body).hexdigest())


def _taken(body: bytes, caller: PeerView) -> Answer:
    at = clock.now()
    unverified = jws.open_document(body)
    if unverified.type == "receipt":
        return _receipt(body, caller, at)
    if unverified.type in ("revocation", "card"):
        return _of_members(unverified.type, body, caller, at)
    with unit_of_work():
        accepted = peers.accept(body, at)
        foreign = accepted.document.iss != caller.fingerprint
        if foreign and accepted.document.type not in peers.HANDED_ON:
            raise NotPermitted("not_issuer", "Only its issuer delivers this document")
        stored = peers.stored_receipt(caller, bytes.fromhex(accepted.document.digest))
        return _answer(stored or _handle(accepted, caller, at))


def hello(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """A peer says that it is here: what waits for it is due now. `back` asks us to call it."""
    with unit_of_work():
        peers.seen(caller.id, clock.now())
    if "back" in query:
        return json({"now": time_text(clock.now()), "back": peers.call_back(caller)})
    return json({"now": time_text(clock.now())})


def _handle(accepted: Accepted, caller: PeerView, at: Micros) -> bytes:
    handler = TYPES.get(accepted.document.type)
    if handler is None:
        facts: dict[str, Any] = {"outcome": "refused", "class": "unknown_type"}
    else:
        facts = handler(accepted, caller, at)
    return peers.document_receipt(accepted, caller, facts, at)


def _answer(receipt: bytes) -> Answer:
    return json({"receipt": receipt.decode()})


def _receipt(body: bytes, caller: PeerView, at: Micros) -> Answer:
    """A receipt is kept and logged, and not receipted in its turn (PROTOCOL 3)."""
    with unit_of_work():
        document = peers.believe(body, at)
        if document.iss != caller.fingerprint or not document.re:
            raise Untrusted("not_issuer", "Only its issuer delivers a receipt")
        kind = document.body.get("kind")
        if kind not in ("receipt", "effective"):
            raise Malformed("receipt_kind", "A receipt is of kind `receipt` or `effective`")
        if kind == "effective" and type(document.body.get("at")) is not int:
            raise Malformed("receipt_at", "An effective receipt says since when, in microseconds")
        about = bytes.fromhex(document.re[0])
        said = peers.keep_receipt(caller, about, body, at, kind=kind)
        if kind == "effective" and said is not None:
            exchange.take_effective(said, document.re, caller)
    return Answer(200, b"")


def _of_members(doc_type: str, body: bytes, caller: PeerView, at: Micros) -> Answer:
    """A card or a revocation: its root key proves it, whoever hands it on."""
    with unit_of_work():
        if doc_type == "card":
            members.take_card(body, at)
        else:
            members.take_revocation(body, at)
    members.forget()
    return Answer(200, b"")
