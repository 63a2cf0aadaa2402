"""What the purge deletes here: personal signals, and what was received beyond its retention.

Batches stay, since a ledger and receipts speak of them; their lines go. The audit paths of the
lines that are left are kept, so that each is still proved to be what its claimant signed, and an
empty line stands where one went, so that the dates by which clients know the others stay theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from uuid import UUID

from hueandcry.apps.exchange import payloads, queries, showing
from hueandcry.apps.exchange.models import Batch
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.apps.signals.face import Gone
from hueandcry.core.envelopes import Part, compress
from hueandcry.core.types import DAY, Actor, Micros, Signal
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

_ID = re.compile(rb'"id":"indicator--([0-9a-f-]{36})"')

#: Batches in one transaction: each has up to 1 000 objects.
BATCHES = 20

#: Days for which what a peer handed over is kept where no terms with it were ever signed.
UNSAID = 365


# --- personal signals -----------------------------------------------------------------------------


def purge_signals(at: Micros, limit: int) -> int:
    """Purges some personal signals that are due, with the lines that claim them; how many."""
    gone = signals.erase_due(at, limit)
    _drop_lines(gone)
    return gone.signals


def erase_value(actor: Actor, value: Signal, reason: str, at: Micros) -> int:
    """Erases one value now, logged and noted in the file of erasures; how many claims it had."""
    purge.begin()
    with unit_of_work():
        gone = signals.erase_value(actor, value, reason, at)
        _drop_lines(gone)
        purge.note({"erased": gone.signals}, reason, at)
        # Before the commit: an erasure that is in the file alone is only done again.
        purge.write_erasure("signal", value.key, at)
    purge.scrub(TABLES)
    return len(gone.claims)


def erase_again(erasures: set[tuple[str, bytes]], at: Micros) -> int:
    """Erases what a restored backup brought back although it was erased; how many signals."""
    purge.begin()
    with unit_of_work():
        gone = signals.erase_again(erasures, at)
        _drop_lines(gone)
    purge.scrub(TABLES)
    return gone.signals


def _drop_lines(gone: Gone) -> None:
    """Rewrites every batch that still holds a line of what went, newer versions or older."""
    if not gone.claims:
        return
    labels = signals.labels_of_kinds(gone.kinds)
    for batch in queries.holding(gone.issuers, labels):
        lines = payloads.lines_of(batch)
        keep = {n for n, line in enumerate(lines) if line and _claim_id(line) not in gone.claims}
        if len(keep) < sum(map(bool, lines)):
            _rewrite(batch, lines, keep)
    showing.blank(gone.claims)


def _claim_id(line: bytes) -> bytes:
    found = _ID.search(line)
    return UUID(found[1].decode()).bytes if found else b""


def _rewrite(batch: Batch, lines: Sequence[bytes], keep: Collection[int]) -> None:
    """Leaves of the lines that a batch holds only those at these places among them."""
    if not keep:
        queries.rewrite(batch.pk, b"", payloads.pack_places(Part(batch.document)), 0)
        ledger.erase_openings(Batch, [batch.pk])
        return
    places = payloads.pack_places(payloads.partial(batch, payloads.ordinals(batch), None))
    left = [line if n in keep else b"" for n, line in enumerate(lines)]
    queries.rewrite(batch.pk, compress(left), places, batch.held)


# --- what was received ----------------------------------------------------------------------------


def purge_received(at: Micros, limit: int) -> int:
    """Purges batches that an agreement lets us keep no longer; how many objects they held."""
    held = signals.held_in_batches(at)
    for peer_id in peers.peer_ids():
        cutoff = _cutoff(peer_id, at)
        found = queries.received_before(peer_id, cutoff, BATCHES, but=list(held))
        for batch in queries.among(list(held), peer_id, cutoff):
            if sum(map(bool, payloads.lines_of(batch))) > held[batch.pk]:
                found.append(batch)
        if found:
            return sum(_purge_batch(batch, at) for batch in found)
    return 0


def count_received(at: Micros) -> int:
    """How many received objects are due."""
    return sum(queries.count_before(id, _cutoff(id, at)) for id in peers.peer_ids())


def _cutoff(peer_id: int, at: Micros) -> Micros:
    terms = peers.terms(peer_id)
    return at - (terms.retention_days if terms else UNSAID) * DAY


def _purge_batch(batch: Batch, at: Micros) -> int:
    gone = signals.erase_received(batch.pk, at)
    showing.blank(gone.claims)
    held = {claim.id.bytes for _, _, claim in signals.claims_at(batch.pk)}
    lines = payloads.lines_of(batch)
    keep = {n for n, line in enumerate(lines) if line and _claim_id(line) in held}
    dropped = sum(map(bool, lines)) - len(keep)
    if dropped or not keep:
        _rewrite(batch, lines, keep)
    return max(dropped, len(gone.claims), int(not keep))


# --- the run --------------------------------------------------------------------------------------

TABLES = (*signals.PURGED_TABLES, "exchange_batch")

_Step = Callable[[Micros, int], int]


def _sorts() -> Iterable[purge.Sort]:
    yield purge.Sort("signals", signals.count_due, purge_signals, TABLES)
    yield purge.Sort("received", count_received, purge_received, TABLES)
    yield purge.Sort(
        "accesses", members.count_accesses, members.purge_accesses, ("members_access",)
    )


for _sort in _sorts():
    purge.register(_sort)


def run() -> bool:
    """One run of the loop: purges whatever of any room is due."""
    purge.run(clock.now())
    return False
