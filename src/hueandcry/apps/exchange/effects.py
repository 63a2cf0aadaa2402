"""Says *effective* to whoever handed us something, once look-ups answer by it."""

from __future__ import annotations

from hueandcry.apps.exchange import queries
from hueandcry.apps.exchange.models import Batch, Retraction
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import Lane
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import face as timeline

#: Where a claim acts as soon as its transaction is committed.
PLACES = ("lookup",)


def say_some() -> bool:
    """Sends the second receipts that are owed; True when there may be more."""
    owed: list[Batch | Retraction] = [*queries.unsaid_batches(50), *queries.unsaid_retractions(50)]
    for row in owed:
        with unit_of_work():
            _say(row)
    return bool(owed)


def _say(row: Batch | Retraction) -> None:
    # The verdict columns were committed with the claims, so what we read now is what others read.
    at = clock.now()
    if not queries.say(row, at) or row.from_peer_id is None:
        return
    body = {"at": at, "places": list(PLACES)}
    about = row.about if isinstance(row, Batch) else row.part
    peers.effective_receipt(peers.peer(row.from_peer_id), about, [row.digest.hex()], body, at)
    if isinstance(row, Batch) and signals.label(row.label).lane is Lane.LIVE:
        us = members.us().fingerprint
        ids = signals.ids_of_batch(row.pk)
        timeline.note(ids, "effective", us, at, timeline.Source.OWN)
