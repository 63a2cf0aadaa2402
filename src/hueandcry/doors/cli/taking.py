"""Files on their way to become exhibits: in the store before anything is said of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from hueandcry.core.errors import NotFound
from hueandcry.doors.cli import opening, showing

opening.prepare()

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Taken

STDIN: Final = "-"


@contextmanager
def taken_from(given: str, name: str = "stdin", quiet: bool = False) -> Iterator[Taken]:
    """The bytes of a file or of stdin in the store, and gone again if nothing comes of them."""
    path = None if given == STDIN else Path(given)
    called = name if path is None else path.name
    with _opened(path) as (source, size), showing.progress(called, hidden=quiet) as bar:
        taken = evidence.take_bytes(source, called, told=lambda done: bar(done, size or done))
    try:
        yield taken
    finally:
        evidence.drop_unkept([taken])


@contextmanager
def _opened(path: Path | None) -> Iterator[tuple[BinaryIO, int | None]]:
    if path is None:
        yield cast(BinaryIO, sys.stdin.buffer), None
        return
    try:
        source = path.open("rb")
    except OSError as error:
        raise NotFound("file", f"{path} cannot be read", why=error.strerror or "") from None
    with source:
        yield source, os.fstat(source.fileno()).st_size
