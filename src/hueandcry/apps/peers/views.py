"""What other rooms see of a peer."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.peers import queries
from hueandcry.apps.peers.models import Agreement, Peer
from hueandcry.core.sharing import read_terms
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class PeerView:
    """What other rooms see of a peer."""

    id: int
    member_id: int
    fingerprint: Fingerprint
    name: str
    url: str
    way: str  # call, poll (it has no inbound port and asks us) or file
    state: str  # waiting, in_force, refused, suspended, barred
    difference: tuple[tuple[str, dict[str, str]], ...]
    agreement: str | None
    clock_offset: Micros
    failures: int
    retry_at: Micros
    last_seen: Micros | None
    last_error: str
    checkpoint: bytes | None


def view(row: Peer) -> PeerView:
    """A peer's row as others see it, with how its agreement stands."""
    current, newest = queries.standing(row.pk)
    refused = newest is not None and newest.state == Agreement.State.REFUSED
    return PeerView(
        id=row.pk,
        member_id=row.member_id,
        fingerprint=row.member.fingerprint.hex(),
        name=row.member.name,
        url=row.url,
        way=row.way,
        state="barred" if row.member.barred else _state(current, refused),
        difference=tuple((c, p) for c, p in newest.difference) if newest and refused else (),
        agreement=current.digest.hex() if current else None,
        clock_offset=row.clock_offset,
        failures=row.failures,
        retry_at=row.retry_at,
        last_seen=row.last_seen,
        last_error=row.last_error,
        checkpoint=row.checkpoint,
    )


def _state(current: Agreement | None, refused: bool) -> str:
    if current is not None:
        terms = read_terms(current.terms)
        return "in_force" if terms.kinds and terms.purposes else "suspended"
    return "refused" if refused else "waiting"
