"""Lists on disk, or on stdin: opened, recognised, and read with how far one has come."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

from hueandcry.core import formats
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.formats import Account, Options, Row, misp, misp_events


class Source:
    """An open list: its rows, and how far it has been read for a progress bar."""

    def __init__(self, name: str, options: Options, format: str | None = None) -> None:
        self.total, self._raw = _open(name)
        self._options = options
        self.account = Account()
        self._stream = formats.Stream(self._raw)
        self.format = (
            formats.format_of(format) if format else formats.sniff(name, self._stream.head, options)
        )

    @property
    def damage(self) -> HueError | None:
        """Why the end could not be read, once `rows` is through; what came before was given."""
        return self._stream.damage

    def done(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def rows(self) -> Iterator[Row]:
        """Every row in its order; what its format holds besides goes into `account`."""
        return self.format.read(self._stream, self._options, self.account)


class Folder:
    """A folder with a MISP feed: every event of its manifest, in the order of their time."""

    damage: HueError | None = None

    def __init__(self, folder: Path, options: Options) -> None:
        self._folder = folder
        self._options = options
        self._events = misp_events.read_manifest(_bytes(folder / misp_events.MANIFEST))
        self._read = 0
        self.total = len(self._events)
        self.account = Account()
        self.format = formats.format_of("misp")

    def done(self) -> int:
        """Events that have been read."""
        return self._read

    def rows(self) -> Iterator[Row]:
        """The rows of each event; one that is not what the manifest says is one bad row."""
        last = 0
        for listed in self._events:
            try:
                document = _bytes(self._folder / f"{listed.uuid}.json")
                listed.check(document)
                found = misp.rows(misp.parsed(document), self._options, self.account)
                for row in found:
                    last += 1
                    yield row._replace(n=last)
            except HueError as refused:
                last += 1
                yield Row(last, listed.uuid, fault=refused.code)
            self._read += 1


def opened(name: str, options: Options, format: str | None = None) -> Source | Folder:
    """A list by its name: a file, `-` for stdin, or a folder with a MISP feed; raises NotFound."""
    path = Path(name)
    if name != "-" and path.name == misp_events.MANIFEST and path.is_file() and not format:
        path = path.parent
    if name != "-" and path.is_dir():
        return Folder(path, options)
    return Source(name, options, format)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("file", f"There is no file {path}", do="A MISP feed has a manifest.json")
    with path.open("rb") as file:
        return formats.Stream(file).document()


def _open(name: str) -> tuple[int | None, BufferedReader]:
    if name == "-":
        return None, cast(BufferedReader, sys.stdin.buffer)
    path = Path(name)
    if not path.is_file():
        raise NotFound("file", f"There is no file {name}", do="Check the path")
    return path.stat().st_size, path.open("rb")
