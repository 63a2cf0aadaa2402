"""Claims of other members into tables. What comes here was verified and gated already.

One row holds one claim id: a newer version replaces it, an older one changes nothing, and a
retraction is terminal even where it arrives first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules
from hueandcry.apps.signals.ids import key_maker
from hueandcry.apps.signals.queries import ClaimRow, SignalRow
from hueandcry.apps.signals.rules import Outcome
from hueandcry.apps.signals.standing import Bench
from hueandcry.core.types import Claim, Fingerprint, Kind, Micros
from hueandcry.engine.store import feed


class ReceivedClaim(NamedTuple):
    """A claim as exchange verified it: its label's number, and where its bytes are kept."""

    claim: Claim
    label: int
    batch: int
    ordinal: int


@dataclass(slots=True)
class Received:
    """Outcomes in the order given; `left` counts objects that a batch carries no longer."""

    outcomes: list[Outcome] = field(default_factory=list)
    left: Counter[int] = field(default_factory=Counter)


_KEYS = {kind: key_maker(kind) for kind in Kind}


def receive(claims: Sequence[ReceivedClaim], at: Micros, *, own: bool = False) -> Received:
    """Stores claims of other members and their verdicts in the caller's transaction.

    With `own` they are ours, which a peer hands back after we lost them: our signature was checked.

    Refused: a claim under our own name (only we sign those), and an id that is held for another
    claimant or signal. Raises NotFound for a claimant whose card is not held.
    """
    intake = _Intake(claims, at, own)
    while not intake.done:  # again only where another writer was quicker
        intake.run()
    return Received(intake.outcomes, intake.left)


def _key(claim: Claim) -> bytes:
    return _KEYS[claim.signal.kind](claim.signal.value)


