"""What arrives from a peer, by whichever way: over its door, as the answer to a poll, or in a file.

One table from type of document to app; one transaction and one receipt for each thing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.directory import face as directory
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import jws
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError, Malformed, NotPermitted, Untrusted
from hueandcry.core.polls import Reply
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doors")

#: Takes in a believed document of the caller and gives the receipt's facts.
Handler = Callable[[Accepted, PeerView, Micros], dict[str, Any]]

TYPES: dict[str, Handler] = {
    "agreement": peers.take_agreement,
    "seat": peers.take_seat,
    "shipping-note": evidence.take_note,
    evidence.RECEIPT: evidence.take_receipt,
    cooperation.ASKED: cooperation.take_request,
    cooperation.STEP: cooperation.take_step,
    cooperation.HOLD_STEP: cooperation.take_hold_step,
    deconfliction.DECONFLICTION: deconfliction.take,
    cooperation.MONEY_STEP: cooperation.take_money_step,
    "fork": peers.take_fork,
    **dict.fromkeys(directory.TYPES, directory.take),
}


def document(raw: bytes, caller: PeerView) -> bytes | None:
    """Takes in one document and gives our receipt; None for what is never receipted.

    The same bytes again get the stored receipt again. Raises what the document is refused for.
    """
    at = clock.now()
    unverified = jws.open_document(raw)
    if unverified.type == "receipt":
        _receipt(raw, caller, at)
        return None
    if unverified.type in ("revocation", "card", "succession"):
        _of_members(unverified.type, raw, at)
        return None
    with unit_of_work():
        accepted = peers.accept(raw, at)
        foreign = accepted.document.iss != caller.fingerprint
        if foreign and accepted.document.type not in peers.HANDED_ON:
            raise NotPermitted("not_issuer", "Only its issuer delivers this document")
        stored = peers.stored_receipt(caller, bytes.fromhex(accepted.document.digest))
        return stored or _handle(accepted, caller, at)


def part(given: Part, caller: PeerView, *, paced: bool = True) -> bytes:
    """Takes in one part of an envelope and gives our receipt.

    `paced`: it counts against the rate that the agreement grants.
    """
    with unit_of_work():
        return exchange.take_part(given, caller, clock.now(), paced=paced)


def replies(said: Sequence[Reply], caller: PeerView) -> None:
    """Takes in what a peer says to the things that it fetched; one bad reply spoils no other."""
    if not said:
        return
    at = clock.now()
    try:
        with unit_of_work():
            for reply in said:
                exchange.take_reply(caller, reply, at)
    except HueError:
        for reply in said:
            _alone(reply, caller, at)
    for reply in said:
        if reply.code == "future":
            exchange.sign_again(reply.about)


def _alone(reply: Reply, caller: PeerView, at: Micros) -> None:
    try:
        with unit_of_work():
            exchange.take_reply(caller, reply, at)
    except HueError as error:
        log.warning("a reply of %s was not taken: %s", caller.name, error)


def takers() -> exchange.Takers:
    """How what is in a carried file is taken in: no rate is granted to a file."""
    return exchange.Takers(document, partial(part, paced=False), replies)


def asking() -> exchange.Asking:
    """The questions of a node without an inbound port."""
    return exchange.Asking(document, part)


def _handle(accepted: Accepted, caller: PeerView, at: Micros) -> bytes:
    handler = TYPES.get(accepted.document.type)
    if handler is None:
        facts: dict[str, Any] = {"outcome": "refused", "class": "unknown_type"}
    else:
        facts = handler(accepted, caller, at)
    return peers.document_receipt(accepted, caller, facts, at)


def _receipt(raw: bytes, caller: PeerView, at: Micros) -> None:
    """A receipt is kept and logged, and not receipted in its turn (PROTOCOL 3)."""
    with unit_of_work():
        document = peers.believe(raw, at)
        if document.iss != caller.fingerprint or not document.re:
            raise Untrusted("not_issuer", "Only its issuer delivers a receipt")
        kind = document.body.get("kind")
        if kind not in ("receipt", "effective"):
            raise Malformed("receipt_kind", "A receipt is of kind `receipt` or `effective`")
        if kind == "effective" and type(document.body.get("at")) is not int:
            raise Malformed("receipt_at", "An effective receipt says since when, in microseconds")
        about = bytes.fromhex(document.re[0])
        said = peers.keep_receipt(caller, about, raw, at, kind=kind)
        if said is None:
            return
        if kind == "effective":
            exchange.take_effective(said, document.re, caller)
        else:
            exchange.take_receipt(said, document.re, caller)


def _of_members(doc_type: str, raw: bytes, at: Micros) -> None:
    """A card, a revocation or a succession: its root key proves it, whoever hands it on."""
    with unit_of_work():
        if doc_type == "card":
            members.take_card(raw, at)
        elif doc_type == "succession":
            peers.take_succession(raw, at)
        else:
            members.take_revocation(raw, at)
    members.forget()
