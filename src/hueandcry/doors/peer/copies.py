"""What a peer that was restored from a backup asks: how far we saw its log, what we hold of it."""

from __future__ import annotations

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import envelopes
from hueandcry.core.errors import Malformed
from hueandcry.doors.desk.wire import Answer, json


def seen(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """The newest head of the caller's log that we hold, and the last position in its receipts."""
    return json(peers.seen_of(caller))


def copies(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """A page of the caller's own batches and retractions, in the bytes that it signed."""
    text, since = query.get("cursor", [""])[0], query.get("since", ["0"])[0]
    if not since.isascii() or not since.isdigit() or len(since) > 17:
        raise Malformed("since", "`since` is a time in microseconds since 1970")
    page = exchange.hand_back(caller, text, int(since))
    return Answer(200, page, envelopes.CONTENT_TYPE)
