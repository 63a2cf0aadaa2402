"""One reader's view of our feed: by label, in order, gap-free, both lanes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from hueandcry.apps.exchange import labels, payloads, queries
from hueandcry.apps.exchange.models import Batch, Entry, Retraction
from hueandcry.apps.exchange.rules import Position
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.apps.signals import face as signals
from hueandcry.core.envelopes import Part, compress, header
from hueandcry.core.sharing import Terms
from hueandcry.core.types import Lane, Micros

#: Bounds of one page: entries looked at, objects and bytes handed over.
ENTRIES, OBJECTS, BYTES = 64, 5_000, 4_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One part as it goes out: what names it, its frames, and the row that it came from."""

    about: bytes
    frames: bytes
    objects: int
    seq: int
    batch: Batch | None = None
    retraction: Retraction | None = None

    @property
    def live(self) -> bool:
        """Whether its way is told hop by hop: a retraction, or a batch of the live lane."""
        return self.batch is None or signals.label(self.batch.label).lane is Lane.LIVE


@dataclass(slots=True)
class Page:
    """What a reader gets next, and the position after it."""

    position: Position
    items: list[Item] = field(default_factory=list)
    more: bool = False


def page(reader: PeerView, lane: Lane, position: Position, at: Micros) -> Page:
    """The next page of one lane for one reader. Asked again with nothing new it reads one index."""
    terms = peers.terms(reader.id)
    if terms is None:
        return Page(position)
    numbers = labels.numbers(lane)
    now = [n for n in numbers if labels.allowed(reader.fingerprint, terms, n, at)]
    judged = _judged(position, terms, at)
    fresh = _newly_allowed(reader, terms, judged, now)
    if fresh:
        replayed = _replay(reader, fresh, judged, at)
        if replayed is not None:
            return replayed
    current = _settled(position, terms, fresh, judged.since)
    found = queries.entries(now, position.seq, None, ENTRIES)
    return _collect(reader, found, current, at, replay=False)


def _judged(position: Position, terms: Terms, at: Micros) -> Position:
    """The position with what its replay is judged by; new terms begin the replay again.

    Fixed while it lasts: a label that opened in the middle would be replayed from there on only.
    """
    if position.replay is not None and position.under == terms.digest:
        return position
    return Position(position.seq, position.agreement, position.at, None, terms.digest, at)


def _settled(position: Position, terms: Terms, fresh: Sequence[int], at: Micros) -> Position:
    """The position under today's terms; unchanged when nothing about them has."""
    if position.agreement == terms.digest and not fresh and position.replay is None:
        return position
    return Position(position.seq, terms.digest, at, None)


def _newly_allowed(
    reader: PeerView, terms: Terms, position: Position, now: Sequence[int]
) -> list[int]:
    """Labels that were closed to the reader when it passed them, and are open now.

    Of those that opened after a replay began, nothing yet: they are the next one's.
    """
    if position.seq == 0:
        return []
    before = terms
    if position.agreement != terms.digest:
        held = peers.terms_by_digest(reader.id, position.agreement) if position.agreement else None
        if held is None:
            return list(now)
        before = held
    them, since = reader.fingerprint, position.since
    closed = [n for n in now if not labels.allowed(them, before, n, position.at)]
    return [n for n in closed if labels.allowed(them, terms, n, since)]


def _replay(reader: PeerView, fresh: Sequence[int], position: Position, at: Micros) -> Page | None:
    """What stands at or before the position under newly opened labels; None when that is done."""
    found = queries.entries(fresh, position.replay or 0, position.seq, ENTRIES)
    return _collect(reader, found, position, at, replay=True) if found else None


def _collect(
    reader: PeerView, found: Sequence[Entry], position: Position, at: Micros, *, replay: bool
) -> Page:
    if not found:
        return Page(position)
    page = Page(position, more=len(found) == ENTRIES or replay)
    batches = queries.batches([e.batch_id for e in found if e.batch_id is not None])
    gone = queries.retractions([e.retraction_id for e in found if e.retraction_id is not None])
    objects = size = 0
    seq = None
    for entry in found:
        if objects >= OBJECTS or size >= BYTES:
            page.more = True
            break
        seq = entry.seq
        item = _item(reader, entry, batches, gone)
        if item is not None:
            page.items.append(item)
            objects, size = objects + item.objects, size + len(item.frames)
    if seq is not None:
        page.position = _after(position, seq, replay=replay)
    return page


def position_after(page: Page, items: int) -> Position:
    """The position after the first `items` of a page; after all of them, the page's own."""
    if items >= len(page.items):
        return page.position
    return _after(page.position, page.items[items - 1].seq, replay=page.position.replay is not None)


def _after(position: Position, seq: int, *, replay: bool) -> Position:
    if replay:
        return replace(position, replay=seq)
    return Position(seq, position.agreement, position.at, None)


def _item(
    reader: PeerView, entry: Entry, batches: dict[int, Batch], gone: dict[int, Retraction]
) -> Item | None:
    """One entry as a part; None for a batch of which nothing is in force any more."""
    if entry.retraction_id is not None:
        row = gone[entry.retraction_id]
        part = Part(row.document, retraction=True, card=_card(row))
        return Item(row.part, compress([header(part)]), 1, entry.seq, retraction=row)
    batch = batches[entry.batch_id or 0]
    live = signals.claims_of_batch(batch.pk)
    if not live:
        return None
    about, frames, count = payloads.frames(batch, live, _card(batch))
    return Item(about, frames, count, entry.seq, batch=batch)


def _card(row: Batch | Retraction) -> bytes | None:
    """A third member's card goes with what we pass on: the reader may never have met it."""
    if row.issuer_id == members.us().id:
        return None
    return members.card_of(row.issuer.fingerprint.hex())
