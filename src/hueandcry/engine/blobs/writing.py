"""Bytes on their way into the store: hashed, sealed and written in one pass, in bounded memory."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from hueandcry.core.errors import Conflict, TooLarge
from hueandcry.engine.blobs.sealing import CHUNK, KEY_BYTES, TAG, Seal
from hueandcry.engine.blobs.store import PARTS, PIECE, Growing, Store


@dataclass(frozen=True, slots=True)
class Fresh:
    """Bytes that are in the store, durably, and that no row knows yet.

    Only this value holds their key: when it is lost, they are noise that `tidy` removes.
    """

    name: bytes
    sha256: bytes
    size: int
    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What the blob will be called once it is kept."""
        return self.name.hex()


#: The longest content that every store can take: 78 GiB.
MOST: Final = PARTS * PIECE // (CHUNK + TAG) * CHUNK


#: Bytes of a piece for which it is worth to hash it beside the sealing.
_WORTH: Final = 256 << 10


@cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_name_prefix="hashing")


class Writer:
    """One blob being written. End it with `finish` or `abandon`; killed, it leaves nothing kept."""

    def __init__(self, store: Store, limit: int) -> None:
        self._store = store
        self._limit = min(limit, MOST)
        self._name, self._key = os.urandom(16), os.urandom(KEY_BYTES)
        self._seal = Seal(self._key)
        self._hash = hashlib.sha256()
        self._size = 0
        self._held: list[bytes] = []
        self._waiting = 0
        self._growing: Growing | None = None
        self._ended = False

    @property
    def size(self) -> int:
        """Bytes taken so far."""
        return self._size

    def write(self, piece: bytes) -> None:
        """Takes some bytes; raises TooLarge beyond the limit, and then nothing is kept."""
        if self._ended:
            raise Conflict("blob_ended", "This blob has ended")
        self._size += len(piece)
        if self._size > self._limit:
            self.abandon()
            raise TooLarge(
                "file_too_large",
                f"The file has more than {self._limit:,} bytes",
                do="Send a smaller one, or only the part that matters",
            )
        if len(piece) < _WORTH:
            self._hash.update(piece)
            self._hold(self._seal.update(piece))
            return
        # Neither needs the other, and both let go of the interpreter while they reckon.
        hashed = _beside().submit(self._hash.update, piece)
        try:
            self._hold(self._seal.update(piece))
        finally:
            hashed.result()

    def finish(self) -> Fresh:
        """What was written, durable in the store from here on."""
        self._hold(self._seal.finish(), last=True)
        self._ended = True
        return Fresh(self._name, self._hash.digest(), self._size, self._key)

    def abandon(self) -> None:
        """Forgets the bytes; nothing of them is in the store."""
        self._ended = True
        self._growing = None
        self._held.clear()

    def _hold(self, sealed: bytes, *, last: bool = False) -> None:
        self._held.append(sealed)
        self._waiting += len(sealed)
        if last and self._growing is None:
            self._store.put(self._name.hex(), b"".join(self._held))
            self._held.clear()
        elif last or self._waiting >= PIECE:
            self._grow()
        if last and self._growing is not None:
            self._store.close(self._name.hex(), self._growing)
            self._growing = None

    def _grow(self) -> None:
        if self._growing is None:
            self._growing = self._store.grow(self._name.hex())
        self._store.add(self._growing, self._held)
        self._held.clear()
        self._waiting = 0
