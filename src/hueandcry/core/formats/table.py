"""The one table of formats. A format is a row: how it is recognised, read and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import msgspec

from hueandcry.core.errors import NotFound
from hueandcry.core.formats import bundles, misp, ndjson, rpz, separated, text
from hueandcry.core.formats.rows import Account, Entry, Heading, Options, Row
from hueandcry.core.formats.stream import Stream
from hueandcry.core.types import Kind

Reader = Callable[[Stream, Options, Account], Iterator[Row]]
Writer = Callable[[Iterable[Entry], Heading], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Format:
    """One form of a list. MISP is written as a feed of many files: see `misp_events`."""

    name: str
    meaning: str
    read: Reader
    write: Writer | None
    suffix: str  #: of a file that we write
    media_type: str
    suffixes: tuple[str, ...] = ()  #: of files of others
    kinds: frozenset[Kind] = frozenset(Kind)  #: what it can carry


_DOMAINS: Final = frozenset({Kind.DOMAIN})

FORMATS: Final[dict[str, Format]] = {
    each.name: each
    for each in (
        Format(
            "text",
            "one value a line, defanged or not; # begins a comment",
            text.read,
            text.write_text,
            ".txt",
            "text/plain; charset=utf-8",
            (".txt", ".lst", ".list", ".netset"),
        ),
        Format(
            "hosts",
            "a hosts file: 0.0.0.0 and names",
            text.read,
            text.write_hosts,
            ".hosts",
            "text/plain; charset=utf-8",
            (".hosts",),
            _DOMAINS,
        ),
        Format(
            "csv",
            "a table with a heading; delimiter comma, semicolon, tabulator or bar",
            separated.read,
            separated.write,
            ".csv",
            "text/csv; charset=utf-8",
            (".csv", ".tsv"),
        ),
        Format(
            "ndjson",
            "one JSON document a line",
            ndjson.read,
            ndjson.write,
            ".ndjson",
            "application/x-ndjson",
            (".ndjson", ".jsonl"),
        ),
        Format(
            "stix",
            "a STIX 2.1 bundle, or the objects of a TAXII envelope",
            bundles.read,
            bundles.write,
            ".stix.json",
            "application/stix+json;version=2.1",
            (".stix", ".stix2"),
        ),
        Format(
            "misp",
            "an event of MISP, or a folder with a MISP feed",
            misp.read,
            None,
            ".json",
            "application/json",
            (".misp",),
        ),
        Format(
            "rpz",
            "a response policy zone for resolvers",
            rpz.read,
            rpz.write,
            ".rpz",
            "text/dns",
            (".rpz", ".zone"),
            _DOMAINS,
        ),
    )
}


def format_of(name: str) -> Format:
    """The format of this name; raises NotFound."""
    found = FORMATS.get(name)
    if found is None:
        known = ", ".join(FORMATS)
        raise NotFound("format", f"There is no format {name[:40]!a}", do=f"Use one of: {known}")
    return found


def sniff(name: str, head: bytes, options: Options) -> Format:
    """The format of a list by the name of its file, and where that says nothing by its beginning.

    `name` may be empty. JSON is told apart by what it holds, whatever the file is called.
    """
    suffix = PurePath(name.lower().removesuffix(".gz")).suffix
    by_name = next((each for each in FORMATS.values() if suffix in each.suffixes), None)
    if by_name is not None and by_name.name not in ("text", "ndjson"):
        return by_name
    shown = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if shown[:1] in (b"{", b"["):
        return FORMATS[_json(shown, by_name is not None)]
    if by_name is not None:
        return by_name
    if _ZONE.search(shown):
        return FORMATS["rpz"]
    return FORMATS["text" if options.column is None else "csv"]


_ZONE: Final = re.compile(rb"^(?:\$(?:TTL|ORIGIN)\s|\S*\s.{0,40}\bSOA\s)", re.M)
_STIX: Final = re.compile(rb'"type"\s*:\s*"bundle"|"spec_version"\s*:|"objects"\s*:\s*\[')
_MISP: Final = re.compile(rb'"(?:Event|Attribute|Orgc?|object_relation|to_ids)"\s*:')


def _json(head: bytes, lines: bool) -> str:
    """Which of the three: a first line that is a document by itself makes it NDJSON."""
    first, newline, rest = head.partition(b"\n")
    whole = bool(rest.strip()) and _is_document(first)
    if whole or (lines and not newline):
        return "ndjson"
    stix, misp = _STIX.search(head), _MISP.search(head)
    if misp and (not stix or misp.start() < stix.start()):
        return "misp"
    return "stix" if stix else "ndjson"


def _is_document(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True
