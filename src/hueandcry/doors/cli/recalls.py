"""Messages of a bank's own systems about a stop-payment, as files. No node is needed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats import iso20022
from hueandcry.doors.cli.usage import Usage

_MOST: Final = 1 << 20  #: bytes of a message, as `core/formats/elements` reads it


def form(path: Path) -> dict[str, str]:
    """The fields that the camt.056 of one payment fills; Malformed for several."""
    found = iso20022.read_recall(read(path)).recalls
    if len(found) != 1:
        raise Malformed(
            "recalls",
            f"{path.name} recalls {len(found)} payments, and a request is about one",
            do="Make a file for each",
        )
    return iso20022.form_of(found[0])


def read(path: Path) -> bytes:
    """The bytes of a message; Usage where there are none to read, or too many."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as fault:
        raise Usage("file", f"{path} cannot be read: {fault.strerror}") from None
    if len(data) > _MOST:
        raise Usage("file", f"{path} is larger than a message of 1 MiB")
    return data


def write(path: Path, data: bytes) -> None:
    """Writes a message that only its owner can read, never over another file."""
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
    except OSError as fault:
        raise Usage("out", f"{path} cannot be written: {fault.strerror}") from None
