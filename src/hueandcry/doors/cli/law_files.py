"""Files of one's own beside the law that ships: of an instrument, of the treaty registry."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hueandcry.core.law import LAW, Law, with_instruments
from hueandcry.core.law.rows import MAX_FILE
from hueandcry.doors.cli.usage import Usage


def read(path: Path) -> bytes:
    """A file, and no more of one that is too long than shows it to be; raises Usage."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as fault:
        raise Usage("no_file", f"{path} cannot be read", why=str(fault)) from None


def law_with(paths: Iterable[Path] | None) -> Law:
    """The law that ships, and an instrument from each of these files, called as its file is."""
    return with_instruments(LAW, {path.stem: read(path) for path in paths or []})
