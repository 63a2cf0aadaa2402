"""Small files that a command is given, and those that it writes for its owner alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hueandcry.doors.cli.usage import Usage

_MOST: Final = 1 << 20  #: bytes of one that is read, as `core/formats/elements` reads it


def read(path: Path) -> bytes:
    """The bytes of a file; Usage where there are none to read, or too many."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as fault:
        raise Usage("file", f"{path} cannot be read: {fault.strerror}") from None
    if len(data) > _MOST:
        raise Usage("file", f"{path} is larger than 1 MiB")
    return data


def write(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, never over another file."""
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
    except OSError as fault:
        raise Usage("out", f"{path} cannot be written: {fault.strerror}") from None
