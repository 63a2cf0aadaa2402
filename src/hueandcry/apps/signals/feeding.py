"""Feeds that speak for themselves: each claim with its own words, raised and withdrawn at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hueandcry.apps.signals import acts, queries, rules, service
from hueandcry.apps.signals.models import Withdrawal
from hueandcry.apps.signals.queries import ClaimRow
from hueandcry.apps.signals.service import NewClaim
from hueandcry.apps.signals.standing import Bench
from hueandcry.apps.signals.writing import Opinion, Wanted, put
from hueandcry.core.types import Actor, Lane, Micros, Signal
from hueandcry.engine.store import feed


@dataclass(slots=True)
class Fed:
    """What became of each: signal key → raised, revised, merged or retracted; those withdrawn."""

    outcomes: dict[bytes, str] = field(default_factory=dict)
    withdrawn: set[bytes] = field(default_factory=set)


def feed_claims(
    actor: Actor,
    source: str,
    claims: Sequence[NewClaim],
    gone: Iterable[bytes],
    reason: str,
    at: Micros,
    lane: Lane = Lane.BULK,
) -> Fed:
    """Raises our claims under a named feed and withdraws those on the signals of the keys `gone`.

    All in the caller's transaction, with one ledger entry for each of the two acts. Of two claims
    about one signal the later counts. What was retracted before is not raised again, which is for
    a person to do (PROTOCOL 4): its outcome is `retracted`.
    """
    said = _Said(source, lane)
    latest = {new.signal.key: new for new in claims}
    wanted = [(key, new.signal.value, said.of(new)) for key, new in latest.items()]
    leaving = [key for key in dict.fromkeys(gone) if key not in latest]
    if queries.others_may_write() and leaving:
        queries.signals_by_key([*latest, *leaving])  # both kinds in one order, before the head
    fed, versions = _raise(wanted, at)
    ended = _withdraw(leaving, said.source, reason, at)
    fed.withdrawn = {key for key, _ in ended}
    if versions:
        acts.log(actor, "ingest", versions, at)
    if ended:
        acts.log(actor, "retract", [(row.claim_id, row.modified) for _, row in ended], at)
    if lane is Lane.LIVE:
        service.note("raised", [id for id, _ in versions], at)
    service.note("retracted", [row.claim_id for _, row in ended], at)
    return fed


def _raise(wanted: Sequence[Wanted], at: Micros) -> tuple[Fed, list[tuple[bytes, Micros]]]:
    if not wanted:
        return Fed(), []
    written = put(wanted, at, again=False)
    outcomes = dict.fromkeys(written.keys, "raised")
    outcomes |= {key: fate.outcome for key, fate in written.fates.items()}
    return Fed(outcomes), list(written.versions())


class _Said:
    """Opinions under one feed; what they share is worked out once."""

    def __init__(self, source: str, lane: Lane) -> None:
        self.source = source
        self._lane = lane
        self._shared: dict[tuple[object, ...], Opinion] = {}

    def of(self, new: NewClaim) -> Opinion:
        service.check_words(new)
        key = (new.signal.kind, new.verdict, new.lure, new.method, new.marking)
        shared = self._shared.get(key)
        if shared is None:
            plain = replace(new, signal=Signal(new.signal.kind, ""), confidence=None)
            shared = service.opinion(plain, self._lane, source=self.source)
            self._shared[key] = shared
        return shared._replace(confidence=new.confidence, valid_until=new.valid_until)


def _withdraw(
    keys: Sequence[bytes], source: str, reason: str, at: Micros
) -> list[tuple[bytes, ClaimRow]]:
    """Ends our live claims of this feed about these signals; (signal key, claim) of each."""
    signals = queries.signals_by_key(keys) if keys else {}
    if not signals:
        return []
    bench, number = Bench(at), queries.source_number(source)
    ids = [row.id for row in signals.values()]
    claims, overrides = queries.claims_of_signals(ids), queries.overrides_of(ids)
    gone: list[tuple[bytes, ClaimRow]] = []
    verdicts = []
    for key, signal in signals.items():
        known = claims.get(signal.id, [])
        ends = {
            claim.id
            for claim in known
            if claim.claimant == bench.us and claim.source == number and claim.state == rules.LIVE
        }
        if not ends:
            continue
        now = [service.withdrawn(c, at) if c.id in ends else c for c in known]
        gone += [(key, claim) for claim in now if claim.id in ends]
        decided = overrides.get(signal.id)
        verdicts.append((signal.id, bench.columns(signal.kind, signal.value, now, decided)))
    if not gone:
        return []
    queries.set_verdicts(verdicts)
    first = feed.advance(feed.FEED, len(gone))
    gone = [(key, row._replace(seq=seq)) for seq, (key, row) in enumerate(gone, first)]
    queries.replace_claims([row for _, row in gone])
    Withdrawal.objects.bulk_create(
        [Withdrawal(claim_id=row.id, reason=reason, at=at) for _, row in gone]
    )
    return gone
