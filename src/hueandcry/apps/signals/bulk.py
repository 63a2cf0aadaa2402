"""Lists of others into our claims: a chunk per transaction, under the name of their feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from hueandcry.apps.signals import acts, seats, stated
from hueandcry.apps.signals.ids import key_maker
from hueandcry.apps.signals.writing import Opinion, Wanted, put
from hueandcry.core.errors import Unreadable
from hueandcry.core.formats import Row
from hueandcry.core.normal import guess, normalise
from hueandcry.core.types import Actor, Kind, Micros, Tlp, Verdict
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Rows to one transaction: enough to spread its cost, few enough to let others write between.
CHUNK: Final = 2_000
#: So many chunks are read and put in the order of their keys before the first is written.
_WINDOW: Final = 16


class Reject(NamedTuple):
    """A row that was not taken: its number, a stable code, the text."""

    n: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What holds for every row of a list that does not itself say otherwise.

    Without `kind` each row says by its form what it is; with one, rows that say another are
    refused. Of two markings the strictest counts. `confidence_cap` is the most that is believed.
    """

    kind: Kind | None = None
    source: str = ""
    lure: str = ""
    method: str = ""
    verdict: Verdict = Verdict.SCAM
    tlp: Tlp = Tlp.GREEN
    market: str | None = None
    confidence: int | None = None
    confidence_cap: int | None = None


@dataclass(slots=True)
class IngestReport:
    """Counts that add up: rows = accepted + merged + rejected."""

    rows: int = 0
    accepted: int = 0
    merged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    #: exchange batch → how many of its objects are no longer live in it
    left: Counter[int] = field(default_factory=Counter)

    def add(self, other: IngestReport) -> None:
        """Adds the counts of another chunk; its rejects are for whoever streams them."""
        self.rows += other.rows
        self.accepted += other.accepted
        self.merged += other.merged
        self.rejected += other.rejected
        self.reasons += other.reasons
        self.left += other.left

    def reject(self, row: Row, code: str) -> None:
        self.rejected += 1
        self.reasons[code] += 1
        self.rejects.append(Reject(row.n, code, row.text))


def ingest_chunk(actor: Actor, rows: Sequence[Row], listing: Listing, at: Micros) -> IngestReport:
    """Takes one chunk of a list in the caller's transaction; idempotent.

    A row that cannot be read, or whose claim we retracted, is rejected by itself. A value that we
    hold already is merged; one whose claim is past half its life is renewed and counts as accepted.
    """
    reading = _Reading(_own(actor, listing), rows, at)
    reading.store(actor, reading.wanted, at)
    return reading.report


def ingest(
    actor: Actor,
    rows: Iterable[Row],
    listing: Listing,
    *,
    now: Callable[[], Micros] | None = None,
    chunk: int = CHUNK,
    unit: Callable[[], AbstractContextManager[None]] = unit_of_work,
    seen: Callable[[Iterable[bytes]], None] | None = None,
) -> Iterator[IngestReport]:
    """Takes a whole list, one transaction a chunk, and yields the report of each as it commits.

    The caller owns no transaction here: between chunks others write. Killed at any moment, what was
    reported is durable, and the same list taken again merges what is there. `seen` is told the
    keys of all values that could be read, before they are written.
    """
    now, listing = now or clock.now, _own(actor, listing)
    remaining = iter(rows)
    while part := list(islice(remaining, chunk * _WINDOW)):
        reading = _Reading(listing, part, now())
        if seen is not None:
            seen(reading.keys())
        # In the order of their keys a chunk touches few pages of the index on keys.
        wanted = sorted(reading.wanted, key=itemgetter(0))
        for start in range(0, max(1, len(wanted)), chunk):
            with unit():
                reading.store(actor, wanted[start : start + chunk], now())
            yield reading.take_report()


def _own(actor: Actor, listing: Listing) -> Listing:
    """The list under its own feed's name; one that a guest takes, under the guest's."""
    return replace(listing, source=seats.source_for(actor, listing.source))


class _Reading:
    """Rows read as wanted claims, each value once, and the report on them so far."""

    def __init__(self, listing: Listing, rows: Iterable[Row], at: Micros) -> None:
        self.listing = listing
        self._at = at
        self.report = IngestReport()
        self.wanted: list[Wanted] = []
        self._first: dict[bytes, Row] = {}
        self._kinds: dict[Kind, tuple[Opinion, Callable[[str], bytes]]] = {}
        self._places: dict[bytes, int] = {}  # in `wanted`, of rows that say more than a value
        self._opinions = stated.Opinions(listing)
        self._read(rows)

    def _read(self, rows: Iterable[Row]) -> None:
        listing, report, first, wanted = self.listing, self.report, self._first, self.wanted
        kind, market = listing.kind, listing.market
        last: Kind | None = None
        for row in rows:
            _, text, hint, stated, fault = row
            if hint is not None or fault or stated is not None:
                self._read_stated(row)
                continue
            try:
                if kind is None:
                    signal = guess(text, market=market)
                else:
                    signal = normalise(kind, text, market=market)
            except Unreadable as error:
                report.rows += 1
                report.reject(row, error.code)
                continue
            if signal.kind is not last:  # nearly every list is of one kind
                last = signal.kind
                said, key_of = self._of_kind(last)
            key = key_of(signal.value)
            if key in first:
                report.rows += 1
                report.merged += 1
            else:
                first[key] = row
                wanted.append((key, signal.value, said))

    def _read_stated(self, row: Row) -> None:
        """A row whose format says more than a value: of what kind, how sure, for how long."""
        listing, report = self.listing, self.report
        try:
            if row.fault:
                raise Unreadable(row.fault, "The format says that this is no claim")
            signal = stated.signal(row, listing)
            said = self._opinions.of(signal.kind, row.said, self._at)
        except Unreadable as error:
            report.rows += 1
            report.reject(row, error.code)
            return
        key = self._of_kind(signal.kind)[1](signal.value)
        if key not in self._first:
            self._first[key] = row
            self._places[key] = len(self.wanted)
            self.wanted.append((key, signal.value, said))
            return
        report.rows += 1
        report.merged += 1
        place = self._places.get(key)
        if place is not None:
            held = self.wanted[place]
            self.wanted[place] = (key, held[1], self._opinions.stricter(held[2], said))

    def _of_kind(self, kind: Kind) -> tuple[Opinion, Callable[[str], bytes]]:
        known = self._kinds.get(kind)
        if known is None:
            said = self._opinions.of(kind, None, self._at)
            known = self._kinds[kind] = (said, key_maker(kind))
        return known

    def store(self, actor: Actor, wanted: Sequence[Wanted], at: Micros) -> None:
        """Writes some of what was read in the caller's transaction, logs it and counts it."""
        report = self.report
        written = put(wanted, at, again=False)
        report.rows += len(wanted)
        report.accepted += len(written.rows) + len(written.revised)
        for key, fate in written.fates.items():
            if fate.outcome == "retracted":
                report.reject(self._first[key], "retracted")
            elif fate.outcome == "merged":
                report.merged += 1
        report.left += written.left()
        if written.rows or written.revised:
            acts.log(actor, "ingest", written.versions(), at)

    def keys(self) -> Iterable[bytes]:
        """The keys of every value that could be read."""
        return self._first.keys()

    def take_report(self) -> IngestReport:
        """The report since the last call."""
        report, self.report = self.report, IngestReport()
        return report
