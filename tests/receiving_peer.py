"""A peer that takes what we push, without a network: its receipts are real and under its key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jcs, jws, tlog
from hueandcry.core.envelopes import Part, read
from hueandcry.core.types import Lane
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember


class ReceivingPeer:
    """Answers our pushes; `refuses` names leaf → class, and says which head of ours it holds."""

    def __init__(self, node: Node, member: OtherMember, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node, self.member = node, member
        self.refuses: dict[str, str] = {}
        self.head: str | None = None
        self.taken: list[Part] = []
        monkeypatch.setattr(peers, "call", self._call)

    @property
    def view(self) -> PeerView:
        return peers.must_be(self.member.fingerprint)

    def pushed(self) -> None:
        """Signs what waits, and pushes all of it to this peer."""
        self.node.published()
        for lane in Lane:
            while exchange.push_next(self.view.id, lane):
                pass

    def _call(self, to: PeerView, method: str, path: str, **sent: Any) -> peers.Answer:
        assert (to.fingerprint, path) == (self.member.fingerprint, "/peer/v1/envelopes")
        parts = list(read(sent["body"]))
        self.taken += parts
        receipts = [self._receipt(part).decode() for part in parts]
        return peers.Answer(200, jcs.canonical({"receipts": receipts}))

    def _receipt(self, part: Part) -> bytes:
        body = {
            "kind": "receipt",
            "checkpoints": {"ours": None, "theirs": self.head},
            "objects": list(self._outcomes(part)),
            "log_index": 1,
        }
        return self._document(body, part.digest.hex())

    def _outcomes(self, part: Part) -> Iterable[list[str]]:
        if part.retraction:
            claims = jws.open_document(part.document).stated.body["claims"]
            yield from ([id, "accepted"] for id, _ in claims)
        for line in part.lines:
            leaf = tlog.leaf_hash(line).hex()
            refusal = next((c for text, c in self.refuses.items() if text in line.decode()), None)
            yield [leaf, "refused", refusal] if refusal else [leaf, "accepted"]

    def _document(self, body: dict[str, Any], *re: str) -> bytes:
        at = self.node.now
        return self.member.document("receipt", body, aud=self.node.fingerprint, at=at, re=re)

    def says_effective(self, at: int) -> None:
        """Its second receipt about everything that it took."""
        abouts = [part.digest.hex() for part in self.taken]
        body = {"kind": "effective", "checkpoints": {}, "at": at, "places": ["lookup"]}
        raw = self._document(body, *abouts)
        with unit_of_work():
            about = bytes.fromhex(abouts[0])
            said = peers.keep_receipt(self.view, about, raw, self.node.now, kind="effective")
            assert said is not None
            exchange.take_effective(said, tuple(abouts), self.view)

    def holds_our_head(self) -> None:
        note = ledger.checkpoint()
        assert note is not None
        self.head = note.decode()
