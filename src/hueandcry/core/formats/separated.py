"""CSV in and out: a named column, any usual delimiter, quotes, and lines that are broken.

A line that is not its format is a row that is rejected by itself: nothing about one line loses
another.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats import records
from hueandcry.core.formats.rows import Account, Entry, Heading, Options, Row
from hueandcry.core.formats.stream import Stream

_RECORD_LINES: Final = 50  #: of one record with line breaks inside quotes
_DELIMITERS: Final = ",;\t|"
_Line = tuple[int, str, bool]  #: number, text, whether it is text


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """The wanted column of every record after the heading; our own lists with all that they say."""
    lines = stream.lines()
    heading = next((text for _, text, good in lines if good and not _is_comment(text)), "")
    table = _Table(heading)
    if options.column is None and records.is_ours(table.names):
        make = table.whole
    else:
        make = table.column(options.column)
    yield from make(lines)


def _is_comment(text: str) -> bool:
    return not text.strip() or text.startswith("#")


class _Table:
    """The heading of a list, and how to read the records below it."""

    def __init__(self, heading: str) -> None:
        counts = {mark: heading.count(mark) for mark in _DELIMITERS}
        self.mark = max(counts, key=lambda mark: counts[mark]) if any(counts.values()) else ","
        self.names = [name.strip() for name in self.fields([heading]) or []]

    def fields(self, lines: list[str], *, strict: bool = False) -> list[str] | None:
        """The fields of one record; None when its quotes are not closed, or a field is endless."""
        if '"' not in lines[0]:
            return lines[0].rstrip("\r\n").split(self.mark)
        if sum(line.count('"') for line in lines) % 2:
            return None
        try:
            return next(csv.reader(lines, delimiter=self.mark, strict=strict), None)
        except csv.Error:
            return None

    def column(self, wanted: str | None) -> _Reader:
        return _Reader(self, self._place(wanted))

    def whole(self, lines: Iterator[_Line]) -> Iterator[Row]:
        """Every column of a list in our own form."""
        reader = _Reader(self, self.names.index("value"))
        for line in lines:
            for n, text, fields in reader.records(line, lines):
                if fields is None or len(fields) != len(self.names):
                    yield Row(n, text, fault="not_a_record")
                else:
                    yield records.row(n, dict(zip(self.names, fields, strict=True)))

    def _place(self, wanted: str | None) -> int:
        names = self.names
        if wanted is None and len(names) == 1:
            return 0
        if wanted not in names:
            raise Malformed(
                "column",
                f"There is no column {wanted!r}" if wanted else "Which column holds the values?",
                do=f"Use --column with one of: {', '.join(names)[:400]}",
            )
        return names.index(wanted)


class _Reader:
    """Records of one table, of which one field must be there."""

    def __init__(self, table: _Table, at: int) -> None:
        self._table = table
        self._at = at

    def __call__(self, lines: Iterator[_Line]) -> Iterator[Row]:
        at, mark = self._at, self._table.mark
        for line in lines:
            n, text, good = line
            if good and '"' not in text:  # nearly every line of nearly every list
                fields: list[str] | None = text.rstrip().split(mark)
                if fields and at < len(fields) and fields[at]:
                    yield Row(n, fields[at])
                elif text.strip():
                    yield Row(n, text, fault="not_a_record")
                continue
            for n, text, fields in self.records(line, lines):
                if fields and at < len(fields):
                    yield Row(n, fields[at])
                else:
                    yield Row(n, text, fault="not_a_record")

    def records(
        self, first: _Line, lines: Iterator[_Line]
    ) -> Iterator[tuple[int, str, list[str] | None]]:
        """The record that begins on a line, and those on lines that had to be read with it."""
        waiting = deque([first])
        while waiting:
            n, text, good = line = waiting.popleft()
            if not text.strip():
                continue
            fields = self._table.fields([text]) if good else None
            if good and fields is None:
                fields = self._over_lines(line, waiting, lines)
            yield n, text, fields

    def _over_lines(
        self, first: _Line, waiting: deque[_Line], lines: Iterator[_Line]
    ) -> list[str] | None:
        """A record with a line break inside quotes, when that is what it is.

        A quote that nobody closes must not swallow the rows after it: unless the lines together
        give the right number of fields, and the wanted one on one line, they are read again one
        by one.
        """
        record = [first]
        quotes = first[1].count('"')
        while len(record) < _RECORD_LINES and quotes % 2:
            following = waiting.popleft() if waiting else next(lines, None)
            if following is None:
                break
            if not following[2]:
                waiting.appendleft(following)
                break
            record.append(following)
            quotes += following[1].count('"')
        row = self._table.fields([text for _, text, _ in record], strict=True)
        if row and len(row) == len(self._table.names) and "\n" not in row[self._at]:
            return row
        waiting.extendleft(reversed(record[1:]))
        return None


def write(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """Our own columns under a heading line; values that a spreadsheet would run are made text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(records.COLUMNS)
    for entry in entries:
        writer.writerow([_inert(text) for text in records.fields(entry)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _inert(text: str) -> str:
    """A field that begins like a formula gets a blank in front, which every reader drops."""
    return f" {text}" if text[:1] in "=+-@" and text[:1] else text
