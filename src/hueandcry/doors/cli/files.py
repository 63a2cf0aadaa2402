"""Lists on disk as numbered rows of text: plain text, hosts, CSV, NDJSON; also .gz, also `-`.

A line that is not text, or not its format, is a row that will be rejected by itself: nothing about
one line loses another.
"""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from hueandcry.core.errors import HueError, Malformed, NotFound

#: What a row that cannot be read becomes: no kind reads it, and the report shows it.
UNREADABLE = "\x00"
_MAX_LINE = 1 << 20
_RECORD_LINES = 50  #: of one CSV record with line breaks inside quotes

#: Lines and the wanted column into numbered rows.
Format = Callable[[Iterator[str], str | None], Iterator[tuple[int, str]]]


class Source:
    """An open list: its rows, and how far it has been read for a progress bar."""

    def __init__(self, name: str, column: str | None) -> None:
        self.total, self._raw = _open(name)
        self._column = column
        self._suffix = Path(name.removesuffix(".gz")).suffix.lower()
        #: Why the end could not be read, once `rows` is through; what came before was given.
        self.damage: HueError | None = None

    def done(self) -> int:
        """Bytes of the file that have been read."""
        return self._raw.tell() if self._raw.seekable() else 0

    def rows(self) -> Iterator[tuple[int, str]]:
        """(line number from 1, text) of every row; blank lines and comments are no rows."""
        lines = self._lines()
        first = next(lines, "")
        return self._format(first)(chain([first] if first else [], lines), self._column)

    def _format(self, first: str) -> Format:
        """By the name; without one that says it, by the first line and what was asked for."""
        if self._suffix in _FORMATS:
            return _FORMATS[self._suffix]
        if first.lstrip().startswith("{"):
            return _ndjson
        return _plain if self._column is None else _csv

    def _lines(self) -> Iterator[str]:
        try:
            stream = _unzipped(self._raw)
            start = "\ufeff"
            while line := stream.readline(_MAX_LINE):
                yield _text(line, stream).removeprefix(start)
                start = ""
        except (OSError, EOFError, zlib.error) as error:
            self.damage = Malformed(
                "cut_short",
                "The file ends in the middle or is damaged",
                why=str(error),
                do="What was read before is kept; fetch the file again and repeat: nothing doubles",
            )


def _unzipped(raw: BufferedReader) -> BinaryIO:
    """The stream itself, or what it opens to when it begins as gzip (RFC 1952) does."""
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw)


def _text(line: bytes, stream: BinaryIO) -> str:
    """One line as text; marked unreadable when it is none, or longer than anything of ours."""
    too_long = len(line) == _MAX_LINE and not line.endswith(b"\n")
    rest = line
    while too_long and rest and not rest.endswith(b"\n"):
        rest = stream.readline(_MAX_LINE)
    text = line[:200].decode("utf-8", "replace") if too_long else line.decode("utf-8", "replace")
    return UNREADABLE + text if too_long or "\ufffd" in text else text


def _open(name: str) -> tuple[int | None, BufferedReader]:
    if name == "-":
        return None, cast(BufferedReader, sys.stdin.buffer)
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
        hosts = len(words) >= 2 and words[0] in ("0.0.0.0", "127.0.0.1", "::", "::1")
        for word in words[1:] if hosts else (text.strip(),):
            yield n, word


def _csv(lines: Iterator[str], column: str | None) -> Iterator[tuple[int, str]]:
    numbered = enumerate(lines, 1)
    head = _fields([next(numbered, (0, ""))[1]]) or []
    at = _column(head, column)
    waiting: deque[tuple[int, str]] = deque()
    while line := waiting.popleft() if waiting else next(numbered, None):
        if not line[1].strip():
            continue
        row = _fields([line[1]])
        if row is None:
            row = _over_lines(line, waiting, numbered, at, len(head))
        yield line[0], row[at] if row and at < len(row) else UNREADABLE + line[1]


def _fields(lines: list[str], *, strict: bool = False) -> list[str] | None:
    """The fields of one record; None when its quotes are not closed, or a field is endless."""
    if '"' not in lines[0]:
        return lines[0].rstrip("\r\n").split(",")
    if sum(line.count('"') for line in lines) % 2:
        return None
    try:
        return next(csv.reader(lines, strict=strict), None)
    except csv.Error:
        return None


def _over_lines(
    first: tuple[int, str],
    waiting: deque[tuple[int, str]],
    numbered: Iterator[tuple[int, str]],
    at: int,
    width: int,
) -> list[str] | None:
    """A record with a line break inside quotes, when that is what it is.

    A quote that nobody closes must not swallow the rows after it: unless the lines together give
    the right number of fields, and the wanted one on one line, they are read again one by one.
    """
    record = [first]
    while len(record) < _RECORD_LINES and sum(text.count('"') for _, text in record) % 2:
        following = waiting.popleft() if waiting else next(numbered, None)
        if following is None:
            break
        record.append(following)
    row = _fields([text for _, text in record], strict=True)
    if row and len(row) == width and "\n" not in row[at]:
        return row
    waiting.extendleft(reversed(record[1:]))
    return None


def _column(head: list[str], column: str | None) -> int:
    names = [name.strip() for name in head]
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


_FORMATS: dict[str, Format] = {
    ".csv": _csv,
    ".ndjson": _ndjson,
    ".jsonl": _ndjson,
}
