"""NDJSON in and out: one JSON document a line, a text or an object with the wanted member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hueandcry.core.formats import records
from hueandcry.core.formats.rows import Account, Entry, Heading, Options, Row
from hueandcry.core.formats.stream import Stream


def read(stream: Stream, options: Options, account: Account) -> Iterator[Row]:
    """The wanted member of every line (`value` unless named); our own lines with all they say."""
    wanted, whole = options.column or "value", options.column is None
    for n, line, good in stream.lines():
        if not line.strip():
            continue
        if not good:
            yield Row(n, line, fault="not_text")
            continue
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, ValueError):
            yield Row(n, line, fault="not_a_record")
            continue
        if isinstance(value, dict):
            if whole and records.is_ours(value.keys()):
                yield records.row(n, value)
                continue
            value = value.get(wanted)
        if isinstance(value, str):
            yield Row(n, value)
        else:
            yield Row(n, line, fault="not_a_record")


def write(entries: Iterable[Entry], heading: Heading) -> Iterator[str]:
    """One object a line with our own columns; a member that has nothing to say is left out."""
    encode = msgspec.json.Encoder().encode
    for entry in entries:
        said = dict(zip(records.COLUMNS, records.fields(entry), strict=True))
        members: dict[str, object] = {name: text for name, text in said.items() if text}
        if entry.confidence is not None:
            members["confidence"] = entry.confidence
        yield encode(members).decode() + "\n"
