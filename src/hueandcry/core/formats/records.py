"""Lists in our own columns: what CSV and NDJSON say of an entry, and the same read again.

A list is in our own form when it has the columns value, kind, verdict and tlp. Of any other
only the wanted column is read, since nobody knows what the rest means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.rows import Entry, Row, Said, code_or_none
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import Kind, Marking, Micros, Tlp, Verdict

COLUMNS: Final = (
    *("value", "kind", "verdict", "tlp", "lure", "method", "confidence", "reason"),
    *("valid_from", "valid_until", "modified"),
)
_OURS: Final = frozenset(COLUMNS[:4])


def is_ours(names: Collection[str]) -> bool:
    """Whether these names are those of a list in our own form."""
    return _OURS.issubset(names)


def fields(entry: Entry) -> tuple[str, ...]:
    """The columns of one entry as text."""
    return (
        entry.signal.value,
        entry.signal.kind.value,
        entry.verdict.value,
        entry.tlp.wire,
        entry.lure,
        entry.method,
        "" if entry.confidence is None else str(entry.confidence),
        entry.reason,
        time_text(entry.since),
        time_text(entry.until),
        time_text(entry.modified),
    )


def row(n: int, record: Mapping[str, object]) -> Row:
    """One record in our own form; a fault where one of its words is not ours."""
    value = record["value"]
    if not isinstance(value, str) or not value.strip():
        return Row(n, str(value)[:200], fault="not_a_record")
    try:
        said = Said(
            verdict=Verdict(str(record["verdict"])),
            marking=Marking(tlp=Tlp.read(str(record["tlp"]))),
            confidence=_confidence(record.get("confidence")),
            valid_from=_time(record.get("valid_from")),
            valid_until=_time(record.get("valid_until")),
            lure=code_or_none(record.get("lure")),
            method=code_or_none(record.get("method")),
        )
        kind = Kind(str(record["kind"])) if record["kind"] else None
    except (KeyError, ValueError, Malformed):
        return Row(n, value, fault="not_a_record")
    fault = "verdict_unknown" if said.verdict is Verdict.UNKNOWN else ""
    return Row(n, value, kind, said, fault)


def _confidence(given: object) -> int | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 3:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= 100:
        raise ValueError
    return given


def _time(given: object) -> Micros | None:
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        raise ValueError
    return read_rfc3339(given)
