"""Small files that a command is given, and those that it writes for its owner alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hueandcry.doors.cli.usage import Usage

MOST: Final = 1 << 20  #: bytes of one that is read, as `core/formats/elements` reads it


def read(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file; Usage where there are none to read, or more than `most`."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as fault:
        raise Usage("no_file", f"{path} cannot be read", why=fault.strerror or "") from None
    if len(data) > most:
        raise Usage("file", f"{path} has more than {most:,} bytes")
    return data


def text(path: Path) -> str:
    """A file of text, without the space around it; Usage as well for what is no UTF-8."""
    try:
        return read(path).decode().strip()
    except UnicodeDecodeError as fault:
        raise Usage("file", f"{path} is no text in UTF-8", why=str(fault)) from None


def write(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, never over another file."""
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
    except OSError as fault:
        raise Usage("out", f"{path} cannot be written: {fault.strerror}") from None
