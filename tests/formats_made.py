"""Entries of every kind, and short words for reading and writing lists in tests."""

from __future__ import annotations

import io
from collections.abc import Iterable

from hypothesis import strategies as st

from hueandcry.core import formats
from hueandcry.core.formats import Account, Entry, Heading, Options, Row
from hueandcry.core.normal import examples, normalise
from hueandcry.core.taxonomy import LURES, METHODS
from hueandcry.core.types import DAY, Kind, Signal, Tlp, Verdict

NOW = 1_790_000_000_000_000
HEADING = Heading(
    name="all",
    audience="green",
    tlp=Tlp.GREEN,
    member="Centre of Tests",
    fingerprint="11" * 32,
    country="TH",
    url="https://centre.example",
    at=NOW,
    serial=7,
    passes=(("bank.example", True), ("shop.example", False)),
)

#: One signal of every spelling that the product knows.
SIGNALS = sorted(
    {normalise(each.kind, each.text, market=each.market) for each in examples()},
    key=lambda signal: (signal.kind, signal.value),
)

entries = st.builds(
    Entry,
    signal=st.sampled_from(SIGNALS),
    verdict=st.sampled_from([Verdict.SCAM, Verdict.SUSPICIOUS]),
    tlp=st.sampled_from(Tlp),
    since=st.integers(NOW - 90 * DAY, NOW),
    until=st.integers(NOW + 1, NOW + 90 * DAY),
    modified=st.integers(NOW - 90 * DAY, NOW),
    lure=st.sampled_from(["", *LURES]),
    method=st.sampled_from(["", *METHODS]),
    confidence=st.none() | st.integers(0, 100),
    reason=st.just("own_claim"),
)
lists = st.lists(entries, max_size=8, unique_by=lambda entry: entry.signal)


def entry(value: str, kind: Kind = Kind.DOMAIN, **more: object) -> Entry:
    """One entry of a value that is canonical already."""
    words: dict[str, object] = {
        "verdict": Verdict.SCAM,
        "tlp": Tlp.GREEN,
        "since": NOW - DAY,
        "until": NOW + DAY,
        "modified": NOW - DAY,
        **more,
    }
    return Entry(signal=Signal(kind, value), **words)  # type: ignore[arg-type]


def written(name: str, given: Iterable[Entry], heading: Heading = HEADING) -> bytes:
    write = formats.format_of(name).write
    assert write is not None
    return "".join(write(given, heading)).encode()


def read(
    name: str, data: bytes, options: Options | None = None, account: Account | None = None
) -> list[Row]:
    stream = formats.Stream(io.BytesIO(data))
    reader = formats.format_of(name).read
    return list(reader(stream, options or Options(), account or Account()))


def taken(rows: Iterable[Row]) -> list[Signal]:
    """The signals of the rows that are claims, in their order."""
    return [
        normalise(row.kind, row.text) if row.kind else normalise(Kind.DOMAIN, row.text)
        for row in rows
        if not row.fault
    ]
