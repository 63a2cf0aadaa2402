"""Files of trained weights: a digest, a line of JSON that says what follows, then the arrays.

The first line is `hueandcry weights 1 <SHA-256 of the rest>`, the second names each array with its
type and shape, and what follows is one zstd frame. A file that was changed, or cut short, is
refused before a number of it is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from hueandcry.core.errors import Malformed

Array = NDArray[Any]

_MAGIC: Final = b"hueandcry weights 1 "
_MOST_BYTES: Final = 64 << 20  #: of the arrays of one file
_TYPES: Final = frozenset(("int8", "float32"))


@dataclass(frozen=True, slots=True)
class Weights:
    """What one training run left: arrays by name, and what it says of itself."""

    name: str  #: what assessments carry as `model`: a name and the file's digest
    arrays: Mapping[str, Array]
    about: Mapping[str, Any]  #: bounds, versions, counts of what was learnt from


def pack(name: str, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> bytes:
    """The file of these weights; the same weights give the same bytes."""
    head = {
        "name": name,
        "arrays": [[key, str(array.dtype), list(array.shape)] for key, array in arrays.items()],
        "about": about,
    }
    numbers = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    line = json.dumps(head, sort_keys=True, ensure_ascii=False).encode()
    rest = line + b"\n" + zstandard.ZstdCompressor(level=19).compress(numbers)
    return _MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def unpack(data: bytes) -> Weights:
    """The weights in `data`; raises Malformed for anything but what `pack` wrote."""
    first, _, rest = data.partition(b"\n")
    digest = hashlib.sha256(rest).hexdigest()
    if first != _MAGIC + digest.encode():
        raise _changed("its bytes are not those that were written")
    line, _, packed = rest.partition(b"\n")
    try:
        head = json.loads(line)
        numbers = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MOST_BYTES)
        arrays = _arrays(numbers, head["arrays"])
        return Weights(f"{head['name']} {digest[:8]}", arrays, head["about"])
    except (ValueError, KeyError, TypeError, zstandard.ZstdError) as fault:
        raise _changed(str(fault)) from None


def shipped(file: str) -> Weights:
    """The weights in `models/FILE` of this room."""
    return unpack(files("hueandcry.apps.detection").joinpath("models", file).read_bytes())


def _arrays(numbers: bytes, listed: list[tuple[str, str, list[int]]]) -> dict[str, Array]:
    """Each array of the list, one after the other; ValueError where they are not all there."""
    found: dict[str, Array] = {}
    at = 0
    for key, kind, shape in listed:
        if kind not in _TYPES:
            raise ValueError(f"it holds an array of {kind}")
        count = int(np.prod(shape, dtype=np.int64))
        found[key] = np.frombuffer(numbers, np.dtype(kind), count, at).reshape(shape)
        at += found[key].nbytes
    if at != len(numbers):
        raise ValueError("it holds more than it names")
    return found


def _changed(why: str) -> Malformed:
    return Malformed(
        "not_a_model",
        "A file of trained weights is not what was trained",
        why=why,
        do="Install the package again, or train again with `python -m tools.train`",
    )
