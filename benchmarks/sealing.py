"""Inside a node's folder: one file sealed into the store, beside a bare read, SHA-256 and write."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hueandcry.doors.cli import opening

opening.prepare()

from django.conf import settings

from hueandcry.apps.evidence import face as evidence

_PIECE = 1 << 20


def main(size: int, rounds: int) -> None:
    """Prints seconds and CPU of both, of the best of `rounds`, and the peak of memory in MB."""
    opening.open_node()
    with TemporaryDirectory(dir=settings.DATA) as name:
        given = Path(name) / "exhibit.bin"
        with given.open("wb") as file:
            for _ in range(size // _PIECE):
                file.write(os.urandom(_PIECE))
        bare = min(_timed(lambda: _bare(given, Path(name) / "copy.bin")) for _ in range(rounds))
        sealed = min(_timed(lambda: _sealed(given)) for _ in range(rounds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"bare": bare, "sealed": sealed, "peak": peak}))


def _timed(step: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - wall, time.process_time() - cpu


def _bare(given: Path, copy: Path) -> None:
    digest = hashlib.sha256()
    with given.open("rb") as source, copy.open("wb") as target:
        while piece := source.read(_PIECE):
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    copy.unlink()


def _sealed(given: Path) -> None:
    with given.open("rb") as source:
        taken = evidence.take_bytes(source, given.name)
    evidence.drop_unkept([taken])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