class _Intake:
    """Sorts what arrives into new and newer versions, then writes both at once."""

    def __init__(self, claims: Sequence[ReceivedClaim], at: Micros, own: bool) -> None:
        self.bench = Bench(at)
        self.own = own
        self.claims = claims
        self.done = False
        #: signals made in this attempt, and those made in one that was given up
        self.made: dict[int, SignalRow] = {}
        self.stale: dict[int, SignalRow] = {}
        # Before any lock: a new text is a row that another writer may be waiting for.
        profiles = {(item.claim.lure, item.claim.method) for item in claims}
        self._profiles = {of: queries.profile_number(*of) for of in profiles}
        sources = {item.claim.source for item in claims}
        self._sources = {source: queries.source_number(source) for source in sources}

    def run(self) -> None:
        """One attempt; not done when another writer made one of the signals meanwhile.

        Whoever writes claims holds their signals first: what is read after that stays true.
        """
        self.outcomes: list[Outcome] = []
        self.left: Counter[int] = Counter()
        self.new: dict[bytes, tuple[bytes, ClaimRow]] = {}  # claim id → signal key, claim
        self.newer: dict[bytes, ClaimRow] = {}
        self.values: dict[bytes, tuple[int, str]] = {}  # signal key → kind, value
        self.stale, self.made = {**self.stale, **self.made}, {}
        keys = [_key(item.claim) for item in self.claims]
        ids = [item.claim.id.bytes for item in self.claims]
        signals = queries.signals_by_key(list(dict.fromkeys(keys)))
        held = queries.claims_by_id(ids)
        gone = queries.tombstones([id for id in ids if id not in held])
        for item, id, key in zip(self.claims, ids, keys, strict=True):
            self.take(item, id, key, held.get(id), gone, signals)
        self.done = self.store(signals)

    def take(
        self,
        item: ReceivedClaim,
        id: bytes,
        key: bytes,
        held: ClaimRow | None,
        gone: set[tuple[bytes, int]],
        signals: dict[bytes, SignalRow],
    ) -> None:
        """Decides one claim; the same id twice in one call counts in order."""
        claim = item.claim
        claimant = members.member_id(claim.claimant)
        held = self.newer.get(id, held)
        before = self.new.get(id)
        if before is not None:
            held = before[1]
        foreign = held is not None and held.claimant != claimant
        if foreign or (claimant == self.bench.us) != self.own:
            return self.outcomes.append(Outcome.REFUSED)
        if (id, claimant) in gone:
            return self.outcomes.append(Outcome.RETRACTED)
        if held is None:
            self.new[id] = (key, self._row(item, id, claimant, 0, 0))
            self.values[key] = (rules.KIND_NUMBER[claim.signal.kind], claim.signal.value)
            return self.outcomes.append(Outcome.ACCEPTED)
        outcome = rules.supersedes(held.state, held.modified, claim.modified)
        signal = signals.get(key)
        if before is None and (signal is None or signal.id != held.signal):
            outcome = Outcome.REFUSED
        if outcome is Outcome.ACCEPTED:
            self._replace(item, id, held, before)
        self.outcomes.append(outcome)

    def _replace(
        self, item: ReceivedClaim, id: bytes, held: ClaimRow, before: tuple[bytes, ClaimRow] | None
    ) -> None:
        if held.batch is not None:
            self.left[held.batch] += 1
        row = self._row(item, id, held.claimant, held.id, held.signal)
        if before is not None:
            self.new[id] = (before[0], row)
        else:
            self.newer[id] = row

    def _row(
        self, item: ReceivedClaim, id: bytes, claimant: int, row: int, signal: int
    ) -> ClaimRow:
        claim = item.claim
        return ClaimRow(
            row,
            id,
            signal,
            claimant,
            self._sources[claim.source],
            self._profiles[claim.lure, claim.method],
            claim.n,
            rules.VERDICT_NUMBER[claim.verdict],
            claim.confidence,
            claim.valid_from,
            claim.valid_until,
            claim.created,
            claim.modified,
            item.label,
            rules.LIVE,
            0,
            item.batch,
            item.ordinal,
        )

    def store(self, signals: dict[bytes, SignalRow]) -> bool:
        """Signals, verdicts and claims; nothing but signals when another writer was quicker."""
        by_key: dict[bytes, list[ClaimRow]] = {}
        for key, row in self.new.values():
            by_key.setdefault(key, []).append(row)
        if not self._add_signals(by_key, signals):
            return False
        rows = [row._replace(signal=signals[key].id) for key, row in self.new.values()]
        self._judge(by_key, signals)
        if rows or self.newer:
            first = feed.advance(feed.FEED, len(rows) + len(self.newer))
            if queries.others_may_write() and self._retracted_meanwhile():
                return False  # retracted while we waited for the head
            self._write(rows, first)
        return True

    def _retracted_meanwhile(self) -> bool:
        claimants = {id: row.claimant for id, (_, row) in self.new.items()}
        return any(claimants[id] == by for id, by in queries.tombstones(list(claimants)))

    def _write(self, rows: Sequence[ClaimRow], first: int) -> None:
        """Claims with their ids and feed positions."""
        ids = queries.next_claim_ids(len(rows))
        numbered = enumerate(zip(ids, rows, strict=True), first)
        queries.add_claims([(id, *row[1:15], seq, *row[16:]) for seq, (id, row) in numbered])
        if self.newer:
            newer = enumerate(self.newer.values(), first + len(rows))
            queries.replace_claims([row._replace(seq=seq) for seq, row in newer])

    def _add_signals(
        self, by_key: dict[bytes, list[ClaimRow]], signals: dict[bytes, SignalRow]
    ) -> bool:
        """Inserts unknown signals, judged already; those that are added need no second verdict.

        False when one of them was made by another writer meanwhile.
        """
        rows = []
        for key in [key for key in by_key if key not in signals]:
            kind, value = self.values[key]
            rows.append((key, kind, value, self.bench.columns(kind, value, by_key[key])))
        if not rows:
            return True
        made = queries.add_signals(rows)
        for key, kind, value, _ in rows:
            if (id := made.get(key)) is not None:
                signals[key] = self.made[id] = SignalRow(key, id, kind, value)
                del by_key[key]
        return len(made) == len(rows)

    def _judge(self, by_key: dict[bytes, list[ClaimRow]], signals: dict[bytes, SignalRow]) -> None:
        """Verdicts of signals that were known before, over all their claims."""
        new = {signals[key].id: rows for key, rows in by_key.items()}
        ids = list({**new, **self.stale, **dict.fromkeys(r.signal for r in self.newer.values())})
        if not ids:
            return
        rows = {row.id: row for row in signals.values()}
        claims, overrides = queries.claims_of_signals(ids), queries.overrides_of(ids)
        verdicts = []
        for id in ids:
            now = [self.newer.get(c.claim_id, c) for c in claims.get(id, [])] + new.get(id, [])
            signal = rows[id]
            verdicts.append(
                (id, self.bench.columns(signal.kind, signal.value, now, overrides.get(id)))
            )
        queries.set_verdicts(verdicts)


