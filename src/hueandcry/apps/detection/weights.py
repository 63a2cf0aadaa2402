"""Files of trained weights: a line of JSON that says what follows, then the arrays, compressed.

The head names each array with its type and shape and carries the SHA-256 of all of them: a file
that was changed, or cut short, is refused before a number of it is used.
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

from hueandcry.core.errors import Broken

Array = NDArray[Any]

_FORM: Final = "hueandcry/weights/v1"
_MOST_BYTES: Final = 64 << 20  #: of the arrays of one file
_TYPES: Final = frozenset(("int8", "float32"))


@dataclass(frozen=True, slots=True)
class Weights:
    """What one training run left: arrays by name, and what it says of itself."""

    name: str  #: what assessments carry as `model`: a name and the run's digest
    arrays: Mapping[str, Array]
    about: Mapping[str, Any]  #: thresholds, versions, counts of what was learnt from


def pack(name: str, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> bytes:
    """The file of these weights; the same weights give the same bytes."""
    body = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    head = {
        "form": _FORM,
        "name": name,
        "sha256": hashlib.sha256(body).hexdigest(),
        "arrays": [[key, str(array.dtype), list(array.shape)] for key, array in arrays.items()],
        "about": about,
    }
    line = json.dumps(head, sort_keys=True, ensure_ascii=False).encode()
    return line + b"\n" + zstandard.ZstdCompressor(level=19).compress(body)


def unpack(data: bytes) -> Weights:
    """The weights in `data`; raises Broken for anything but what `pack` wrote."""
    line, _, packed = data.partition(b"\n")
    try:
        head = json.loads(line)
        body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MOST_BYTES)
        shapes = [(str(key), str(kind), tuple(shape)) for key, kind, shape in head["arrays"]]
        digest, name, about = head["sha256"], head["name"], head["about"]
    except (ValueError, KeyError, TypeError, zstandard.ZstdError):
        raise _changed("its head or its arrays cannot be read") from None
    if head.get("form") != _FORM or hashlib.sha256(body).hexdigest() != digest:
        raise _changed("its bytes are not those that were written")
    return Weights(f"{name}-{digest[:8]}", _arrays(body, shapes), about)


def shipped(file: str) -> Weights:
    """The weights in `models/FILE` of this room."""
    return unpack(files("hueandcry.apps.detection").joinpath("models", file).read_bytes())


def _arrays(body: bytes, shapes: list[tuple[str, str, tuple[int, ...]]]) -> dict[str, Array]:
    found: dict[str, Array] = {}
    at = 0
    for key, kind, shape in shapes:
        if kind not in _TYPES:
            raise _changed(f"it holds an array of {kind}")
        count = int(np.prod(shape, dtype=np.int64))
        found[key] = np.frombuffer(body, np.dtype(kind), count, at).reshape(shape)
        at += found[key].nbytes
    return found


def _changed(why: str) -> Broken:
    return Broken(
        "model-file",
        "A file of trained weights is not what was trained",
        why=why,
        do="Install the package again, or train again with `python -m tools.train`",
    )
