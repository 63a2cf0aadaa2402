"""What travels between nodes: parts of header line and exact object lines, in zstd frames.

An envelope is a sequence of parts. A part is one JSON header line and, for a batch, the object
lines that it counts, each byte for byte as its claimant signed it. Frames are simply joined, so a
node passes on what it stores without compressing it again (PROTOCOL 4, ADR 0003).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import zstandard

from hueandcry.core import jcs
from hueandcry.core.errors import Malformed, TooLarge

CONTENT_TYPE = "application/vnd.hueandcry.envelope+zstd"

MAX_BODY = 16 * 1024 * 1024  #: bytes on the wire
MAX_OPENED = 64 * 1024 * 1024  #: bytes once decompressed
MAX_HEADER = 4 * 1024 * 1024  #: bytes of one header line, which may hold many paths
MAX_OBJECTS = 1_000  #: objects of one batch
MAX_PARTS = 4_096
MAX_LINES = 65_536  #: lines of one envelope
MAX_PATH = 10  #: steps of an audit path in a batch of MAX_OBJECTS

_CONTEXT = b"hueandcry/part/v1\n"
_WINDOW = 1 << 23  #: what RFC 8878 section 3.1.1.1.2 asks of every decoder
_STEP = 1_024  #: bytes of input at a time
_STEP_HASH = re.compile(r"[0-9a-f]{64}")
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
        return _digest(self.document, self.lines)


# The digest of one part is asked for at every step of its way in.
@lru_cache(maxsize=8)
def _digest(document: bytes, lines: tuple[bytes, ...]) -> bytes:
    whole = hashlib.sha256(document).digest() + hashlib.sha256(b"\n".join(lines)).digest()
    return hashlib.sha256(_CONTEXT + whole).digest()


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
    """Everything in joined zstd frames, each of them whole.

    Raises Malformed, or TooLarge past MAX_OPENED bytes or MAX_LINES lines; it never holds much
    more than that, whatever the frames claim.
    """
    opened = bytearray()
    lines = 0
    for piece in _opened(frames):
        opened += piece
        lines += piece.count(b"\n")
        if len(opened) > MAX_OPENED:
            raise TooLarge("too_large", f"The body opens to more than {MAX_OPENED} bytes")
        if lines > MAX_LINES:
            raise TooLarge("too_many_lines", f"The body opens to more than {MAX_LINES} lines")
    return bytes(opened)


def _opened(frames: bytes) -> Iterator[bytes]:
    """The content in pieces. Few bytes go in at a time: the worst open 30 000-fold."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    view, at = memoryview(frames), 0
    frame = None
    try:
        while at < len(view):
            frame = frame or decompressor.decompressobj()
            given = view[at : at + _STEP]
            yield frame.decompress(given)
            at += len(given)
            if frame.eof:
                at -= len(frame.unused_data)
                frame = None
    except zstandard.ZstdError as error:
        raise Malformed("zstd", "The body is not zstd frames", why=str(error)) from error
    if frame is not None:
        raise Malformed("zstd", "The body ends in the middle of a frame", do="Send it again")


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
        raise _header_refused("members that nobody knows")
    count = value.get("lines")
    if type(count) is not int or count < 0:
        raise _header_refused("no count of lines")
    if count > MAX_OBJECTS:
        raise TooLarge("too_many_objects", f"A batch has at most {MAX_OBJECTS} objects")
    after = at + 1 + count
    if after > end:
        raise Malformed("envelope_lines", "A part has fewer lines than its header says")
    part = Part(
        document=_document(value),
        lines=tuple(lines[at + 1 : after]),
        retraction="retraction" in value,
        card=_card(value),
        ordinals=_ordinals(value, count),
        paths=_paths(value, count),
    )
    _check_part(part, count)
    return part, after


def _check_part(part: Part, count: int) -> None:
    if (part.ordinals is None) != (part.paths is None):
        raise _header_refused("ordinals without paths, or the other way round")
    if part.retraction and (count or part.ordinals is not None):
        raise _header_refused("a retraction with objects")
    if not part.retraction and not count:
        raise _header_refused("a batch without objects")


def _document(value: dict[str, Any]) -> bytes:
    found = [value[name] for name in ("batch", "retraction") if name in value]
    if len(found) != 1 or not isinstance(found[0], str):
        raise _header_refused("other than one document")
    return found[0].encode()


def _card(value: dict[str, Any]) -> bytes | None:
    found = value.get("card", "")
    if not isinstance(found, str):
        raise _header_refused("a card that is no text")
    return found.encode() or None


def _ordinals(value: dict[str, Any], count: int) -> tuple[int, ...] | None:
    if "ordinals" not in value:
        return None
    found = value["ordinals"]
    if not isinstance(found, list) or len(found) != count:
        raise Malformed("envelope_ordinals", "Ordinals and lines do not agree")
    if any(type(each) is not int or not 0 <= each < MAX_OBJECTS for each in found):
        raise Malformed("envelope_ordinals", "An ordinal is no place of an object in a batch")
    if any(before >= after for before, after in pairwise(found)):
        raise Malformed("envelope_ordinals", "Ordinals are not in order, or repeat")
    return tuple(found)


def _paths(value: dict[str, Any], count: int) -> tuple[tuple[bytes, ...], ...] | None:
    if "paths" not in value:
        return None
    found = value["paths"]
    if not isinstance(found, list) or len(found) != count:
        raise Malformed("envelope_paths", "Inclusion paths and lines do not agree")
    return tuple(_path(each) for each in found)


def _path(found: object) -> tuple[bytes, ...]:
    if not isinstance(found, list) or len(found) > MAX_PATH:
        raise Malformed("envelope_paths", f"An inclusion path has at most {MAX_PATH} steps")
    if not all(isinstance(step, str) and _STEP_HASH.fullmatch(step) for step in found):
        raise Malformed("envelope_paths", "A step of an inclusion path is 64 lower-case hex digits")
    return tuple(bytes.fromhex(step) for step in found)


def _header_refused(what: str) -> Malformed:
    return Malformed("envelope_header", f"A part's header has {what}")
