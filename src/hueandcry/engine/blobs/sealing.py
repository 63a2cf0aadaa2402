"""Sealing a stream in bounded memory: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015).

The construction of age's payload (C2SP age, "Payload"): chunks of 64 KiB, each under
ChaCha20-Poly1305 with its number and a mark on the last one as nonce. So no chunk can be changed,
moved, repeated or left out, and a stream that was cut short does not end. A key seals one stream
only, which is why numbers do for nonces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from hueandcry.core.errors import Broken

KEY_BYTES: Final = 32
CHUNK: Final = 65_536
TAG: Final = 16


def sealed_size(size: int) -> int:
    """Bytes that a content of `size` bytes takes when it is sealed."""
    return size + TAG * max(1, -(-size // CHUNK))


class Seal:
    """Seals one stream, piece by piece; never more than a piece and a chunk are held."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._number = 0
        self._held = b""

    def update(self, piece: bytes) -> bytes:
        """What can be written once `piece` is there: the last chunk waits for `finish`."""
        held = memoryview(self._held + piece if self._held else piece)
        chunks = max(0, len(held) - 1) // CHUNK
        self._held = bytes(held[chunks * CHUNK :])
        return b"".join(
            self._chunk(held[n * CHUNK : (n + 1) * CHUNK], last=False) for n in range(chunks)
        )

    def finish(self) -> bytes:
        """The last chunk; nothing may be sealed after it."""
        return self._chunk(self._held, last=True)

    def _chunk(self, plain: bytes | memoryview, *, last: bool) -> bytes:
        self._number += 1
        return self._cipher.encrypt(_nonce(self._number - 1, last), plain, None)


def opened(pieces: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """The content, chunk by chunk as each proves itself; raises Broken for any other stream."""
    cipher, held, number = ChaCha20Poly1305(key), b"", 0
    for piece in pieces:
        held += piece
        while len(held) > CHUNK + TAG:
            yield _open(cipher, held[: CHUNK + TAG], number, last=False)
            held, number = held[CHUNK + TAG :], number + 1
    yield _open(cipher, held, number, last=True)


def _open(cipher: ChaCha20Poly1305, chunk: bytes, number: int, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last), chunk, None)
    except InvalidTag:
        raise Broken(
            "blob",
            "A stored file does not open",
            why="Its bytes were changed or cut short where they are stored",
            do="Bring it back from a backup",
        ) from None


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
