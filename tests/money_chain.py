"""Traced money on a node: a stop-payment of another member's, and a hop to a third bank."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import arriving
from hueandcry.apps.cooperation.face import RequestView
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.core import jws
from hueandcry.core.times import time_text
from hueandcry.core.types import MINUTE
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests

NEXT: Final = {"account": "DE89370400440532013000", "institution": "Third Bank"}
THB: Final = {"amount": "1250.00", "currency": "THB"}


def stop_payment(node: Requests, **given: Any) -> UUID:
    """Their stop-payment over 1 250 baht, a quarter of an hour after the money left."""
    left = time_text(node.now - 15 * MINUTE)
    return node.asked("STOP_PAYMENT", **{**THB, "value_time": left, **given})


class Chain:
    """A request of theirs whose money went on, and ours to a third bank that follows it."""

    def __init__(self, node: Requests) -> None:
        self.node = node
        self.bank = OtherMember("third", roles=("bank",))
        self.peer = node.joined(self.bank)
        self.request = stop_payment(node)
        node.did("dao", self.request, "trace", amount="1250.00")
        self.at = node.now
        hop = {**NEXT, "at": time_text(self.at)}
        node.did("dao", self.request, "moved", amount="1000", hop=hop)

    def follows(self, **given: Any) -> UUID:
        own = {"payment_reference": "E2E-7", "liability_statement": "We stand for it"}
        common = {"authority_name": "Us", "contact": "24/7", "case_ref": "7", "language": "en"}
        whole = {**common, **own, **given}
        return self.node.drafts("ann", "STOP_PAYMENT", self.bank, whole, self.request)

    def sent(self) -> UUID:
        hop = self.follows()
        self.node.did("ann", hop, "sign")
        self.node.did("som", hop, "approve")
        return hop

    def they(self, request: UUID, event: str, source: str, **said: Any) -> RequestView:
        """What the third bank does with it."""
        node = self.node
        self.receipted()
        document = Request.objects.get(uuid=request.bytes).document
        assert document is not None
        body = node.step_body(request, event, source, **said)
        raw = self.bank.document(
            "money-step", body, at=node.now, aud=node.fingerprint, re=[document.hex()]
        )
        node.came(raw, self.bank)
        return node.view(request)

    def receipted(self) -> None:
        node = self.node
        for row in peer_queries.all_due(self.peer.id, 100):
            digest = row.document.digest
            said = {"kind": "receipt", "checkpoints": {}, "outcome": "accepted", "zone": "UTC"}
            raw = self.bank.document(
                "receipt", said, at=node.now, aud=node.fingerprint, re=[digest.hex()]
            )
            with unit_of_work():
                peers.keep_receipt(self.peer, digest, raw, node.now)
                peer_queries.settle(row, row.State.DELIVERED, node.now, "accepted")
        arriving.note_receipts()

    def told(self) -> list[jws.Document]:
        waiting = peer_queries.all_due(self.peer.id, 100)
        return [jws.open_document(row.document.document).stated for row in waiting]
