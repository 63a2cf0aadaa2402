"""What passes to and from peers that are not called: by their own question, or by file."""

from __future__ import annotations

from collections.abc import Sequence

from hueandcry.apps.peers import agreements, carriages, delivery, queries
from hueandcry.apps.peers.carriages import Owed
from hueandcry.apps.peers.models import Peer
from hueandcry.apps.peers.rules import OFFSET_CAP
from hueandcry.core import calls
from hueandcry.core.carriage import Manifest
from hueandcry.core.polls import Reply
from hueandcry.core.types import SECOND, Fingerprint, Micros


def called() -> list[int]:
    """The number of every peer that we call."""
    return queries.called()


def awaiting() -> frozenset[int]:
    """The number of every peer that documents wait for."""
    return queries.peers_awaiting()


def expect(fingerprint: Fingerprint, spec: str, at: Micros) -> int | None:
    """Confirms a member without a port before its card is here; the peer's number once it is."""
    row = agreements.expect(fingerprint, spec, at)
    return None if row is None else row.pk


def expects(fingerprint: Fingerprint) -> bool:
    """Whether one of our people waits for this member to introduce itself."""
    return queries.expected(fingerprint) is not None


def expected() -> list[Fingerprint]:
    """Members that were confirmed here and have not called yet."""
    return [row.fingerprint.hex() for row in queries.all_expected()]


def welcome(card: bytes, fingerprint: Fingerprint, at: Micros) -> None:
    """Adds an expected member by the card that its verified call handed over."""
    agreements.welcome(card, fingerprint, at)


def documents_for(peer_id: int, most: int, size: int) -> list[bytes]:
    """The oldest documents that wait for a peer, in order: at most so many, and so many bytes."""
    found: list[bytes] = []
    for row in queries.all_due(peer_id, most):
        size -= len(row.document.document)
        if size < 0 and found:
            break
        found.append(row.document.document)
    return found


def replied(peer_id: int, reply: Reply) -> bool:
    """Takes in what a peer says to one document of ours; False: it is about no document of ours."""
    return delivery.replied(queries.peer(peer_id), reply)


def note_clock(peer_id: int, now: Micros, at: Micros) -> None:
    """Keeps how far the clock of a peer that asks us is off, as a `clock` answer would tell us."""
    offset = now - at if abs(now - at) > calls.SKEW else 0
    held = queries.peer(peer_id).clock_offset
    if abs(offset) <= OFFSET_CAP and abs(offset - held) > SECOND:
        Peer.objects.filter(pk=peer_id).update(clock_offset=offset)


def owed(peer_id: int) -> Owed:
    """What the next file for a peer must say about those that came from it."""
    return carriages.owed(queries.peer(peer_id))


def file_written(
    peer_id: int, manifest: Manifest, digest: bytes, carries: Sequence[str], at: Micros
) -> None:
    """Notes and logs a file that is about to be written, with the replies to these of theirs."""
    carriages.written(queries.peer(peer_id), manifest, digest, carries, at)


def file_known(peer_id: int, digest: bytes) -> bool:
    """Whether this file of a peer's was taken in whole before."""
    return carriages.known(queries.peer(peer_id), digest)


def file_taken(
    peer_id: int, manifest: Manifest, digest: bytes, replies: Sequence[Reply], at: Micros
) -> None:
    """Notes and logs a file that was taken in whole; what it confirms need not be said again."""
    row = queries.peer(peer_id)
    carriages.taken(row, manifest, digest, replies, at)
    carriages.confirm(row, manifest.taken)


def last_files(peer_id: int) -> tuple[Micros | None, Micros | None]:
    """When the last file was written for a peer, and when one of its own was taken in."""
    return carriages.last(queries.peer(peer_id))


def deliver_to(peer_id: int) -> bool:
    """Delivers one waiting document to one peer here and now; True when there may be more."""
    return delivery.deliver_next(peer_id)


def seen(peer_id: int, at: Micros) -> None:
    """A verified call of this peer arrived: it is there, so what waits for it is due now."""
    queries.reached(peer_id, at)


def waiting_documents() -> dict[int, int]:
    """Peer number → how many documents wait for its receipt; peers without any are left out."""
    return queries.waiting_counts()
