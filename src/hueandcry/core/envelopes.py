"""What travels between nodes: parts of header line and exact object lines, in zstd frames.

An envelope is a sequence of parts. A part is one JSON header line and, for a batch, the object
lines that it counts, each byte for byte as its claimant signed it. Frames are simply joined, so a
node passes on what it stores without compressing it again (PROTOCOL 4, ADR 0003).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import zstandard

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed, TooLarge

CONTENT_TYPE = "application/vnd.hueandcry.envelope+zstd"

MAX_BODY = 16 * 1024 * 1024  #: bytes on the wire
MAX_OPENED = 64 * 1024 * 1024  #: bytes once decompressed
MAX_LINE = 65_536  #: bytes of one object
MAX_HEADER = 4 * 1024 * 1024  #: bytes of one header line, which may hold many paths
MAX_OBJECTS = 1_000  #: objects of one batch
MAX_PARTS = 4_096

_CONTEXT = b"hueandcry/part/v1\n"
_MEMBERS = {"batch", "retraction", "card", "lines", "ordinals", "paths"}


@dataclass(frozen=True, slots=True)
class Part:
    """One batch with all or some of its objects, or one retraction.

    `ordinals` and `paths` (one audit path each, RFC 6962) are None when the batch is whole.
    """

    document: bytes
    lines: tuple[bytes, ...] = ()
    retraction: bool = False
    card: bytes | None = None
    ordinals: tuple[int, ...] | None = None
    paths: tuple[tuple[bytes, ...], ...] | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 that names exactly this delivery: the document and the lines handed over."""
        document = hashlib.sha256(self.document).digest()
        lines = hashlib.sha256(b"\n".join(self.lines)).digest()
        return hashlib.sha256(_CONTEXT + document + lines).digest()


def header(part: Part, lines: int | None = None) -> bytes:
    """The header line of a part, without its newline.

    `lines` says how many object lines follow when they are in a frame that is not opened here.
    """
    kind = "retraction" if part.retraction else "batch"
    count = len(part.lines) if lines is None else lines
    value: dict[str, Any] = {kind: part.document.decode(), "lines": count}
    if part.card is not None:
        value["card"] = part.card.decode()
    if part.ordinals is not None:
        value["ordinals"] = list(part.ordinals)
        value["paths"] = [[step.hex() for step in path] for path in part.paths or ()]
    return jcs.canonical(value)


def compress(lines: Sequence[bytes]) -> bytes:
    """One zstd frame of lines, each ended by a newline."""
    return zstandard.ZstdCompressor(level=3).compress(b"\n".join(lines) + b"\n")


def decompress(frames: bytes) -> bytes:
    """Everything in joined zstd frames; raises Malformed or, past MAX_OPENED bytes, TooLarge."""
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        frames, read_across_frames=True
    )
    try:
        opened = reader.read(MAX_OPENED + 1)
    except zstandard.ZstdError as error:
        raise Malformed("zstd", "The body is not zstd frames", why=str(error)) from error
    if len(opened) > MAX_OPENED:
        raise TooLarge("too_large", f"The body opens to more than {MAX_OPENED} bytes")
    return opened


def frames(parts: Iterable[Part]) -> bytes:
    """The envelope that holds `parts`."""
    return b"".join(
        compress([header(part)]) + (compress(part.lines) if part.lines else b"") for part in parts
    )


def read(body: bytes) -> Iterator[Part]:
    """The parts of an envelope, in order; raises Malformed or TooLarge before the first bad one."""
    if len(body) > MAX_BODY:
        raise TooLarge("too_large", f"An envelope has at most {MAX_BODY} bytes")
    return read_lines(decompress(body).split(b"\n"))


def read_lines(lines: Sequence[bytes]) -> Iterator[Part]:
    """The parts in lines that are already opened and split; the last line is the empty rest."""
    if not lines or lines[-1] != b"":
        raise Malformed("envelope", "The envelope does not end with a whole line")
    at, count, end = 0, 0, len(lines) - 1
    while at < end:
        part, at = _read_part(lines, at, end)
        count += 1
        if count > MAX_PARTS:
            raise TooLarge("too_many_parts", f"An envelope has at most {MAX_PARTS} parts")
        yield part


def _read_part(lines: Sequence[bytes], at: int, end: int) -> tuple[Part, int]:
    value = jcs.parse(lines[at], max_bytes=MAX_HEADER)
    if not isinstance(value, dict) or not value.keys() <= _MEMBERS:
        raise Malformed("envelope_header", "A part's header has members that nobody knows")
    count = value.get("lines")
    documents = [value[name] for name in ("batch", "retraction") if name in value]
    if type(count) is not int or len(documents) != 1 or not isinstance(documents[0], str):
        raise Malformed("envelope_header", "A part's header names one document and its lines")
    if count > MAX_OBJECTS:
        raise TooLarge("too_many_objects", f"A batch has at most {MAX_OBJECTS} objects")
    if count < 0 or at + 1 + count > end:
        raise Malformed("envelope_header", "A part has fewer lines than its header says")
    objects = tuple(lines[at + 1 : at + 1 + count])
    card = value.get("card")
    part = Part(
        document=documents[0].encode(),
        lines=objects,
        retraction="retraction" in value,
        card=card.encode() if isinstance(card, str) else None,
        ordinals=_ordinals(value, count),
        paths=_paths(value, count),
    )
    if part.retraction and count:
        raise Malformed("envelope_header", "A retraction carries no objects")
    return part, at + 1 + count


def _ordinals(value: dict[str, Any], count: int) -> tuple[int, ...] | None:
    found = value.get("ordinals")
    if found is None:
        return None
    if not isinstance(found, list) or len(found) != count or len(set(found)) != count:
        raise Malformed("envelope_header", "Ordinals and lines do not agree")
    if any(type(each) is not int or not 0 <= each < MAX_OBJECTS for each in found):
        raise Malformed("envelope_header", "An ordinal is not the place of an object in a batch")
    return tuple(found)


def _paths(value: dict[str, Any], count: int) -> tuple[tuple[bytes, ...], ...] | None:
    found = value.get("paths")
    if found is None:
        return None
    try:
        paths = tuple(tuple(bytes.fromhex(step) for step in path) for path in found)
    except (TypeError, ValueError) as error:
        raise Malformed("envelope_header", "An inclusion path is not lists of hex") from error
    if len(paths) != count or any(len(step) != 32 for path in paths for step in path):
        raise Malformed("envelope_header", "Inclusion paths and lines do not agree")
    return paths
