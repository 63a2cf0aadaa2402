"""Writes files for a peer that is reached by nobody's wire: what waits for it, under one signature.

Everything that the peer has not confirmed goes into each export again, so that a stick that was
lost is mended by the next one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from hueandcry.apps.exchange import container, queries, serving
from hueandcry.apps.exchange.container import Spool, Spooled
from hueandcry.apps.exchange.rules import Cursor, Position
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import Owed, PeerView
from hueandcry.core.carriage import MAX_COUNT, MAX_ITEMS, Item, Kind, Manifest
from hueandcry.core.envelopes import compress
from hueandcry.core.errors import TooLarge
from hueandcry.core.polls import values
from hueandcry.core.types import Lane, Micros
from hueandcry.engine.store.work import unit_of_work

#: Bytes of documents or replies in one item.
CHUNK = 4_000_000
#: Bytes of content in one file of chosen documents: as good as all of them.
_AT_ONCE: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Written:
    """One file: where it is, what names it, and what is in it."""

    path: Path
    manifest: str
    size: int
    documents: int
    parts: int
    replies: int


@dataclass(slots=True)
class _Load:
    """What goes into one file."""

    cursor: str
    items: list[Spooled] = field(default_factory=list)
    counts: dict[Kind, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(each.item.size for each in self.items)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One item before it has a name; `cursor` is set for a page of the feed."""

    kind: Kind
    data: bytes
    things: int
    cursor: str | None = None


def export(
    to: PeerView, target: Path, at: Micros, *, largest: int, since: Micros | None = None
) -> list[Written]:
    """Writes what waits for a peer into `target`, or `target.001` and on; empty when nothing does.

    No file has more than about `largest` bytes of content. With `since` also what the peer has
    confirmed, from that instant on. The caller has no transaction open.
    """
    owed = peers.owed(to.id)
    start = _start(to, since)
    with container.spool(settings.DATA) as spool:
        loads = _loads(_pieces(to, owed, start, at), start, spool, largest)
        nothing = not (owed.taken or any(load.counts.keys() - {Kind.CARD} for load in loads))
        if nothing:
            return []
        return _write(to, target, loads, spool, owed, at)


def export_documents(
    to: PeerView, documents: Sequence[bytes], target: Path, at: Micros
) -> list[Written]:
    """Writes these documents of ours for a peer into a file, with the replies that we owe it.

    As `export`, but nothing else that waits goes along; it stays on its way as it was.
    """
    owed = peers.owed(to.id)
    start = _start(to, None)
    with container.spool(settings.DATA) as spool:
        loads = _loads(_letters(owed, documents), start, spool, _AT_ONCE)
        if not (owed.taken or documents):
            return []
        return _write(to, target, loads, spool, owed, at)


def _start(to: PeerView, since: Micros | None) -> str:
    """The place in our feed that the peer has confirmed, or the one of an instant."""
    held = queries.positions(to.id)
    if since is not None:
        seq = queries.seq_before(since)
        held = {lane: _moved_back(place, min(place.seq, seq)) for lane, place in held.items()}
    return serving.sealed(to, Cursor(serving.generation(), held[Lane.LIVE], held[Lane.BULK]))


def _moved_back(place: Position, seq: int) -> Position:
    """A place further back in the feed, under the same terms."""
    return place if place.seq == seq else Position(seq, place.agreement, place.at)


def _pieces(to: PeerView, owed: Owed, cursor: str, at: Micros) -> Iterator[_Piece]:
    """Everything for the peer, in the order in which it is to be taken in."""
    yield from _letters(owed, peers.documents_for(to.id, 100_000, 1 << 40))
    more = peers.terms(to.id) is not None
    while more:
        page = serving.compose(to, cursor, at)
        cursor, more = page.cursor, page.more
        if page.parts:
            yield _Piece(Kind.ENVELOPE, page.frames, page.parts, cursor)


def _letters(owed: Owed, documents: Sequence[bytes]) -> Iterator[_Piece]:
    """Our card, so that whoever reads them knows our keys, then documents and replies."""
    yield _Piece(Kind.CARD, members.card_of(members.us().fingerprint), 1)
    for lines in _chunks(documents):
        yield _Piece(Kind.DOCUMENTS, b"\n".join(lines), len(lines))
    said = [msgspec.json.encode(each) for each in values(owed.replies)]
    for lines in _chunks(said):
        packed = compress([b"[" + b",".join(lines) + b"]"])
        yield _Piece(Kind.REPLIES, packed, len(lines))


def _chunks(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    for line in lines:
        if chunk and size + len(line) > CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line) + 1
    if chunk:
        yield chunk


def _loads(pieces: Iterator[_Piece], cursor: str, spool: Spool, largest: int) -> list[_Load]:
    """The pieces spread over files; each file says how far the feed has got with it."""
    loads = [_Load(cursor)]
    for number, piece in enumerate(pieces, 1):
        load = loads[-1]
        if load.items and (load.size + len(piece.data) > largest or len(load.items) == MAX_ITEMS):
            load = _Load(load.cursor)
            loads.append(load)
        item = Item(
            f"{piece.kind.value}-{number:05}",
            piece.kind,
            len(piece.data),
            hashlib.sha256(piece.data).hexdigest(),
        )
        load.items.append(spool.put(item, piece.data))
        load.counts[piece.kind] = load.counts.get(piece.kind, 0) + piece.things
        load.cursor = piece.cursor or load.cursor
    if len(loads) > MAX_COUNT:
        raise TooLarge("too_many_files", f"More than {MAX_COUNT} files", do="Let them be larger")
    return loads


def _write(
    to: PeerView, target: Path, loads: Sequence[_Load], spool: Spool, owed: Owed, at: Micros
) -> list[Written]:
    series, written = secrets.token_hex(16), []
    terms = peers.peer(to.id).agreement
    recipient = members.age_key(to.fingerprint, at)
    for number, load in enumerate(loads, 1):
        items = tuple(each.item for each in load.items)
        manifest = Manifest(series, number, len(loads), load.cursor, owed.shown, owed.taken, items)
        carries = owed.taken if manifest.has(Kind.REPLIES) or not owed.replies else ()
        with unit_of_work():
            raw = peers.issue("carriage", manifest.body(), at, aud=to.fingerprint, agreement=terms)
            digest = hashlib.sha256(raw).digest()
            peers.file_written(to.id, manifest, digest, carries, at)
        path = target if len(loads) == 1 else target.with_name(f"{target.name}.{number:03}")
        container.pack(path, raw, load.items, spool, recipient, settings.DATA)
        kinds = (Kind.DOCUMENTS, Kind.ENVELOPE, Kind.REPLIES)
        counts = [load.counts.get(kind, 0) for kind in kinds]
        written.append(Written(path, digest.hex(), path.stat().st_size, *counts))
    return written
