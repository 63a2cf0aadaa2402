"""Copies of this node: made while it runs, checked, and turned into a node again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hueandcry.core.types import DAY, Micros
from hueandcry.engine.backup import archive, making, restoring
from hueandcry.engine.backup.archive import identities, recipients
from hueandcry.engine.backup.making import Made, make, outdated
from hueandcry.engine.backup.models import Backup
from hueandcry.engine.backup.restoring import Restored, check_empty
from hueandcry.engine.policy import face as policy

__all__ = [
    "AGE_DAYS",
    "Backup",
    "Made",
    "Restored",
    "Staleness",
    "check",
    "check_empty",
    "identities",
    "make",
    "outdated",
    "recipients",
    "restore",
    "stale",
]

#: Days after which `doctor` says that the last backup is too old.
AGE_DAYS: Final = policy.declare(
    policy.Setting(
        "backup.days",
        int,
        2,
        "days after which `doctor` warns that the last backup is too old; 0: never",
        low=0,
        high=365,
    )
)


@dataclass(frozen=True, slots=True)
class Staleness:
    """When the last backup was made, and whether that is too long ago."""

    newest: Micros | None
    stale: bool


def stale(at: Micros) -> Staleness:
    """How old the last backup of this node is."""
    row = making.newest()
    days = policy.number(AGE_DAYS.name)
    if row is None:
        return Staleness(None, days > 0)
    return Staleness(row.at, days > 0 and row.at + days * DAY < at)


def check(path: Path, keys: list[Any]) -> Restored:
    """Opens a backup and reads every part of it against its manifest; nothing is kept."""
    with _opened(path, keys, path.parent) as plain:
        return restoring.read(plain, restoring.Sink())


def restore(path: Path, keys: list[Any], folder: Path, at: Micros) -> Restored:
    """Fills the configured database and folder from a backup, and marks the node restored."""
    digest, _ = archive.digest_of(path)
    with _opened(path, keys, folder) as plain, restoring.Place() as place:
        found = restoring.read(plain, place)
    restoring.finish(digest, found.head, at)
    return found


@contextmanager
def _opened(path: Path, keys: list[Any], beside: Path) -> Iterator[Path]:
    """The opened backup as a file that only we can read, gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix=".opened-", dir=beside))
    try:
        plain = folder / "backup.tar.zst"
        archive.decrypt(path, keys, plain)
        yield plain
    finally:
        shutil.rmtree(folder, ignore_errors=True)
