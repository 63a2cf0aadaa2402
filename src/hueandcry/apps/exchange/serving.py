"""Our feed as an answer: a cursor line and parts. The cursor is sealed: only we can read it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from hueandcry.apps.exchange import feed, queries
from hueandcry.apps.exchange.rules import Cursor, Position
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jcs
from hueandcry.core.envelopes import compress
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.polls import Head
from hueandcry.core.types import Lane, Micros
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import restored

CONTEXT = "feed-cursor"


#: Bounds of the documents in one answer to a poll.
DOCUMENTS, DOCUMENT_BYTES = 64, 4_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """A page of the feed: the cursor after it, whether there is more, its parts as frames."""

    before: Cursor
    cursor: str
    more: bool
    frames: bytes
    parts: int


def serve(reader: PeerView, text: str, at: Micros) -> tuple[bytes, Cursor]:
    """The next page for `reader` after the cursor `text` (empty: from the beginning).

    Raises Malformed with code `cursor` for one that is not ours or not this reader's: the reader
    then begins again.
    """
    served = compose(reader, text, at)
    head = {"cursor": served.cursor, "more": served.more}
    return compress([jcs.canonical(head)]) + served.frames, served.before


def serve_poll(reader: PeerView, text: str, at: Micros) -> tuple[bytes, bool]:
    """What waits for a reader that asks: documents, then a page; and whether that is anything.

    While our own signature under terms is on its way, no page: it would be refused.
    """
    documents = peers.documents_for(reader.id, DOCUMENTS, DOCUMENT_BYTES)
    cursor, more, frames, parts = text, False, b"", 0
    if peers.may_send(reader.id):
        served = compose(reader, text, at)
        cursor, more, frames, parts = served.cursor, served.more, served.frames, served.parts
    head = Head(cursor, more, tuple(documents))
    return compress([head.line()]) + frames, bool(documents or parts or more)


def compose(reader: PeerView, text: str, at: Micros) -> Served:
    """The next page of both lanes after the cursor `text`; raises as `serve` does."""
    before = open_cursor(reader, text) if text else Cursor(generation(), Position(), Position())
    live = feed.page(reader, Lane.LIVE, before.live, at)
    # Bulk waits until the live lane is read to its end.
    bulk = feed.page(reader, Lane.BULK, before.bulk, at) if not live.more else None
    after = Cursor(generation(), live.position, bulk.position if bulk else before.bulk)
    items = live.items + (bulk.items if bulk else [])
    return Served(
        before,
        text if after == before else sealed(reader, after),
        live.more or bool(bulk and bulk.more),
        b"".join(item.frames for item in items),
        len(items),
    )


def sealed(reader: PeerView, cursor: Cursor) -> str:
    """A cursor as a reader gets it, which only we can open, and only for this reader."""
    return own().seal(f"{CONTEXT}/{reader.fingerprint}", msgspec.json.encode(cursor))


def open_cursor(reader: PeerView, text: str) -> Cursor:
    """The cursor that `serve` sealed for this reader; raises Malformed.

    One from before a restore goes back to where the restored feed ended: what came behind that is
    lost, and what takes its place must not be passed over.
    """
    try:
        plain = own().open_sealed(f"{CONTEXT}/{reader.fingerprint}", text)
        cursor = msgspec.json.decode(plain, type=Cursor)
    except (HueError, msgspec.MsgspecError) as error:
        raise _unusable() from error
    newest, limit = restored.feed_limit(cursor.epoch)
    if cursor.epoch > newest:
        raise _unusable()
    if limit is None:
        return cursor
    return Cursor(newest, cursor.live.upto(limit), cursor.bulk.upto(limit))


def generation() -> int:
    """How often this node was restored: cursors of before may name what is lost."""
    return restored.feed_limit(0)[0]


def _unusable() -> Malformed:
    return Malformed("cursor", "The cursor is not usable", do="Begin without a cursor")


def acknowledge(reader: PeerView, cursor: Cursor) -> bool:
    """A reader that shows a cursor has stored everything before it: pushes need not repeat that."""
    moved = False
    for lane in Lane:
        pushed, shown = queries.position(reader.id, lane), cursor.of(lane)
        if _further(reader, pushed, shown):
            moved = queries.move(reader.id, lane, pushed, shown) or moved
    return moved


def behind(reader: PeerView, cursor: Cursor) -> bool:
    """Whether `acknowledge` would write: asked first, so that a no-change sync writes nothing."""
    pushed = queries.positions(reader.id)
    return any(_further(reader, pushed[lane], cursor.of(lane)) for lane in Lane)


def _further(reader: PeerView, pushed: Position, shown: Position) -> bool:
    """Whether what a reader shows lies beyond what we noted.

    Where we push as well, a replay is the push's own; a reader that is never pushed to shows all.
    """
    if reader.way == "call":
        return shown.seq > pushed.seq and pushed.replay is None and shown.replay is None
    return _reach(shown) > _reach(pushed)


def _reach(position: Position) -> tuple[Micros, int, int]:
    """Orders positions: terms begin anew at `at`, and within a replay `seq` stands still."""
    replay = -1 if position.replay is None else position.replay
    return position.at, position.seq, replay
