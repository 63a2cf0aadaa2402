"""A node with two other members, for tests of signals and of what stands above them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.members.models import Member
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face
from hueandcry.core.normal import normalise
from hueandcry.core.sharing import label_of
from hueandcry.core.stix import claim_id
from hueandcry.core.types import (
    DAY,
    Actor,
    Audience,
    Claim,
    Kind,
    Lane,
    Marking,
    Signal,
    Tlp,
    Verdict,
)
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

US, PEER, STRANGER = ("11" * 32, "22" * 32, "33" * 32)
NOW = 1_790_000_000_000_000
ACTOR = Actor(US)


class Scene:
    """Time that stands still until it is moved, and short words for what tests do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        monkeypatch.setattr(clock, "now", lambda: self.now)
        for fingerprint in (US, PEER, STRANGER):
            Member.objects.create(
                fingerprint=bytes.fromhex(fingerprint),
                name=fingerprint[:2],
                country="TH",
                is_self=fingerprint == US,
            )
        self.trusted: set[str] = {PEER}
        monkeypatch.setattr(peers, "trusted_member_ids", self._trusted_ids)

    def _trusted_ids(self, at: int) -> frozenset[int]:
        return frozenset(self.id_of(fingerprint) for fingerprint in self.trusted)

    def id_of(self, fingerprint: str) -> int:
        return Member.objects.get(fingerprint=bytes.fromhex(fingerprint)).pk

    def raised(self, value: str, kind: Kind = Kind.DOMAIN, **more: Any) -> face.Raised:
        tlp = more.pop("tlp", Tlp.GREEN)
        new = face.NewClaim(normalise(kind, value), marking=Marking(tlp=tlp), **more)
        with unit_of_work():
            return face.raise_claims(ACTOR, [new], self.now)[0]

    def retracted(self, value: str, source: str | None = None) -> list[face.RetractedClaim]:
        with unit_of_work():
            return face.retract(ACTOR, domain(value), "mistaken", self.now, source)

    def ingested(self, *values: str, **listing: Any) -> face.IngestReport:
        listing = {"kind": Kind.DOMAIN, "source": "feed", **listing}
        rows = [face.Row(n, value) for n, value in enumerate(values, 1)]
        total = face.IngestReport()
        rejects = []
        for report in face.ingest(ACTOR, rows, face.Listing(**listing), chunk=3):
            total.add(report)
            rejects += report.rejects
        total.rejects = rejects
        return total

    def received(self, *claims: Claim, batch: int = 1) -> face.Received:
        with unit_of_work():
            items = [
                face.ReceivedClaim(claim, face.label_number(label_of(claim)), batch, ordinal)
                for ordinal, claim in enumerate(claims)
            ]
            return face.receive(items, self.now)

    def taken_back(self, claimant: str, *claims: tuple[UUID, int]) -> face.Received:
        with unit_of_work():
            items = [(id.bytes, modified) for id, modified in claims]
            return face.receive_retraction(claimant, items, self.now)

    def answer(self, value: str, audience: Audience = Audience.OWN) -> dict[str, Any]:
        return face.Lookups(audience).one(value)

    def verdict(self, value: str, audience: Audience = Audience.OWN) -> str:
        return str(self.answer(value, audience)["verdict"])

    def codes(self, value: str, audience: Audience = Audience.OWN) -> list[str]:
        return [reason["code"] for reason in self.answer(value, audience)["reasons"]]


def domain(value: str) -> Signal:
    return normalise(Kind.DOMAIN, value)


def theirs(
    claimant: str,
    value: str,
    *,
    source: str = "",
    n: int = 0,
    modified: int = NOW,
    verdict: Verdict = Verdict.SCAM,
    tlp: Tlp = Tlp.GREEN,
    until: int = NOW + 30 * DAY,
) -> Claim:
    """A claim of another member."""
    id = claim_id(claimant, source, Kind.DOMAIN, value, n)
    marking = Marking(tlp=tlp)
    return Claim(
        id, claimant, domain(value), verdict, NOW, until, NOW, modified, marking, source, n
    )


__all__ = ["ACTOR", "NOW", "PEER", "STRANGER", "US", "Lane", "Scene", "domain", "theirs"]
