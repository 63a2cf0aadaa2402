"""Another member, wholly in memory: its own keys, its card, and real documents under them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

from hueandcry.apps.members import rules
from hueandcry.core import jws, stix, tlog
from hueandcry.core.envelopes import Part
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Claim, Lane
from hueandcry.engine.keys.ed25519 import PrivateKey

NOW = 1_790_000_000_000_000


def key(seed: str) -> PrivateKey:
    """The same key for the same words, so that a failure can be repeated."""
    return PrivateKey(hashlib.sha256(seed.encode()).digest())


@dataclass
class OtherMember:
    """A member whose keys all follow from its name."""

    name: str
    country: str = "VN"
    roles: tuple[str, ...] = ("bank",)
    card: rules.Card = field(init=False)
    roots: list[PrivateKey] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = count(1)
        self.roots = [key(f"{self.name} root {n}") for n in range(4)]
        first = self.statement(0)
        purposes = (rules.CardKey(p, self.key(p).public, *VALID) for p in rules.PURPOSES)
        self.card = rules.Card(
            fingerprint=rules.fingerprint_of(first),
            roots=(first,),
            name=self.name,
            country=self.country,
            roles=self.roles,
            url=f"https://{self.name}.example",
            serial=1,
            keys=tuple(purposes),
        )

    @property
    def fingerprint(self) -> str:
        return self.card.fingerprint

    def key(self, purpose: str, generation: int = 0) -> PrivateKey:
        return key(f"{self.name} {purpose} {generation}")

    def statement(self, n: int) -> rules.RootStatement:
        """The nth link of the root chain, which commits to the one after it."""
        committed = hashlib.sha256(self.roots[n + 1].public).hexdigest()
        return rules.RootStatement(self.roots[n].public, committed)

    def with_key(self, purpose: str, generation: int) -> rules.Card:
        """The next card, which names one more key."""
        more = rules.CardKey(purpose, self.key(purpose, generation).public, *VALID)
        return replace(self.card, serial=self.card.serial + 1, keys=(*self.card.keys, more))

    def signed_card(
        self, card: rules.Card | None = None, *, root: int = 0, **changed: Any
    ) -> bytes:
        """A card under one of the roots; `changed` replaces members of its body as they are."""
        body = {**rules.card_body(card or self.card), **changed}
        return self.document("card", body, signer=self.roots[root], at=NOW, doc_id=CARD_ID)

    def revocation(
        self, purpose: str, key_id: str, *, at: int = NOW, since: int = NOW, root: int = 0
    ) -> bytes:
        revoked = rules.RevokedKey(self.fingerprint, purpose, key_id, at, since)
        body = rules.revocation_body(revoked)
        return self.document("revocation", body, signer=self.roots[root], at=at)

    def document(
        self,
        doc_type: str,
        body: dict[str, Any],
        *,
        signer: PrivateKey | None = None,
        at: int = NOW,
        aud: str = jws.EVERYBODY,
        agreement: str | None = None,
        re: Sequence[str] = (),
        doc_id: UUID | None = None,
        **more: Any,
    ) -> bytes:
        """A signed document; without a signer under the first `act` key."""
        signing = signer or self.key("act")
        payload = {
            "id": str(doc_id or uuid7(at, next(self._ids).to_bytes(10, "big"))),
            "iss": self.fingerprint,
            "aud": aud,
            "iat": time_text(at),
            "v": 1,
            "agreement": agreement,
            "re": list(re),
            "body": body,
            **more,
        }
        kid = f"{self.fingerprint}/{signing.key_id}"
        return jws.sign_document(doc_type, payload, kid, signing.sign)

    def batch(
        self, *things: Claim | bytes, lane: Lane = Lane.LIVE, at: int = NOW, **changed: Any
    ) -> Part:
        """A whole batch of claims, or of lines as they are, under our signature."""
        lines = tuple(x if isinstance(x, bytes) else stix.indicator(x) for x in things)
        root = tlog.root([tlog.leaf_hash(line) for line in lines])
        body = {"root": root.hex(), "count": len(lines), "encoder": 1, "lane": lane.value}
        return Part(self.document("batch", {**body, **changed}, at=at), lines)

    def retraction(self, *claims: tuple[UUID, int], reason: str = "mistake", at: int = NOW) -> Part:
        body = {"claims": [[id.hex, modified] for id, modified in claims], "reason": reason}
        return Part(self.document("retraction", body, at=at), retraction=True)


def some_of(part: Part, *ordinals: int) -> Part:
    """Only these objects of a whole batch, each with its audit path."""
    tree = tlog.MerkleTree([tlog.leaf_hash(line) for line in part.lines])
    return replace(
        part,
        lines=tuple(part.lines[n] for n in ordinals),
        ordinals=ordinals,
        paths=tuple(tuple(tree.inclusion(n)) for n in ordinals),
    )


VALID = (NOW - DAY, NOW + 700 * DAY)
CARD_ID = uuid7(NOW, bytes(10))
