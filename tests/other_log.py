"""The log of another member, wholly in memory: its heads, its proofs, its tiles, its other past."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hueandcry.core import notes, tlog
from hueandcry.core.tiles import WIDTH, Tile
from hueandcry.core.witnessing import Submission
from other_member import OtherMember


class OtherLog:
    """Leaves follow from `story`, so that two stories are two histories of one log.

    With `shared`, the first so many leaves are those of every story.
    """

    def __init__(
        self, of: OtherMember, story: str = "true", *, shared: int = 0, epoch: int = 0
    ) -> None:
        self.of, self.story, self.shared, self.epoch = of, story, shared, epoch
        self.name = of.card.url.partition("://")[2] or of.fingerprint
        self.signer = of.key("log")

    @property
    def origin(self) -> str:
        return f"{self.name}/log/{self.epoch}"

    @property
    def key(self) -> notes.VerifierKey:
        return notes.VerifierKey(self.origin, notes.ED25519, self.signer.public)

    def leaves(self, size: int) -> list[bytes]:
        stories = ["any" if n < self.shared else self.story for n in range(size)]
        return [hashlib.sha256(f"{s} {n}".encode()).digest() for n, s in enumerate(stories)]

    def tree(self, size: int) -> tlog.MerkleTree:
        return tlog.MerkleTree(self.leaves(size))

    def head(self, size: int) -> notes.Checkpoint:
        return notes.Checkpoint(self.origin, size, self.tree(size).root)

    def note(self, size: int) -> bytes:
        return notes.sign_checkpoint(self.head(size), self.key, self.signer.sign).encode()

    def proof(self, old: int, size: int) -> Sequence[bytes]:
        return self.tree(size).consistency(old) if 0 < old < size else ()

    def submission(self, old: int, size: int) -> bytes:
        return Submission(old, tuple(self.proof(old, size)), self.note(size)).encode()

    def tile(self, place: Tile, size: int) -> bytes:
        """A hash tile of the log as it is with `size` leaves."""
        level = 8 * (place.level or 0)
        tree = self.tree(size)
        first = place.index * WIDTH
        return b"".join(tree.read(level, first + n) for n in range(place.width))
