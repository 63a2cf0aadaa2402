"""Many claims of one feed withdrawn together: what its owner no longer lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hueandcry.apps.members import face as members
from hueandcry.apps.signals import acts, queries, rules, service
from hueandcry.apps.signals.models import Withdrawal
from hueandcry.apps.signals.standing import Bench
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.store import feed
from hueandcry.engine.store.reading import reader
from hueandcry.engine.timeline import face as timeline

_PAGE: Final = 5_000
_HELD: Final = (
    "SELECT c.id, s.key FROM signals_claim c JOIN signals_signal s ON s.id = c.signal_id "
    "WHERE c.id > ? AND c.claimant_id = ? AND c.source = ? AND c.state = 0 AND c.valid_until > ? "
    f"ORDER BY c.id LIMIT {_PAGE}"
)


def held_from(source: str, at: Micros) -> Iterator[bytes]:
    """The signal keys of our live claims under this feed that have not ended."""
    number, us = known_source(source), members.us().id
    last = 0
    while number is not None:
        rows = reader().rows(_HELD, [last, us, number, at])
        yield from (bytes(key) for _, key in rows)
        if len(rows) < _PAGE:
            return
        last = rows[-1][0]


def known_source(source: str) -> int | None:
    """The number of a feed that somebody named before, without making one."""
    sql = "SELECT id FROM store_interned WHERE space = ? AND text = ?"
    rows = reader().rows(sql, [queries.SOURCE, source])
    return int(rows[0][0]) if rows else None


def withdraw_from(actor: Actor, keys: Sequence[bytes], source: str, reason: str, at: Micros) -> int:
    """Withdraws our live claims under one feed on these signals, as one act; how many there were.

    In the caller's transaction. Claims of other feeds and of our own people stay.
    """
    number, us = queries.source_number(source), members.us().id
    signals = queries.signals_by_key(list(keys))
    ids = [row.id for row in signals.values()]
    claims, overrides = queries.claims_of_signals(ids), queries.overrides_of(ids)
    bench = Bench(at)
    gone, verdicts = [], []
    for row in signals.values():
        held = claims.get(row.id, [])
        leaving = [
            claim
            for claim in held
            if claim.claimant == us and claim.source == number and claim.state == rules.LIVE
        ]
        if not leaving:
            continue
        changed = [service.withdrawn(claim, at) for claim in leaving]
        rest = [claim for claim in held if claim not in leaving]
        decided = overrides.get(row.id)
        verdicts.append((row.id, bench.columns(row.kind, row.value, [*rest, *changed], decided)))
        gone += changed
    if not gone:
        return 0
    queries.set_verdicts(verdicts)
    first = feed.advance(feed.FEED, len(gone))
    queries.replace_claims([claim._replace(seq=seq) for seq, claim in enumerate(gone, first)])
    Withdrawal.objects.bulk_create(
        [Withdrawal(claim_id=claim.id, reason=reason, at=at) for claim in gone]
    )
    acts.log(actor, "retract", [(claim.claim_id, claim.modified) for claim in gone], at)
    timeline.note(
        [claim.claim_id for claim in gone],
        "retracted",
        members.us().fingerprint,
        at,
        timeline.Source.OWN,
    )
    return len(gone)
