"""Our feed as an answer: a cursor line and parts. The cursor is sealed: only we can read it."""

from __future__ import annotations

import msgspec

from hueandcry.apps.exchange import feed, queries
from hueandcry.apps.exchange.rules import Cursor, Position
from hueandcry.apps.peers.face import PeerView
from hueandcry.core import jcs
from hueandcry.core.envelopes import compress
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.types import Lane, Micros
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import restored

CONTEXT = "feed-cursor"


def serve(reader: PeerView, text: str, at: Micros) -> tuple[bytes, Cursor]:
    """The next page for `reader` after the cursor `text` (empty: from the beginning).

    Raises Malformed with code `cursor` for one that is not ours or not this reader's: the reader
    then begins again.
    """
    generation, _ = restored.feed_limit(0)
    before = open_cursor(reader, text) if text else Cursor(generation, Position(), Position())
    live = feed.page(reader, Lane.LIVE, before.live, at)
    # Bulk waits until the live lane is read to its end.
    bulk = feed.page(reader, Lane.BULK, before.bulk, at) if not live.more else None
    after = Cursor(generation, live.position, bulk.position if bulk else before.bulk)
    items = live.items + (bulk.items if bulk else [])
    head = {
        "cursor": text if after == before else _seal(reader, after),
        "more": live.more or bool(bulk and bulk.more),
    }
    body = compress([jcs.canonical(head)]) + b"".join(item.frames for item in items)
    return body, before


def _seal(reader: PeerView, cursor: Cursor) -> str:
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
    generation, limit = restored.feed_limit(cursor.epoch)
    if cursor.epoch > generation:
        raise _unusable()
    if limit is None:
        return cursor
    return Cursor(generation, cursor.live.upto(limit), cursor.bulk.upto(limit))


def _unusable() -> Malformed:
    return Malformed("cursor", "The cursor is not usable", do="Begin without a cursor")


def acknowledge(reader: PeerView, cursor: Cursor) -> bool:
    """A reader that shows a cursor has stored everything before it: pushes need not repeat that."""
    moved = False
    for lane in Lane:
        pushed, shown = queries.position(reader.id, lane), cursor.of(lane)
        if shown.seq > pushed.seq and pushed.replay is None and shown.replay is None:
            moved = queries.move(reader.id, lane, pushed, shown) or moved
    return moved


def behind(reader: PeerView, cursor: Cursor) -> bool:
    """Whether `acknowledge` would write: asked first, so that a no-change sync writes nothing."""
    pushed = queries.positions(reader.id)
    return any(cursor.of(lane).seq > pushed[lane].seq for lane in Lane)
