"""Labels by number, and the gate's answers about them, worked out once per reader and terms."""

from __future__ import annotations

from collections.abc import Iterable

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core import sharing
from hueandcry.core.sharing import Label, Terms
from hueandcry.core.types import Actor, Audience, Direction, Fingerprint, Lane, Micros
from hueandcry.engine.store import interned

SPACE = "label"

#: What a client's token must allow for its audience to count as a reader.
CLIENT_SCOPE = "taxii:read"

#: (reader or audience, digest of its terms or nothing, label) → answer, from, until
_answers: dict[tuple[str, str, int], tuple[bool, Micros, Micros]] = {}


def allowed(reader: Fingerprint, terms: Terms | None, number: int, at: Micros) -> bool:
    """Whether things of this label may be sent to `reader` at `at`, under `terms`."""
    if terms is None:
        return False
    key = (reader, terms.digest, number)
    held = _answers.get(key)
    if held is not None and held[1] <= at < held[2]:
        return held[0]
    thing = signals.label(number)
    answer = decide(reader, thing, terms, Direction.SEND, at)
    until = sharing.next_change(thing, at, terms)
    _answers[key] = (answer.allowed, at, until if until is not None else 2**62)
    return answer.allowed


def decide(
    other: Fingerprint, thing: Label, terms: Terms | None, direction: Direction, at: Micros
) -> sharing.Decision:
    """The gate itself, for one label, with a purpose that thing and terms share."""
    us = members.us().fingerprint
    actor = Actor(other)
    if terms is None:
        return sharing.Decision(False)
    purpose = sharing.purpose_for(thing, terms)
    return sharing.decide(actor, thing, terms, purpose, direction, at, us=us)


def numbers(lane: Lane) -> list[int]:
    """Every label of a lane."""
    return [n for n in interned.numbers(SPACE) if signals.label(n).lane is lane]


def wanted(numbers: Iterable[int], at: Micros) -> list[int]:
    """Those labels whose things some peer or client may have now: the others are not signed."""
    readers = [(peer.fingerprint, peers.terms(peer.id)) for peer in peers.peers()]
    audiences = client_audiences(at)
    return [
        number
        for number in numbers
        if any(allowed(reader, terms, number, at) for reader, terms in readers)
        or any(open_to(audience, number, at) for audience in audiences)
    ]


def open_to(audience: Audience, number: int, at: Micros) -> bool:
    """Whether clients of this audience may be handed things of this label at `at`."""
    key = (audience.value, "", number)
    held = _answers.get(key)
    if held is not None and held[1] <= at < held[2]:
        return held[0]
    thing = signals.label(number)
    answer = sharing.decide_client(audience, thing, at, us=members.us().fingerprint)
    until = sharing.next_change(thing, at)
    _answers[key] = (answer.allowed, at, until if until is not None else 2**62)
    return answer.allowed


def client_audiences(at: Micros) -> frozenset[Audience]:
    """The audiences of the clients that may read here by TAXII."""
    return frozenset(
        Audience(token.audience)
        for token in members.tokens()
        if CLIENT_SCOPE in token.scopes
        and token.revoked_at is None
        and (token.expires_at is None or at < token.expires_at)
    )


def forget() -> None:
    """Empties the caches: for tests that swap databases under one process."""
    _answers.clear()
