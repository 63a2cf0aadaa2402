"""The kept bytes of batches: which of them are still in force, as parts that can be handed on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import zstandard

from hueandcry.apps.exchange.models import Batch
from hueandcry.core import tlog
from hueandcry.core.envelopes import Part, compress, decompress, header


class _Places(msgspec.Struct, forbid_unknown_fields=True):
    ordinals: list[int]
    paths: list[list[str]]


def pack_places(part: Part) -> bytes:
    """Ordinals and audit paths of a part that is not whole, for its row."""
    paths = [[step.hex() for step in path] for path in part.paths or ()]
    return zstandard.compress(msgspec.json.encode(_Places(list(part.ordinals or ()), paths)))


def lines_of(batch: Batch) -> list[bytes]:
    """The exact bytes of the objects held, in their order."""
    return decompress(batch.payload).split(b"\n")[:-1] if batch.payload else []


def ordinals(batch: Batch) -> Sequence[int]:
    """The places of the lines that are held."""
    return range(batch.held) if batch.paths is None else _places(batch)[0]


def _places(batch: Batch) -> tuple[list[int], list[tuple[bytes, ...]]]:
    """The ordinal and audit path of every held line of a batch that is not whole."""
    assert batch.paths is not None
    held = msgspec.json.decode(zstandard.decompress(batch.paths), type=_Places)
    return held.ordinals, [tuple(bytes.fromhex(step) for step in path) for path in held.paths]


def held_places(paths: bytes) -> dict[int, int]:
    """Ordinal → which of the held lines it is, of a batch that is not whole."""
    held = msgspec.json.decode(zstandard.decompress(paths), type=_Places)
    return {ordinal: n for n, ordinal in enumerate(held.ordinals)}


def frames(batch: Batch, live: Sequence[int], card: bytes | None) -> tuple[bytes, bytes, int]:
    """(part digest, zstd frames, objects) of those of a batch's objects that are still in force.

    A batch that is wholly in force goes out in the very frame that is stored.
    """
    if len(live) == batch.held == batch.count and batch.paths is None:
        part = Part(batch.document, card=card)
        return batch.part, compress([header(part, batch.count)]) + batch.payload, batch.count
    part = partial(batch, live, card)
    return part.digest, compress([header(part)]) + compress(part.lines), len(part.lines)


def narrowed(part: Part, keep: Sequence[int]) -> Part:
    """A part with only the lines at these indexes of it, each with its place and audit path."""
    if part.paths is None:
        tree = tlog.MerkleTree([tlog.leaf_hash(line) for line in part.lines])
        places = [(n, tuple(tree.inclusion(n))) for n in range(len(part.lines))]
    else:
        places = list(zip(part.ordinals or (), part.paths, strict=True))
    return Part(
        document=part.document,
        lines=tuple(part.lines[n] for n in keep),
        ordinals=tuple(places[n][0] for n in keep),
        paths=tuple(places[n][1] for n in keep),
    )


def whole(batch: Batch) -> bytes:
    """Everything that is held of a batch, in force or not, as zstd frames."""
    if batch.paths is None:
        return compress([header(Part(batch.document), batch.held)]) + bytes(batch.payload)
    lines = lines_of(batch)
    left = [n for n, line in zip(_places(batch)[0], lines, strict=True) if line]  # not purged
    part = partial(batch, left, None)
    return compress([header(part)]) + compress(part.lines)


def partial(batch: Batch, ordinals: Sequence[int], card: bytes | None) -> Part:
    """A part with only these of a batch's objects, each with its audit path."""
    wanted = set(ordinals)
    lines = lines_of(batch)
    if batch.paths is None:
        tree = tlog.MerkleTree([tlog.leaf_hash(line) for line in lines])
        places = [(n, lines[n], tuple(tree.inclusion(n))) for n in sorted(wanted)]
    else:
        held, paths = _places(batch)
        found = zip(held, lines, paths, strict=True)
        places = [(n, line, path) for n, line, path in found if n in wanted]
    return Part(
        document=batch.document,
        lines=tuple(line for _, line, _ in places),
        card=card,
        ordinals=tuple(n for n, _, _ in places),
        paths=tuple(path for _, _, path in places),
    )


def sha256(data: bytes) -> bytes:
    """The digest by which others name a document."""
    return hashlib.sha256(data).digest()
