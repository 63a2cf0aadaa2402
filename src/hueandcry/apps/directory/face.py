"""The directory: who belongs to the partnership, by whose signatures. Import only this."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.directory import queries, service
from hueandcry.apps.directory.forms import (
    ADMISSION,
    EXPULSION,
    KINDS,
    REINSTATEMENT,
    SUSPENSION,
    TYPES,
)
from hueandcry.apps.directory.jobs import catch_up
from hueandcry.apps.directory.service import Held, propose, propose_charter, sign, take
from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotFound
from hueandcry.core.types import Fingerprint, Micros

__all__ = [
    "ADMISSION",
    "EXPULSION",
    "KINDS",
    "REINSTATEMENT",
    "SUSPENSION",
    "TYPES",
    "ActView",
    "PartnershipView",
    "PlaceView",
    "SignatureView",
    "catch_up",
    "partnership",
    "partnerships",
    "propose",
    "propose_charter",
    "show",
    "sign",
    "take",
]


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A member's place in the partnership."""

    fingerprint: Fingerprint
    name: str
    status: str
    serial: int
    act: str
    since: Micros
    founder: bool


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One signature, and whether it counts."""

    fingerprint: Fingerprint
    name: str
    document: str
    at: Micros
    counts: bool


@dataclass(frozen=True, slots=True)
class ActView:
    """A charter or an act, with who signed it."""

    digest: str
    kind: str
    member: Fingerprint | None
    name: str
    serial: int
    reason: str
    stand: tuple[str, ...]
    in_force: bool
    wanted: int
    signatures: tuple[SignatureView, ...]


@dataclass(frozen=True, slots=True)
class PartnershipView:
    """A partnership as its members see it; `places` is empty until its charter is in force."""

    digest: str
    name: str
    scope: str
    k: int
    founded: bool
    adopted: bool
    founders: tuple[Fingerprint, ...]
    charter: ActView
    places: tuple[PlaceView, ...]
    acts: tuple[ActView, ...]


def partnership() -> PartnershipView | None:
    """The partnership that this node belongs to; None for one with bilateral peers only."""
    row = queries.adopted()
    return None if row is None else _view(service.load(row))


def partnerships() -> list[PartnershipView]:
    """Every charter that was brought to us, our own first."""
    return [_view(service.load(row)) for row in queries.partnerships()]


def show(digest: str) -> ActView:
    """The charter or act whose digest begins so; raises NotFound."""
    for view in partnerships():
        for act in (view.charter, *view.acts):
            if len(digest) >= 8 and act.digest.startswith(digest):
                return act
    raise NotFound("act", f"There is no charter or act {digest!r}", do="See `directory list`")


def _view(held: Held) -> PartnershipView:
    charter, state = held.charter, held.state
    return PartnershipView(
        charter.digest,
        charter.name,
        charter.scope,
        charter.k,
        state.founded,
        held.row.adopted,
        charter.founders,
        _charter(held),
        tuple(_places(held)),
        tuple(_act(held, digest) for digest in held.acts),
    )


def _places(held: Held) -> list[PlaceView]:
    stored = queries.standings(held.row)
    return [
        PlaceView(
            fingerprint,
            _name(fingerprint),
            place.status.value,
            place.serial,
            place.act,
            stored[fingerprint].since if fingerprint in stored else held.row.received_at,
            fingerprint in held.charter.founders,
        )
        for fingerprint, place in sorted(held.state.places.items())
    ]


def _charter(held: Held) -> ActView:
    charter = held.charter
    return ActView(
        charter.digest,
        "charter",
        None,
        charter.name,
        0,
        charter.scope,
        (),
        held.state.founded,
        len(charter.founders),
        tuple(_signatures(held, charter.digest)),
    )


def _act(held: Held, digest: str) -> ActView:
    act = held.acts[digest]
    return ActView(
        digest,
        act.kind,
        act.member,
        _name(act.member),
        act.serial,
        act.reason,
        act.stand,
        digest in held.state.in_force,
        held.charter.k,
        tuple(_signatures(held, digest)),
    )


def _signatures(held: Held, about: str) -> list[SignatureView]:
    return [
        SignatureView(
            each.issuer.hex(),
            _name(each.issuer.hex()),
            each.document.digest.hex(),
            each.iat,
            held.counts(about, each.issuer.hex()),
        )
        for each in held.signers(about)
    ]


def _name(fingerprint: Fingerprint) -> str:
    found = members.find(fingerprint)
    return found.name if found else fingerprint[:8]
