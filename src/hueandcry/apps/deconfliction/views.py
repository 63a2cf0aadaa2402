"""Offers and sessions as people and programs see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a person put up for matching; without its items once it is over."""

    number: int
    case: str
    items: Sequence[str]
    count: int
    person: int
    made_at: Micros
    until: Micros
    withdrawn_at: Micros | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session; what was found stands there only once both sides have said the same."""

    number: int
    request: UUID
    peer: Fingerprint
    peer_name: str
    role: str
    state: str
    word: int
    commitment: str
    size: int
    count: int
    their_commitment: str | None
    their_size: int | None
    hits: int | None
    found: Mapping[str, Sequence[str]]  #: our own items that they have too → our cases
    contact: str  #: the other side's desk; empty without a hit
    cases: Sequence[str]  #: the other side's references
    alarm: str
    why: str
    made_at: Micros
    ends_at: Micros | None
    ended_at: Micros | None
    cleared_at: Micros | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the key, and the whole set in its order, with its dummies."""

    commitment: str
    key: str
    whole: Sequence[str]