def receive_retraction(
    claimant: Fingerprint, retracted: Iterable[tuple[bytes, Micros]], at: Micros
) -> Received:
    """Makes a member's claims terminal: (claim id, modified) each, in the caller's transaction.

    An id never seen leaves a tombstone, so that its claim is refused when it comes. Refused: an id
    that is another member's. `modified` never loses against a claim: retracting has the last word.
    """
    member = members.member_id(claimant)
    wanted = list(retracted)
    ids = [id for id, _ in wanted]
    held = queries.claims_by_id(ids)
    # Locked before they are judged, as every writer of claims does.
    signals = queries.signals_by_id(list({row.signal for row in held.values()}))
    held = {row.claim_id: row for row in queries.claims_by_row([r.id for r in held.values()])}
    if len(held) < len(wanted) and queries.others_may_write():
        _wait_for_unseen(ids, held, signals)
    outcomes: list[Outcome] = []
    unseen: list[tuple[bytes, int, Micros, Micros]] = []
    gone: dict[bytes, ClaimRow] = {}
    left: Counter[int] = Counter()
    dead = queries.tombstones([id for id, _ in wanted if id not in held])
    for id, modified in wanted:
        row = gone.get(id) or held.get(id)
        if row is None:
            outcomes.append(Outcome.MERGED if (id, member) in dead else Outcome.ACCEPTED)
            unseen.append((id, member, modified, at))
            dead.add((id, member))
        elif row.claimant != member:
            outcomes.append(Outcome.REFUSED)
        elif row.state == rules.RETRACTED:
            outcomes.append(Outcome.MERGED)
        else:
            outcomes.append(Outcome.ACCEPTED)
            if row.batch is not None:
                left[row.batch] += 1
            later = max(modified, row.modified)
            gone[id] = row._replace(state=rules.RETRACTED, modified=later)
    queries.add_tombstones(unseen)
    _bury(list(gone.values()), signals, at)
    return Received(outcomes, left)


def _wait_for_unseen(
    ids: Sequence[bytes], held: dict[bytes, ClaimRow], signals: dict[int, SignalRow]
) -> None:
    """Finds claims that another writer was storing: each holds the feed head until it commits."""
    feed.advance(feed.FEED, 0)
    late = queries.claims_by_id([id for id in ids if id not in held])
    signals |= queries.signals_by_id(list({row.signal for row in late.values()}))
    held |= late


def _bury(gone: Sequence[ClaimRow], signals: dict[int, SignalRow], at: Micros) -> None:
    if not gone:
        return
    bench = Bench(at)
    dead = {row.id for row in gone}
    ids = list({row.signal for row in gone})
    claims, overrides = queries.claims_of_signals(ids), queries.overrides_of(ids)
    verdicts = []
    for id in ids:
        rest = [claim for claim in claims[id] if claim.id not in dead]
        signal = signals[id]
        verdicts.append((id, bench.columns(signal.kind, signal.value, rest, overrides.get(id))))
    queries.set_verdicts(verdicts)
    first = feed.advance(feed.FEED, len(gone))
    queries.replace_claims([row._replace(seq=seq) for seq, row in enumerate(gone, first)])
