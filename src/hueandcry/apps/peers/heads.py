"""Signed heads of a peer's log, by epoch: which of them we believe, and which we keep."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import queries
from hueandcry.apps.peers.models import Doubt, Peer
from hueandcry.core import jcs, jws, notes
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.types import Micros
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.store.dialect import dialect


@dataclass(frozen=True, slots=True)
class Head:
    """A head that a log has signed: how far it goes, and in which of its epochs."""

    origin: str
    epoch: int
    size: int
    root: bytes

    @property
    def checkpoint(self) -> notes.Checkpoint:
        """As its note states it."""
        return notes.Checkpoint(self.origin, self.size, self.root)

    @property
    def place(self) -> tuple[int, int]:
        """What orders the heads of one log."""
        return self.epoch, self.size


def read(note: bytes, name: str, publics: list[bytes], whose: str) -> Head:
    """The head, when one of these keys signed it for a log of `name`; raises Untrusted."""
    origin = note.partition(b"\n")[0].decode("utf-8", "replace")
    host, _, text = origin.rpartition("/")
    if host != f"{name}/log" or not text.isascii() or not text.isdigit():
        raise Untrusted("checkpoint", f"The checkpoint is of {origin}, not of {whose}")
    for public in publics:
        key = notes.VerifierKey(origin, notes.ED25519, public)
        try:
            found = notes.open_checkpoint(note, key, (), ed25519.verify).checkpoint
        except Untrusted:
            continue
        return Head(origin, int(text), found.size, found.root)
    raise Untrusted("checkpoint", f"{whose} shows a checkpoint that it did not sign")


def of_peer(peer: Peer, note: bytes) -> Head:
    """A head of a peer's log under one of its `log` keys; raises Untrusted."""
    publics = members.log_keys(peer.member.fingerprint.hex())
    return read(note, log_name(peer), publics, peer.member.name)


def stated(answer: bytes) -> bytes:
    """The note that a peer's answer states as `checkpoint`; raises Malformed without one."""
    said = jcs.parse(answer, max_bytes=1 << 20)
    note = said.get("checkpoint") if isinstance(said, dict) else None
    if not isinstance(note, str):
        raise Malformed("checkpoint", "The peer's answer shows no head of a log")
    return note.encode()


def log_name(peer: Peer) -> str:
    """What a peer's log is called, whatever its epoch."""
    return members.log_name(peer.member.url, peer.member.fingerprint.hex())


def keep(peer: Peer, note: bytes, dated: Micros) -> bool:
    """Keeps a head of a peer's that goes further than the one held; whether it does.

    `dated` is when the peer says that it was its newest. One that does not go further, and is not
    the one held, is left to the loop that reads peers' logs.

    One of a later epoch counts once the succession that opened it is held: otherwise a peer could
    leave behind, unseen, what its old log says. The last head of every epoch stays.
    """
    new = of_peer(peer, note)
    old = of_peer(peer, peer.checkpoint) if peer.checkpoint else None
    if old is not None and new.place <= old.place:
        if new.epoch == old.epoch and new != old:
            transaction.on_commit(lambda: doubt(peer, new, note, dated))
        return False
    if old is not None and new.epoch > old.epoch and not opened(peer, new.origin):
        raise Untrusted("epoch", f"{peer.member.name} signs {new.origin}, which nothing opened")
    # After the commit: the ledger head is held by now, and others lock a peer's row before it.
    before = peer.checkpoint
    transaction.on_commit(lambda: _store(peer.pk, before, new, note))
    return True


def _store(peer_id: int, before: bytes | None, new: Head, note: bytes) -> None:
    if Peer.objects.filter(pk=peer_id, checkpoint=before).update(checkpoint=note):
        ledger.keep_foreign_head(new.origin, new.size, note)


def doubt(peer: Peer, head: Head, note: bytes, dated: Micros) -> None:
    """Leaves a head to the loop that reads peers' logs; one waits for each log at a time.

    `dated` 0: nobody says when it was the newest.
    """
    columns = ("peer_id", "origin", "note", "dated", "tries", "due_at", "said")
    row = (peer.pk, head.origin, note, dated, 0, 0, "")
    dialect().insert(Doubt, columns, [row], "ON CONFLICT DO NOTHING")


def opened(peer: Peer, origin: str) -> bool:
    """Whether a succession that we hold opened this log of the peer's."""
    return origin in _origins_opened(peer)


def epochs_opened(peer: Peer) -> list[int]:
    """The epochs of a peer's log that successions which we hold have opened."""
    return [int(origin.rpartition("/")[2]) for origin in _origins_opened(peer)]


def _origins_opened(peer: Peer) -> list[str]:
    rows = queries.documents_of(peer.member.fingerprint.hex(), "succession")
    return [str(jws.open_document(row.document).stated.body["opens"]) for row in rows]
