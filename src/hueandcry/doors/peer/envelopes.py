"""Intelligence over the peer door: parts in, each answered by a receipt; the feed out."""

from __future__ import annotations

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import envelopes
from hueandcry.core.errors import HueError
from hueandcry.doors.desk import arrivals
from hueandcry.doors.desk.wire import Answer, error, json
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def post(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """Takes in an envelope part by part; what came before a bad part is kept and receipted."""
    receipts: list[str] = []
    part = None
    try:
        for part in envelopes.read(body):
            receipts.append(arrivals.part(part, caller).decode())
    except HueError as refused:
        if not receipts:
            # Named, so that the caller can tell a refused part from a refused call.
            return error(refused, **({"about": part.digest.hex()} if part else {}))
    return json({"receipts": receipts})


def feed(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """The next page of our feed for this peer; its cursor also says what it has stored."""
    text = query.get("cursor", [""])[0]
    answer, shown = exchange.serve(caller, text, clock.now())
    if text and exchange.behind(caller, shown):
        with unit_of_work():
            exchange.acknowledge(caller, shown)
    return Answer(200, answer, envelopes.CONTENT_TYPE)
