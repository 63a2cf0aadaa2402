"""The trust policy of this node: the cards that it holds, in the form that the verifier reads.

The ledger of a member is witnessed by whom that member chose, so all that can be asked of every
ledger alike is one witness that is not its owner; none, while we ourselves have no witnesses.
The authorities are those that our operator named, known by the certificates that they stamped with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.notes import ED25519, VerifierKey
from hueandcry.core.policies import PURPOSES, STAMPED, USUAL, Policy, PolicyKey
from hueandcry.core.types import Fingerprint
from hueandcry.core.witnessing import witness_key
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.stamps import face as stamps

NONE: Final = "none"


def policy() -> Policy:
    """Whom this node trusts, and with which keys, as far as it holds their cards."""
    named = {each.fingerprint: _name(each.name) for each in members.everyone()}
    keys = tuple(key for fingerprint in named for key in _keys(fingerprint))
    witnesses = {}
    for key in keys:
        if key.purpose == "witness":
            made = witness_key(key.member, key.public)
            witnesses[f"{key.member[:16]}-{made.id.hex()}"] = made
    stamping = {each: _name(url) for each, url in stamps.signers().items()}
    return Policy(
        members=named,
        keys=keys,
        logs=tuple(log for fingerprint in named for log in _logs(fingerprint)),
        witnesses=witnesses,
        quorum="1" if peers.quorum() and witnesses else NONE,
        authorities=stamping,
        required=USUAL | {STAMPED} if stamping else USUAL,
    )


def for_arrivals() -> Policy:
    """The same for what peers send us: which authority stamps for them is theirs to choose."""
    return replace(policy(), authorities={}, required=USUAL)


def _name(name: str) -> str:
    """A name as a line of a policy can have it: a `#` would begin a comment."""
    return " ".join(name.replace("#", " ").split()) or "?"


def _keys(fingerprint: Fingerprint) -> Iterator[PolicyKey]:
    for purpose in PURPOSES:
        for key in members.keys_of(fingerprint, purpose):
            yield PolicyKey(
                purpose, fingerprint, key.public, key.valid_from, key.valid_to,
                key.compromised_since, key.revoked_at,
            )  # fmt: skip


def _logs(fingerprint: Fingerprint) -> Iterator[VerifierKey]:
    """Every epoch of a member's log that we know of, under each key that its cards named."""
    member = members.find(fingerprint)
    assert member is not None  # it came from the list of those whose cards are held
    name = members.log_name(member.url, fingerprint)
    epochs = ledger.foreign_epochs(f"{name}/log") | {0}
    if fingerprint == members.us().fingerprint:
        epochs = {span.number for span in ledger.spans()}
    for epoch in sorted(epochs):
        for key in members.keys_of(fingerprint, "log"):
            yield VerifierKey(f"{name}/log/{epoch}", ED25519, key.public)
