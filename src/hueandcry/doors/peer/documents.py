"""Documents over the peer door, each answered by its receipt."""

from __future__ import annotations

import hashlib

from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core.errors import HueError
from hueandcry.core.times import time_text
from hueandcry.doors.desk import arrivals
from hueandcry.doors.desk.wire import Answer, error, json
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work


def post(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """Accepts one document; the same bytes again get the stored receipt again."""
    try:
        receipt = arrivals.document(body, caller)
    except HueError as refused:
        # Named, so that the caller can tell a refused document from a refused call.
        return error(refused, about=hashlib.sha256(body).hexdigest())
    return Answer(200, b"") if receipt is None else json({"receipt": receipt.decode()})


def hello(caller: PeerView, body: bytes, query: dict[str, list[str]]) -> Answer:
    """A peer says that it is here: what waits for it is due now. `back` asks us to call it.

    It hears our time and the newest head of our log, bound to its call by our signature.
    """
    with unit_of_work():
        peers.seen(caller.id, clock.now())
    head = ledger.checkpoint()
    said = {"now": time_text(clock.now()), "checkpoint": head.decode() if head else None}
    if "back" in query:
        return json({**said, "back": peers.call_back(caller)})
    return json(said)
