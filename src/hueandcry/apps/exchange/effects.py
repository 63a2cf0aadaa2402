"""Says *effective* to whoever handed us something, once look-ups answer by it."""

from __future__ import annotations

from collections.abc import Sequence

from hueandcry.apps.exchange import queries
from hueandcry.apps.exchange.models import Batch, Retraction
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import Lane, Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline

#: Where a claim acts as soon as its transaction is committed.
PLACES = ("lookup",)


#: Second receipts in one turn, and so in one document to a peer.
MOST = 200


def say_some() -> bool:
    """Sends the second receipts that are owed, one document to each peer; True when it did."""
    owed: list[Batch | Retraction] = [
        *queries.unsaid_batches(MOST),
        *queries.unsaid_retractions(MOST),
    ]
    if not owed:
        return False
    # The verdict columns were committed with the claims, so what we read now is what others read.
    at = clock.now()
    with unit_of_work():
        said: dict[int, list[Batch | Retraction]] = {}
        for row in owed:
            if row.from_peer_id is not None and queries.say(row, at):
                said.setdefault(row.from_peer_id, []).append(row)
        for peer_id, rows in said.items():
            _tell(peer_id, rows, at)
    return True


def _tell(peer_id: int, rows: Sequence[Batch | Retraction], at: Micros) -> None:
    abouts = [row.about if isinstance(row, Batch) else row.part for row in rows]
    body = {"at": at, "places": list(PLACES)}
    peers.effective_receipt(peers.peer(peer_id), abouts, body, at)
    us = members.us().fingerprint
    for row in rows:
        if isinstance(row, Batch) and signals.label(row.label).lane is Lane.LIVE:
            timeline.note(signals.ids_of_batch(row.pk), "effective", us, at, timeline.Source.OWN)
