"""A list as bytes, plain or compressed: read by lines, or whole, within bounds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase, BufferedReader, BytesIO
from typing import BinaryIO, Final, cast

from hueandcry.core.errors import HueError, Malformed, TooLarge

MAX_LINE: Final = 1 << 20
#: Bytes of one JSON document, after it was unpacked.
MAX_DOCUMENT: Final = 256 << 20
_HEAD: Final = 65_536
_READ: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"  # RFC 1952


class Stream:
    """One list; `damage` says why its end could not be read, what came before was given."""

    def __init__(self, raw: BinaryIO | BufferedIOBase) -> None:
        buffered = cast(BufferedReader, raw if hasattr(raw, "peek") else BufferedReader(raw))
        self._stream: BinaryIO = cast(
            BinaryIO,
            gzip.GzipFile(fileobj=buffered) if buffered.peek(2)[:2] == _GZIP else buffered,
        )
        self.head = b""  #: the first bytes, at most 64 KiB of them; nothing takes them
        self.damage: HueError | None = None
        try:
            self.head = _peeked(self._stream)
        except (OSError, EOFError, zlib.error) as error:
            self.damage = _cut_short(error)
        self._first = BytesIO(self.head)

    def lines(self) -> Iterator[tuple[int, str, bool]]:
        """(number from 1, text, whether it is text) of every line, endless ones cut."""
        start = "\ufeff"
        n = 0
        try:
            while line := self._line():
                n += 1
                text, good = _text(line)
                if len(line) > MAX_LINE:
                    text, good = text[:200], False
                yield n, text.removeprefix(start) if start else text, good
                start = ""
        except (OSError, EOFError, zlib.error) as error:
            self.damage = _cut_short(error)

    def _line(self) -> bytes:
        """The next line; of one that is longer than any of ours its beginning, and a byte more."""
        line = self._take_line(MAX_LINE)
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            return line
        while (rest := self._take_line(MAX_LINE)) and not rest.endswith(b"\n"):
            continue
        return line + b" "

    def _take_line(self, limit: int) -> bytes:
        line = self._first.readline(limit)
        if line.endswith(b"\n") or len(line) == limit:
            return line
        return line + self._stream.readline(limit - len(line))

    def document(self, limit: int = MAX_DOCUMENT) -> bytes:
        """All that is left; raises TooLarge beyond `limit`, Malformed when its end is missing."""
        parts = [self._first.read()]
        size = len(parts[0])
        try:
            while size <= limit and (part := self._stream.read(_READ)):
                parts.append(part)
                size += len(part)
        except (OSError, EOFError, zlib.error) as error:
            self.damage = _cut_short(error)
        if self.damage is not None:
            raise self.damage
        if size > limit:
            raise TooLarge(
                "document_too_large",
                f"A list of this form has at most {limit >> 20} MiB",
                do="Split it, or ask its owner for the changes only",
            )
        return b"".join(parts).removeprefix(b"\xef\xbb\xbf")


def _peeked(stream: BinaryIO) -> bytes:
    """At most 64 KiB that were read already, so that they are read once."""
    parts, size = [], 0
    while size < _HEAD and (part := stream.read(_HEAD - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _text(line: bytes) -> tuple[str, bool]:
    try:
        return line.decode(), True
    except UnicodeDecodeError:
        return line[:400].decode("utf-8", "replace"), False


def _cut_short(error: Exception) -> Malformed:
    return Malformed(
        "cut_short",
        "The file ends in the middle or is damaged",
        why=str(error),
        do="What was read before is kept; fetch the file again and repeat: nothing doubles",
    )
