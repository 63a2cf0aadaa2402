"""Bytes on their way in: read once, hashed and sealed in the same pass, recognised by both ends.

Whatever somebody seized can be an exhibit: what is of no known sort is `application/octet-stream`,
and nothing here opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from hueandcry.apps.evidence.views import Taken
from hueandcry.core.errors import Malformed
from hueandcry.core.files import HEAD, TAIL, Ends, recognise
from hueandcry.engine.blobs import face as blobs

UNKNOWN: Final = "application/octet-stream"
_PIECE: Final = 1 << 20


def take_bytes(
    stream: BinaryIO | Iterable[bytes],
    name: str,
    *,
    limit: int = blobs.MOST,
    told: Callable[[int], None] | None = None,
) -> Taken:
    """Stores all of a stream, outside of transactions; `told` hears how many bytes are through.

    Raises TooLarge beyond `limit`, and keeps nothing. What becomes no exhibit, `drop_unkept` drops.
    """
    watched = _Watched(stream, told)
    fresh = blobs.take(iter(watched), limit)
    return Taken(fresh, name, watched.sort())


def drop_unkept(taken: Iterable[Taken]) -> None:
    """Removes the bytes that no exhibit came to keep; outside of transactions."""
    fresh = (each.fresh for each in taken)
    blobs.discard_unkept(each for each in fresh if isinstance(each, blobs.Fresh))


class _Watched:
    """A stream of which both ends are remembered."""

    def __init__(
        self, stream: BinaryIO | Iterable[bytes], told: Callable[[int], None] | None
    ) -> None:
        self._stream = stream
        self._told = told
        self._head = self._tail = b""
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces():
            self._size += len(piece)
            if len(self._head) < HEAD:
                self._head = (self._head + piece[:HEAD])[:HEAD]
            self._tail = piece[-TAIL:] if len(piece) >= TAIL else (self._tail + piece)[-TAIL:]
            yield piece
            if self._told is not None:
                self._told(self._size)

    def _pieces(self) -> Iterable[bytes]:
        read: Callable[[int], bytes] | None = getattr(self._stream, "read", None)
        return self._stream if read is None else iter(lambda: read(_PIECE), b"")

    def sort(self) -> str:
        """The media type, by the bytes."""
        try:
            return recognise(Ends(self._head, self._tail, self._size))
        except Malformed:
            return UNKNOWN
