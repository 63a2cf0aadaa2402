"""Pulls a peer's feed: how a node that was away catches up, and the net below the pushes."""

from __future__ import annotations

import logging
from urllib.parse import quote

from hueandcry.apps.exchange import intake, queries
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import envelopes, jcs
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError, Malformed
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.exchange")


def pull_next(peer_id: int) -> bool:
    """Pulls one page from one peer that we call; True when the peer said that there is more."""
    peer = peers.peer(peer_id)
    if peer.way != "call" or not peers.may_send(peer_id) or peer.retry_at > clock.now():
        return False
    return peers.attempt(peer, lambda: _pull(peer))


def _take(part: Part, peer: PeerView) -> None:
    """Takes in one part; one that is refused for good is passed over, so that the rest may come."""
    try:
        with unit_of_work():
            at = clock.now()
            peers.send(intake.take_part(part, peer, at), [peer.id], at)
    except HueError as error:
        if error.code in peers.PASSING:
            raise
        log.warning("part %s of %s is refused: %s", part.digest.hex(), peer.name, error)


def _pull(peer: PeerView) -> bool:
    cursor = queries.pull(peer.id)
    path = "/peer/v1/feed" + (f"?cursor={quote(cursor)}" if cursor else "")
    try:
        answer = peers.call(peer, "GET", path)
    except peers.PeerRefused as error:
        if error.code != "cursor":
            raise
        # The peer began a new epoch of its feed: what we have is merged when it comes again.
        with unit_of_work():
            queries.pulled(peer.id, "", clock.now())
        return True
    lines = envelopes.decompress(answer.body).split(b"\n")
    head = jcs.parse(lines[0], max_bytes=65_536)
    if not isinstance(head, dict) or not isinstance(head.get("cursor"), str):
        raise Malformed("feed", "The peer's feed does not begin with a cursor")
    for part in envelopes.read_lines(lines[1:]):
        _take(part, peer)
    if head["cursor"] != cursor:
        with unit_of_work():
            queries.pulled(peer.id, head["cursor"], clock.now())
    return bool(head.get("more"))
