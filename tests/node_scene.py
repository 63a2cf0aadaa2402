"""One founded node under time that stands still, for tests of what reaches it from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.exchange import publishing
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.apps.peers import rules as peer_rules
from hueandcry.apps.peers.face import PeerView
from hueandcry.apps.signals import face as signals
from hueandcry.core import jws
from hueandcry.core.envelopes import Part
from hueandcry.core.errors import HueError
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import Terms, personal_terms, standard_terms
from hueandcry.core.stix import claim_id
from hueandcry.core.types import (
    DAY,
    Actor,
    Audience,
    Claim,
    Kind,
    Lane,
    Marking,
    Tlp,
    Verdict,
)
from hueandcry.engine import clock
from hueandcry.engine.keys.keyring import PURPOSES, Keyring
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember

START = NOW - 3_600 * 1_000_000
TEMPLATES = {"standard": standard_terms, "personal": personal_terms}


def keyring() -> Keyring:
    """This test run's keyring, made once."""
    if not (settings.DATA / "keys").exists():
        Keyring.create(settings.DATA, [purpose.value for purpose in PURPOSES], NOW)
    return own()


class Node:
    """Short words for what tests do to this node."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, roles: Sequence[str] = ("asc",)) -> None:
        self.now = NOW
        monkeypatch.setattr(clock, "now", lambda: self.now)
        founding = members.Founding("Centre", "TH", tuple(roles), "https://centre.example")
        with unit_of_work():
            members.found(founding, keyring(), NOW)
        self.fingerprint = members.us().fingerprint

    # --- peers and terms ---

    def added(self, other: OtherMember, spec: str = "standard") -> PeerView:
        with unit_of_work():
            return peers.add(
                other.signed_card(), other.card.url, spec, self.now, expected=other.fingerprint
            )

    def terms(self, other: OtherMember, template: str = "standard") -> Terms:
        return TEMPLATES[template](self.fingerprint, other.fingerprint, START)

    def signed(self, other: OtherMember, terms: Terms, **more: Any) -> bytes:
        """The other side's signature under `terms`."""
        more = {"aud": self.fingerprint, "agreement": terms.digest, **more}
        body = peer_rules.agreement_body(terms.terms_bytes())
        return other.document("agreement", body, **more)

    def posted(self, other: OtherMember, raw: bytes) -> dict[str, Any]:
        """What our receipt says about an agreement that the other side delivers."""
        return dict(jws.open_document(self.receipt(other, raw)).stated.body)

    def receipt(self, other: OtherMember, raw: bytes) -> bytes:
        sender = peers.must_be(other.fingerprint)
        with unit_of_work():
            accepted = peers.accept(raw, self.now)
            digest = bytes.fromhex(accepted.document.digest)
            stored = peers.stored_receipt(sender, digest)
            if stored is not None:
                return stored
            facts = peers.take_agreement(accepted, sender, self.now)
            return peers.document_receipt(accepted, sender, facts, self.now)

    def joined(self, other: OtherMember, template: str = "standard") -> PeerView:
        """A peer with the agreement in force, and our own signature as if delivered."""
        peer = self.added(other, template)
        self.posted(other, self.signed(other, self.terms(other, template)))
        self.delivered(peer)
        return peers.peer(peer.id)

    def delivered(self, peer: PeerView) -> None:
        while (row := peer_queries.due(peer.id)) is not None:
            peer_queries.settle(row, row.State.DELIVERED, self.now, "accepted")

    # --- what comes in ---

    def took(self, other: OtherMember, part: Part) -> list[list[str]]:
        """The outcomes that our receipt gives for one part: [outcome, class?] of each object."""
        body = jws.open_document(self.part_receipt(other, part)).stated.body
        return [each[1:] for each in body["objects"]]

    def part_receipt(self, other: OtherMember, part: Part) -> bytes:
        with unit_of_work():
            return exchange.take_part(part, peers.must_be(other.fingerprint), self.now)

    def refusal(self, other: OtherMember, part: Part) -> str:
        """The code with which a whole part is refused."""
        with pytest.raises(HueError) as caught:
            self.part_receipt(other, part)
        assert str(caught.value)
        return caught.value.code

    # --- what we say ourselves ---

    def raised(self, *values: str, kind: Kind = Kind.DOMAIN, **marking: Any) -> None:
        marks = Marking(**{"tlp": Tlp.GREEN, **marking})
        new = [signals.NewClaim(normalise(kind, value), marking=marks) for value in values]
        with unit_of_work():
            signals.raise_claims(Actor(self.fingerprint), new, self.now)

    def retracted(self, value: str) -> None:
        with unit_of_work():
            signal = normalise(Kind.DOMAIN, value)
            signals.retract(Actor(self.fingerprint), signal, "mistake", self.now)

    def published(self) -> None:
        """Signs everything that waits."""
        for lane in Lane:
            while publishing.publish_some(lane):
                pass

    def verdict(self, value: str) -> str:
        return str(signals.Lookups(Audience.OWN).one(value)["verdict"])


def claim(
    by: OtherMember,
    value: str,
    *,
    kind: Kind = Kind.DOMAIN,
    n: int = 0,
    source: str = "",
    modified: int = NOW,
    **marking: Any,
) -> Claim:
    """A claim of another member, canonical as its own software would write it."""
    signal = normalise(kind, value)
    id = claim_id(by.fingerprint, source, kind, signal.value, n)
    marks = Marking(**{"tlp": Tlp.GREEN, **marking})
    end = NOW + 30 * DAY
    return Claim(
        *(id, by.fingerprint, signal, Verdict.SCAM, NOW, end, NOW, modified, marks, source, n)
    )
