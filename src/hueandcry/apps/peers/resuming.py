"""A restored node asks its peers how far they saw its log, before it goes on or begins anew."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import client, delivery, heads, queries
from hueandcry.apps.peers.models import Peer
from hueandcry.core import jcs, jws
from hueandcry.core.errors import Broken, HueError, Malformed
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import restored
from hueandcry.engine.ledger.models import Restoration
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.peers")

#: So many of a peer's newest receipts are looked through for the highest position they name.
RECEIPTS = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How a restored node stands: its state, who has answered, and who has not yet."""

    state: str
    made_at: Micros
    size: int
    answered: tuple[str, ...]
    missing: tuple[str, ...]


def standing() -> Standing | None:
    """How the last restoration stands; None for a node that never was restored."""
    row = restored.newest()
    if row is None:
        return None
    known = restored.asked(row)
    names = {peer.member.fingerprint.hex(): peer.member.name for peer in queries.peers()}
    return Standing(
        str(row.state),
        row.made_at,
        row.size,
        tuple(name for who, name in names.items() if who in known),
        tuple(name for who, name in names.items() if who not in known),
    )


def resume() -> bool:
    """Asks every peer that has not answered, and settles once all have; False when idle."""
    if not ledger.restoring():
        return False
    row = restored.newest()
    assert row is not None
    known = restored.asked(row)
    for peer in queries.peers():
        if not peer.url or peer.member.fingerprint.hex() in known:
            continue  # one without an address is asked by nobody, and waited for all the same
        if peer.retry_at <= clock.now():
            delivery.attempt(peer, lambda peer=peer: _ask(peer, row))  # type: ignore[misc]
    _decide(row)
    return False


def _ask(peer: Peer, row: Restoration) -> bool:
    answer = client.call(peer, "GET", "/peer/v1/seen")
    said = jcs.parse(answer.body, max_bytes=1 << 20)
    take(row, _sight(peer, said if isinstance(said, dict) else {}))
    return True


def take(row: Restoration, sight: restored.Sight) -> None:
    """Keeps what a witness saw; where that is more than is held, or not that, nothing goes on."""
    try:
        covered = restored.covers(sight, settings.DATA)
    except Broken:
        log.exception("what was restored is not the log that was signed")
        covered = False
    with unit_of_work():
        restored.saw(row, sight, clock.now())
        if not covered:
            restored.behind(row)
    if not covered:
        log.warning("%s saw more of our log than was restored", sight.witness)


def _sight(peer: Peer, said: dict[str, Any]) -> restored.Sight:
    """What a peer says it saw: a head counts only as far as our own key signed it."""
    note, index = said.get("checkpoint"), said.get("log_index")
    if index is not None and (type(index) is not int or not 0 <= index < 1 << 53):
        raise Malformed("seen", "The peer's answer names no position")
    who = peer.member.fingerprint.hex()
    if not isinstance(note, str):
        return restored.Sight(who, index=index)
    us = members.us()
    publics = members.log_keys(us.fingerprint)
    head = heads.read(note.encode(), members.own_log(), publics, us.name)
    return restored.Sight(who, note.encode(), head.epoch, head.size, head.root, index)


def _decide(row: Restoration) -> None:
    """Goes on where the log was, once every peer has answered and none saw more."""
    waiting = {peer.member.fingerprint.hex() for peer in queries.peers()} - restored.asked(row)
    row.refresh_from_db()
    if waiting or row.state != Restoration.State.ASKING:
        return
    with unit_of_work():
        if restored.settle(row, Restoration.State.CONTINUED, clock.now()):
            ledger.append("restored", row, backup=row.backup.hex(), size=row.size)


def seen_of(peer: Peer) -> dict[str, Any]:
    """What we saw of a peer's log: our answer when it asks after a restore."""
    found = [_index(row.document) for row in queries.receipts_from(peer.pk, RECEIPTS)]
    named = [index for index in found if index is not None]
    return {
        "checkpoint": peer.checkpoint.decode() if peer.checkpoint else None,
        "log_index": max(named, default=None),
    }


def _index(receipt: bytes) -> int | None:
    try:
        index = jws.open_document(receipt).stated.body.get("log_index")
    except HueError:
        return None
    return index if type(index) is int else None
