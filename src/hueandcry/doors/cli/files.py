"""Lists on disk as numbered rows of text: plain text, hosts, CSV, NDJSON; also .gz, also `-`.

A line that is not text, or not its format, is a row that will be rejected by itself: nothing about
one line loses another.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from hueandcry.core.errors import Malformed, NotFound

#: What a row that cannot be read becomes: no kind reads it, and the report shows it.
UNREADABLE = "\x00"
_MAX_LINE = 1 << 20


class Source:
    """An open list: its rows, and how far it has been read for a progress bar."""

    def __init__(self, name: str, column: str | None) -> None:
        self.total, self._raw = _open(name)
        self._column = column
        inner = name.removesuffix(".gz")
        zipped = name.endswith(".gz")
        self._stream = gzip.open(self._raw) if zipped else self._raw
        self._format = _FORMATS.get(Path(inner).suffix.lower(), _plain)
        if column is not None and self._format is _plain:
            self._format = _csv

    def done(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def rows(self) -> Iterator[tuple[int, str]]:
        """(line number from 1, text) of every row; blank lines and comments are no rows."""
        return self._format(self._lines(), self._column)

    def _lines(self) -> Iterator[str]:
        try:
            while line := self._stream.readline(_MAX_LINE):
                text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
                yield UNREADABLE + text if "\ufffd" in text else text
        except (OSError, EOFError) as error:
            raise Malformed(
                "cut_short",
                "The file ends in the middle or is damaged",
                why=str(error),
                do="What was read before is kept; fetch the file again and repeat: nothing doubles",
            ) from error


def _open(name: str) -> tuple[int | None, BinaryIO]:
    if name == "-":
        return None, sys.stdin.buffer
    path = Path(name)
    if not path.is_file():
        raise NotFound("file", f"There is no file {name}", do="Check the path")
    return path.stat().st_size, path.open("rb")


def _plain(lines: Iterator[str], column: str | None) -> Iterator[tuple[int, str]]:
    """One value a line; `0.0.0.0 name` and `127.0.0.1 name` as hosts files write them."""
    for n, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip() if " #" in line or line.startswith("#") else line
        words = text.split()
        if not words:
            continue
        hosts = len(words) >= 2 and words[0] in ("0.0.0.0", "127.0.0.1", "::", "::1")  # noqa: S104
        for word in words[1:] if hosts else (text.strip(),):
            yield n, word


def _csv(lines: Iterator[str], column: str | None) -> Iterator[tuple[int, str]]:
    reader = csv.reader(lines)
    head = next(reader, [])
    at = _column(head, column)
    while True:
        try:
            for row in reader:
                if row:
                    yield reader.line_num, row[at] if at < len(row) else UNREADABLE
            return
        except csv.Error:
            yield reader.line_num, UNREADABLE


def _column(head: list[str], column: str | None) -> int:
    names = [name.strip().lstrip("\ufeff") for name in head]
    if column is None and len(names) == 1:
        return 0
    if column not in names:
        raise Malformed(
            "column",
            f"There is no column {column!r}" if column else "Which column holds the values?",
            do=f"Use --column with one of: {', '.join(names)}",
        )
    return names.index(column)


def _ndjson(lines: Iterator[str], column: str | None) -> Iterator[tuple[int, str]]:
    wanted = column or "value"
    for n, line in enumerate(lines, 1):
        if line.strip():
            yield n, _member(line, wanted)


def _member(line: str, wanted: str) -> str:
    try:
        value = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return UNREADABLE + line
    found = value.get(wanted) if isinstance(value, dict) else value
    return found if isinstance(found, str) else UNREADABLE + line


_FORMATS: dict[str, Callable[[Iterator[str], str | None], Iterator[tuple[int, str]]]] = {
    ".csv": _csv,
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
}
