"""What an archive holds, by its index alone: nothing is ever unpacked.

A zip's index stands at its end (APPNOTE 4.3). It is read by hand and within bounds, since
`zipfile` reads as many entries as anybody writes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MAX_ENTRIES: Final = 1_000
_END: Final = struct.Struct("<4s4xHHIIH")
_ENTRY: Final = struct.Struct("<4s4xHH8xIIHHH12x")
_LOCKED: Final = 0x1  #: general purpose bit 0: encrypted
_UTF8: Final = 0x800

#: Unpacked to packed bytes, and unpacked bytes, beyond which both an archive only does harm.
RATIO: Final = 100
LARGE: Final = 100 << 20


@dataclass(frozen=True, slots=True)
class Archive:
    """The index of a zip."""

    names: tuple[str, ...] = ()
    locked: bool = False  #: some of it is encrypted
    swells: bool = False  #: it unpacks to far more than it is, or its parts overlap


def listing(data: bytes) -> Archive | None:
    """The index of a zip; None for what is none, or whose index leads out of it."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + _END.size > len(data):
        return None
    _, _, _, size, start, _ = _END.unpack_from(data, at)
    start = at - size if start + size != at else start  # something may stand before the archive
    if start < 0:
        return None
    names, flags, unpacked, packed = _entries(data, start, at)
    return Archive(
        tuple(names),
        bool(flags & _LOCKED),
        len(names) >= MAX_ENTRIES
        or packed > len(data)
        or (unpacked > LARGE and unpacked > RATIO * packed),
    )


def _entries(data: bytes, at: int, end: int) -> tuple[list[str], int, int, int]:
    """(names, all flags together, unpacked bytes, packed bytes) of the first MAX_ENTRIES."""
    names: list[str] = []
    flags = unpacked = packed = 0
    while at + _ENTRY.size <= end and len(names) < MAX_ENTRIES:
        mark, flag, _, small, large, name, extra, comment = _ENTRY.unpack_from(data, at)
        if mark != b"PK\x01\x02":
            break
        raw = data[at + _ENTRY.size : at + _ENTRY.size + name]
        names.append(raw.decode("utf-8" if flag & _UTF8 else "cp437", "replace"))
        flags, unpacked, packed = flags | flag, unpacked + large, packed + small
        at += _ENTRY.size + name + extra + comment
    return names, flags, unpacked, packed
