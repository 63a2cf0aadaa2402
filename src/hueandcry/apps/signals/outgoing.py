"""What exchange and other rooms read: claims that wait for a batch, and the change feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import queries, rules, shields
from hueandcry.apps.signals.models import Claim as ClaimTable
from hueandcry.apps.signals.models import Withdrawal
from hueandcry.apps.signals.queries import ClaimRow, SignalRow
from hueandcry.core.types import Claim, Micros, Signal, Verdict
from hueandcry.engine.store.dialect import dialect


@dataclass(frozen=True, slots=True)
class PendingRetraction:
    """A claim of ours that is withdrawn, and that no retraction document carries yet."""

    row: int
    claim_id: UUID
    label: int
    modified: Micros
    reason: str
    carried: bool  #: some batch carried a version of it: others may hold that


class Change(NamedTuple):
    """Something about a signal changed: at `seq` a claim, or (claim None) a local decision."""

    seq: int
    signal: Signal
    claim: UUID | None
    retracted: bool


def pending_labels() -> list[int]:
    """Numbers of labels with own claims, or own retractions, that no batch carries yet."""
    return queries.pending_labels()


def pending(label: int, limit: int) -> list[tuple[int, Claim]]:
    """Own live claims of one label that no batch carries yet, oldest first, with their rows.

    Those on shielded values wait until the shield is lifted.
    """
    rows = queries.pending(label, rules.LIVE, limit)
    return list(zip([row.id for row in rows], _claims(rows), strict=True))


def pending_retractions(label: int, limit: int) -> list[PendingRetraction]:
    """Own retractions of one label that no document carries yet, oldest first."""
    rows = queries.pending(label, rules.RETRACTED, limit)
    reasons = dict(
        Withdrawal.objects.filter(claim_id__in=[row.id for row in rows]).values_list(
            "claim_id", "reason"
        )
    )
    return [
        PendingRetraction(
            row.id,
            UUID(bytes=row.claim_id),
            row.label,
            row.modified,
            reasons.get(row.id, ""),
            row.ordinal is not None,
        )
        for row in rows
    ]


def mark_batched(rows: Sequence[int], batch: int) -> None:
    """Says that `batch` carries these rows, in this order: the ordinals are 0, 1, 2…"""
    marked = [(row, batch, ordinal) for ordinal, row in enumerate(rows)]
    dialect().update(ClaimTable, ("id", "batch", "ordinal"), marked)


def claims_of_batch(batch: int) -> list[int]:
    """The ordinals that are still live and not shielded in a batch, in order."""
    return queries.ordinals_of(batch)


def in_force(batches: Sequence[int], at: Micros) -> dict[int, list[int]]:
    """Batch → ordinals of its claims that are live, not past their end at `at` and not shielded."""
    return queries.in_force(batches, at)


def standing_of(ids: Sequence[bytes], at: Micros) -> dict[bytes, tuple[int, int, int]]:
    """Claim id → (label, batch, ordinal), of the claims in force that a batch shows."""
    hidden = shields.rows()
    return {
        id: (row.label, row.batch, row.ordinal or 0)
        for id, row in queries.claims_by_id(ids).items()
        if row.state == rules.LIVE and row.batch is not None and row.valid_until > at
        if row.signal not in hidden
    }


def withdrawn(ids: Sequence[bytes]) -> list[tuple[int, Claim]]:
    """(label, last version) of the claims with these ids that are retracted, in the order given."""
    held = queries.claims_by_id(ids)
    rows = [held[id] for id in ids if id in held and held[id].state == rules.RETRACTED]
    return list(zip([row.label for row in rows], _claims(rows), strict=True))


def release_batch(rows: Sequence[int]) -> Counter[int]:
    """Makes own claims pending again; returns batch → how many of its objects left it."""
    us = members.us().id
    held = [row for row in queries.claims_by_row(rows) if row.claimant == us]
    dialect().update(ClaimTable, ("id", "batch"), [(row.id, None) for row in held])
    return Counter(row.batch for row in held if row.batch is not None)


def ids_of_batch(batch: int) -> list[bytes]:
    """The claim ids (16 bytes) of everything that is live in a batch."""
    return [row.claim_id for row in queries.of_batch(batch) if row.state == rules.LIVE]


def label_of_claims(ids: Sequence[bytes]) -> int | None:
    """The label of the first of these claims that is held; None when none is."""
    held = queries.claims_by_id(ids)
    return next((held[id].label for id in ids if id in held), None)


def claim_ids(signal: Signal) -> list[bytes]:
    """The ids (16 bytes) of our claims about a signal, retracted ones too, oldest first."""
    us = members.us().id
    rows = [row for row in queries.claims_on(signal.key) if row.claimant == us]
    return [row.claim_id for row in sorted(rows)]


def held_by_us(values: Sequence[Signal], at: Micros) -> dict[bytes, Verdict]:
    """Signal key → what our own people claim of it, of the claims in force; not feeds or guests."""
    rows = queries.signals_by_key([value.key for value in values])
    claims = queries.claims_of_signals([row.id for row in rows.values()])
    us = members.us().id
    return {
        key: rules.VERDICTS[claim.verdict]
        for key, row in rows.items()
        for claim in claims.get(row.id, ())
        if claim.claimant == us and not claim.source and claim.state == rules.LIVE
        if claim.valid_until > at
    }


def withdrawn_by_us(values: Sequence[Signal]) -> set[bytes]:
    """The keys of those signals of which our own people once withdrew a claim."""
    rows = queries.signals_by_key([value.key for value in values])
    claims = queries.claims_of_signals([row.id for row in rows.values()])
    us = members.us().id
    return {
        key
        for key, row in rows.items()
        for claim in claims.get(row.id, ())
        if claim.claimant == us and not claim.source and claim.state == rules.RETRACTED
    }


def sources_of_batch(batch: int) -> list[str]:
    """The feeds and seats that claims of a batch name, in order; none for people's own."""
    return sorted(queries.source_text(number) for number in queries.sources_of(batch))


