"""Our own claims into tables: one plan per chunk, one statement per table, one feed step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.ids import claim_id_maker
from hueandcry.apps.signals.queries import ClaimRow, SignalRow
from hueandcry.apps.signals.standing import Bench
from hueandcry.core.types import PERSONAL, Kind, Micros
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store import feed


class Opinion(NamedTuple):
    """What is claimed, apart from the signal: shared by every row of a list."""

    kind: Kind
    verdict: int
    source: int
    source_name: str
    profile: int
    confidence: int | None
    label: int
    twin: int  #: the same label in the other lane
    valid_until: Micros | None  #: None: the default of the kind
    valid_from: Micros | None = None  #: only where later than now; None: from now


#: One claim that somebody wants to make: signal key, canonical value, what is said.
Wanted = tuple[bytes, str, Opinion]


class Fate(NamedTuple):
    """What became of a claim on a signal that was known, and the claim as it now stands."""

    outcome: str  #: raised, revised, merged or retracted
    claim: ClaimRow
    left: int | None = None  #: the batch that no longer carries it


@dataclass(slots=True)
class Written:
    """What one call of `put` did."""

    #: rows of new claims, `queries.NEW_COLUMNS`, with the keys of their signals beside them
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    revised: list[ClaimRow] = field(default_factory=list)
    #: by signal key, for every claim on a signal that was known before
    fates: dict[bytes, Fate] = field(default_factory=dict)

    def left(self) -> Counter[int]:
        """Exchange batch → how many of its objects are no longer live in it."""
        return Counter(fate.left for fate in self.fates.values() if fate.left is not None)

    def versions(self) -> Iterator[tuple[bytes, Micros]]:
        """Claim id and `modified` of everything that is new or changed."""
        for row in self.rows:
            yield row[1], row[12]
        for claim in self.revised:
            yield claim.claim_id, claim.modified

    def outcomes(self) -> dict[bytes, Fate]:
        """The fate of every wanted claim by signal key, with the rows as they were stored."""
        found = dict(self.fates)
        for key, row in zip(self.keys, self.rows, strict=True):
            found[key] = Fate("raised", ClaimRow._make((*row, None, None)))
        return found


def put(wanted: Sequence[Wanted], at: Micros, *, again: bool) -> Written:
    """Makes or revises our claims; `again`: what was retracted may be raised under a new id.

    Every signal may be wanted once at most. Verdicts change in the same transaction.
    """
    planner = _Planner(Bench(at), again)
    held = queries.signals_by_key([want[0] for want in wanted])
    new = [want for want in wanted if want[0] not in held] if held else wanted
    planner.plan_held([want for want in wanted if want[0] in held] if held else (), held)
    planner.plan_new(new)
    return planner.store()


class _Mould(NamedTuple):
    """All that the first claims of one opinion have in common."""

    kind: int
    columns: rules.Columns
    claim_id: Callable[[str, int], bytes]
    middle: tuple[Any, ...]  # from claimant to state, as in ClaimRow


def _unstored(claim_id: bytes, signal: int, middle: tuple[Any, ...]) -> ClaimRow:
    """A new claim before it has a row and a position."""
    return ClaimRow._make((0, claim_id, signal, *middle, 0, None, None))


def _said(wanted: Sequence[Wanted], key: bytes) -> Opinion:
    return next(said for each, _, said in wanted if each == key)


class _Planner:
    """Collects what one transaction writes. Rows get their ids and positions in `store`."""

    def __init__(self, bench: Bench, again: bool) -> None:
        self.bench = bench
        self.again = again
        self.fingerprint = members.us().fingerprint
        self.written = Written()
        self.fresh: list[tuple[bytes, int, tuple[Any, ...]]] = []  # claim id, signal, middle
        self.verdicts: list[tuple[int, rules.Columns]] = []
        self._moulds: dict[tuple[Opinion, int], _Mould] = {}
        self._purged: bool | None = None  # whether any claim ever was; None: nobody asked
        self._makers: dict[tuple[str, Kind], Callable[[str, int], bytes]] = {}

    def plan_new(self, wanted: Sequence[Wanted]) -> None:
        """Signals nobody spoke of before; one that another writer just made is planned as held."""
        if not wanted:
            return
        starts = self._starts(wanted)
        if starts and not self.again:
            wanted = [want for want in wanted if want[0] not in starts]
        ids = queries.add_signals(self._signals(wanted))
        keys, fresh = self.written.keys, self.fresh
        opinion: Opinion | None = None
        for key, value, said in wanted:
            if said is not opinion:
                opinion, mould = said, self._mould(said, 0)
            signal = ids.get(key)
            if signal is not None and key in starts:
                self._another(key, value, said, signal, starts[key])
            elif signal is not None:
                keys.append(key)
                fresh.append((mould.claim_id(value, 0), signal, mould.middle))
        if len(ids) < len(wanted):
            late = [want for want in wanted if want[0] not in ids]
            self.plan_held(late, queries.signals_by_key([want[0] for want in late]))

    def _starts(self, wanted: Sequence[Wanted]) -> dict[bytes, int]:
        """The first n that is free, where our retracted claims were purged with their signal.

        Their ids are taken for ever, and keyed tombstones are all that still knows it.
        """
        ahead = {want[0]: (want, 0) for want in wanted if want[2].kind in PERSONAL}
        if ahead and self._purged is None:
            self._purged = purge.any_erased("claim")
        if not self._purged:
            return {}
        starts: dict[bytes, int] = {}
        while ahead:
            ids = {self._mould(w[2], n).claim_id(w[1], n): w[0] for w, n in ahead.values()}
            marks = purge.erased("claim", list(ids))
            taken = {ids[id] for id, mark in marks.items() if mark.terminal}
            ahead = {key: (want, n + 1) for key, (want, n) in ahead.items() if key in taken}
            starts |= {key: n for key, (_, n) in ahead.items()}
        if not self.again:
            for key in starts:
                claim = _unstored(b"", 0, self._mould(_said(wanted, key), 0).middle)
                self.written.fates[key] = Fate("retracted", claim)
        return starts

    def _signals(self, wanted: Sequence[Wanted]) -> list[tuple[bytes, int, str, rules.Columns]]:
        """New signals with their verdicts: all alike, but for those that stand apart."""
        rows = []
        stands_apart = self.bench.stands_apart
        opinion: Opinion | None = None
        for key, value, said in wanted:
            if said is not opinion:
                opinion, mould, kind = said, self._mould(said, 0), said.kind
            columns = mould.columns
            if stands_apart(kind, value):
                claim = _unstored(b"", 0, mould.middle)
                columns = self.bench.columns(mould.kind, value, [claim])
            rows.append((key, mould.kind, value, columns))
        return rows

    def _mould(self, opinion: Opinion, n: int) -> _Mould:
        known = self._moulds.get((opinion, n))
        if known is None:
            at = self.bench.at
            start = opinion.valid_from or at
            until = opinion.valid_until or rules.default_until(opinion.kind, start)
            said = (opinion.source, opinion.profile, n, opinion.verdict, opinion.confidence)
            middle = (self.bench.us, *said, start, until, at, at, opinion.label, rules.LIVE)
            kind = rules.KIND_NUMBER[opinion.kind]
            columns = self.bench.alone(kind, "", _unstored(b"", 0, middle))
            maker = self._maker(opinion.source_name, opinion.kind)
            known = self._moulds[opinion, n] = _Mould(kind, columns, maker, middle)
        return known

    def _maker(self, source: str, kind: Kind) -> Callable[[str, int], bytes]:
        known = self._makers.get((source, kind))
        if known is None:
            known = self._makers[source, kind] = claim_id_maker(self.fingerprint, source, kind)
        return known

    def plan_held(self, wanted: Sequence[Wanted], held: dict[bytes, SignalRow]) -> None:
        """Signals that are known: what we said before decides, and every claim counts."""
        if not wanted:
            return
        ids = [held[key].id for key, _, _ in wanted]
        claims = queries.claims_of_signals(ids)
        changed = []
        for want in wanted:
            signal = held[want[0]]
            known = claims.get(signal.id, [])
            made = self._one(want, signal.id, known)
            if made is not None:
                rest = [claim for claim in known if claim.claim_id != made.claim_id]
                changed.append((signal, [*rest, made]))
        overrides = queries.overrides_of([signal.id for signal, _ in changed])
        for signal, now in changed:
            decided = overrides.get(signal.id)
            columns = self.bench.columns(signal.kind, signal.value, now, decided)
            self.verdicts.append((signal.id, columns))

    def _one(self, want: Wanted, signal: int, known: Iterable[ClaimRow]) -> ClaimRow | None:
        """The claim that is new or changed, or None when nothing is."""
        key, value, said = want
        us = self.bench.us
        ours = [claim for claim in known if claim.claimant == us and claim.source == said.source]
        last = max(ours, key=lambda claim: claim.n, default=None)
        if last is None:
            start = self._starts([want]).get(key, 0)
            if start and not self.again:
                return None
            return self._another(key, value, said, signal, start)
        if last.state == rules.RETRACTED and self.again:
            return self._another(key, value, said, signal, last.n + 1)
        if last.state == rules.RETRACTED:
            self.written.fates[key] = Fate("retracted", last)
        elif self._says_the_same(last, said):
            self.written.fates[key] = Fate("merged", last)
        else:
            claim = self._revision(last, said)
            self.written.revised.append(claim)
            self.written.fates[key] = Fate("revised", claim, last.batch)
            return claim
        return None

    def _another(self, key: bytes, value: str, said: Opinion, signal: int, n: int) -> ClaimRow:
        mould = self._mould(said, n)
        claim_id = mould.claim_id(value, n)
        self.written.keys.append(key)
        self.fresh.append((claim_id, signal, mould.middle))
        return _unstored(claim_id, signal, mould.middle)

    def _says_the_same(self, claim: ClaimRow, opinion: Opinion) -> bool:
        said = (claim.verdict, claim.profile, claim.confidence)
        if said != (opinion.verdict, opinion.profile, opinion.confidence):
            return False
        if claim.label not in (opinion.label, opinion.twin):
            return False
        if opinion.valid_from is not None and claim.valid_from != opinion.valid_from:
            return False
        if opinion.valid_until is not None:
            return claim.valid_until == opinion.valid_until
        return not rules.worn(claim.valid_from, claim.valid_until, self.bench.at)

    def _revision(self, last: ClaimRow, opinion: Opinion) -> ClaimRow:
        at = self.bench.at
        start = min(last.valid_from, at) if at < last.valid_until else at
        return last._replace(
            profile=opinion.profile,
            verdict=opinion.verdict,
            confidence=opinion.confidence,
            valid_from=opinion.valid_from or start,
            valid_until=opinion.valid_until
            or rules.default_until(opinion.kind, opinion.valid_from or at),
            modified=rules.revised(at, last.modified),
            label=opinion.label,
            batch=None,  # the ordinal stays: it says that some batch carried the claim once
        )

    def store(self) -> Written:
        """Writes verdicts and claims; the feed head only once all is worked out."""
        written, fresh = self.written, self.fresh
        if self.verdicts:
            queries.set_verdicts(self.verdicts)
        count = len(fresh) + len(written.revised)
        if not count:
            return written
        ids = queries.next_claim_ids(len(fresh))
        first = feed.advance(feed.FEED, count)
        written.rows = [
            (id, claim_id, signal, *middle, seq)
            for seq, (id, (claim_id, signal, middle)) in enumerate(
                zip(ids, fresh, strict=True), first
            )
        ]
        queries.add_claims(written.rows)
        if written.revised:
            revised = enumerate(written.revised, first + len(fresh))
            written.revised = [claim._replace(seq=seq) for seq, claim in revised]
            queries.replace_claims(written.revised)
        return written
