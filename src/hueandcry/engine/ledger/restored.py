"""A node that came out of a backup: what it must know before it logs and signs again (PROTOCOL 5).

Its log may have gone further than the backup knows. To log or sign anything at a position that
was given before would be a second history: nothing is, until every witness has said how far it
saw the log. If none saw more than is held, the log goes on. If one did, those entries are lost,
and only the root can open a new epoch, behind every position that anybody has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hueandcry.core import tlog
from hueandcry.core.errors import Broken, Conflict, NotFound
from hueandcry.core.tiles import TileReader
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import publisher, queries
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint, Epoch, Restoration, Seen
from hueandcry.engine.ledger.pending import OPEN
from hueandcry.engine.store import feed
from hueandcry.engine.store.models import Head


def newest() -> Restoration | None:
    """The last restoration, settled or not."""
    return Restoration.objects.order_by("-id").first()


def mark(at: Micros, backup: bytes, made_at: Micros) -> Restoration:
    """Notes in the restored database that it is one."""
    return Restoration.objects.create(
        at=at,
        backup=backup,
        made_at=made_at,
        size=queries.size(),
        feed=feed.position(feed.FEED),
    )


@lru_cache(maxsize=64)
def feed_limit(generation: int) -> tuple[int, int | None]:
    """(how often this node was restored, up to where a cursor of that `generation` still counts).

    What the feed held behind a restored backup is lost: a position beyond it means its end.
    """
    ends = list(Restoration.objects.order_by("id").values_list("feed", flat=True))
    later = ends[generation:]
    return len(ends), min(later) if later else None


@lru_cache(maxsize=1)
def restored_at() -> Micros:
    """When this node was last restored; 0: never."""
    row = newest()
    return row.at if row else 0


def forget() -> None:
    """Forgets when this node was restored: for tests that swap databases under one process."""
    feed_limit.cache_clear()
    restored_at.cache_clear()


# --- what witnesses saw ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What a witness says: its newest head of ours, opened, and the last position in a receipt."""

    witness: str
    note: bytes | None = None
    epoch: int = 0
    size: int = 0
    root: bytes = b""
    index: int | None = None


def saw(row: Restoration, sight: Sight, at: Micros) -> None:
    """Keeps what a witness says; asked again, the newer answer."""
    Seen.objects.update_or_create(
        restoration=row,
        witness=sight.witness,
        defaults={
            "note": sight.note,
            "epoch": sight.epoch,
            "size": sight.size,
            "index": sight.index,
            "at": at,
        },
    )


def asked(row: Restoration) -> set[str]:
    """The fingerprints of the witnesses that have answered."""
    return set(Seen.objects.filter(restoration=row).values_list("witness", flat=True))


def covers(sight: Sight, data: Path) -> bool:
    """Whether what is held goes as far as this witness saw; raises Broken for another history."""
    size = queries.size()
    if sight.index is not None and sight.index >= size:
        return False
    span = queries.span_of(sight.epoch)
    if span is None:
        return False
    if sight.note is None:
        return True
    end = size if span.end is None else span.end
    if span.first + sight.size > end:
        # Of an epoch that was closed long ago the loss is known: its succession said so.
        return span.end is not None
    if sight.size and _root_at(data, span, end - span.first, sight.size) != sight.root:
        raise Broken(
            "other_history",
            f"{sight.witness} holds a head of {sight.size} entries that these do not lead to",
            why="The backup was changed, or it is not of this node",
            do="Sign nothing; restore another backup, or open a new epoch: `hueandcry log succeed`",
        )
    return True


def _root_at(data: Path, span: queries.Span, held: int, size: int) -> bytes:
    """The root over the first `size` of the `held` entries of an epoch."""
    read = TileReader(held, LogFolder(data, span.number).read)
    try:
        return tlog.tree_root(size, read)
    except NotFound:
        publisher.write_tree(data, span, held)
        return tlog.tree_root(size, read)


def recovery(row: Restoration, witness: str) -> tuple[str, bool]:
    """(how far the copies of ours at this witness were read, whether that was all of them)."""
    known = Seen.objects.filter(restoration=row, witness=witness).first()
    return (known.cursor, known.recovered_at is not None) if known else ("", False)


def recovered(row: Restoration, witness: str, cursor: str, done: bool, at: Micros) -> None:
    """Notes how far the copies of ours at this witness were read."""
    rows, _ = Seen.objects.get_or_create(restoration=row, witness=witness, defaults={"at": at})
    Seen.objects.filter(pk=rows.pk).update(cursor=cursor, recovered_at=at if done else None)


def settle(row: Restoration, state: Restoration.State, at: Micros) -> bool:
    """Ends an open restoration once; False when another process did.

    To go on is for one whose witnesses are all covered: one that is behind only succeeds.
    """
    fit = OPEN if state == Restoration.State.SUCCEEDED else (Restoration.State.ASKING,)
    rows = Restoration.objects.filter(pk=row.pk, state__in=fit)
    done = rows.update(state=state, settled_at=at) == 1
    if done:
        row.state, row.settled_at = state, at
    return done


def behind(row: Restoration) -> None:
    """Notes that a witness saw more than is held."""
    rows = Restoration.objects.filter(pk=row.pk, state=Restoration.State.ASKING)
    rows.update(state=Restoration.State.BEHIND)


#: Positions that are passed over when a whole epoch was lost: nobody can say where it began.
_UNKNOWN = 1 << 32

# --- a new epoch ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Succession:
    """What a succession says of the epoch that it ends, and of the one that it opens."""

    ends: int
    size: int  #: entries kept of the tree that ends
    root: bytes  #: over them
    opens: int
    first: int  #: position at which the new epoch begins
    seen: tuple[bytes, ...]  #: the newest head of each witness that saw more


def plan(data: Path) -> Succession:
    """The succession that the present state asks for; raises Conflict when nothing does."""
    row = newest()
    if row is None or row.state not in OPEN:
        raise Conflict(
            "no_restoration",
            "The log goes on: nothing asks for a new epoch",
            why="An epoch is opened only by a node that was restored from a backup",
        )
    seen = list(Seen.objects.filter(restoration=row).order_by("witness"))
    span, end = queries.span(), queries.size()
    last = max([span.number, *(each.epoch for each in seen)])
    beyond = [each for each in seen if each.note and (each.epoch, each.size) > _place(span, end)]
    firsts = {each.number: each.first for each in queries.spans()}
    taken = [each.index + 1 for each in seen if each.index is not None]
    taken += [firsts.get(each.epoch, end + _UNKNOWN) + each.size for each in seen]
    return Succession(
        ends=span.number,
        size=end - span.first,
        root=publisher.write_tree(data, span, end - span.first),
        opens=last + 1,
        first=max([end, *taken]),
        seen=tuple(each.note for each in beyond if each.note),
    )


def _place(span: queries.Span, end: int) -> tuple[int, int]:
    return span.number, end - span.first


def open_epoch(planned: Succession, document: bytes, at: Micros) -> None:
    """Opens the new epoch in the caller's transaction; what is logged next is its first entry."""
    row = newest()
    if row is None or not settle(row, Restoration.State.SUCCEEDED, at):
        raise Conflict("no_restoration", "Another process has settled the restoration meanwhile")
    kept = feed.position(feed.LEDGER)
    Epoch.objects.create(
        number=planned.opens, first=planned.first, kept=kept, opened_at=at, document=document
    )
    Head.objects.filter(name=feed.LEDGER).update(value=planned.first)
    # A head that was decided and never signed is nobody's: the succession says what was kept.
    Checkpoint.objects.filter(epoch=planned.ends, note__isnull=True).delete()