def claims_of_source(source: str, after: int, limit: int) -> list[tuple[int, Claim]]:
    """(row, claim) of our live claims of one source beyond a row, in order: a feed's, a seat's."""
    number = queries.source_number(source)
    rows = queries.of_source(members.us().id, number, after, limit)
    return list(zip([row.id for row in rows], _claims(rows), strict=True))


def claims_at(batch: int) -> list[tuple[int, int, Claim]]:
    """(row, ordinal, claim) of everything that is live in a batch, by ordinal."""
    rows = [row for row in queries.of_batch(batch) if row.state == rules.LIVE]
    rows.sort(key=lambda row: row.ordinal or 0)
    claims = _claims(rows)
    return [(r.id, r.ordinal or 0, claim) for r, claim in zip(rows, claims, strict=True)]


def changes(after: int, limit: int) -> list[Change]:
    """What changed after a feed position, in order: at most `limit`, with no gap."""
    claims = queries.changes(after, limit)
    decided = queries.override_changes(after, limit)
    ids = {row.signal for row in claims} | {signal for _, signal in decided}
    signals = _signals(ids)
    found = [
        Change(c.seq, signals[c.signal], UUID(bytes=c.claim_id), c.state == rules.RETRACTED)
        for c in claims
    ]
    found += [Change(seq, signals[signal], None, False) for seq, signal in decided]
    return sorted(found)[:limit] if decided else found


def _signals(ids: set[int]) -> dict[int, Signal]:
    sql = "SELECT key, id, kind, value FROM signals_signal WHERE id {values}"
    rows = (SignalRow._make(row) for row in dialect().select_in(sql, list(ids), "bigint"))
    return {row.id: Signal(rules.KINDS[row.kind], row.value) for row in rows}


def _claims(rows: Sequence[ClaimRow]) -> list[Claim]:
    """Stored rows as values."""
    signals = _signals({row.signal for row in rows})
    fingerprints = {id: members.member(id).fingerprint for id in {row.claimant for row in rows}}
    profiles = {number: queries.profile_text(number) for number in {row.profile for row in rows}}
    sources = {number: queries.source_text(number) for number in {row.source for row in rows}}
    return [
        Claim(
            UUID(bytes=row.claim_id),
            fingerprints[row.claimant],
            signals[row.signal],
            rules.VERDICTS[row.verdict],
            row.valid_from,
            row.valid_until,
            row.created,
            row.modified,
            queries.label(row.label).marking,
            sources[row.source],
            row.n,
            *profiles[row.profile],
            row.confidence,
        )
        for row in rows
    ]


def label_text(number: int) -> str:
    """The text of `core.sharing.Label` that a label number stands for."""
    return queries.label(number).text()
