"""Tiles and signs the committed prefix of the log (PROTOCOL 5).

The steps of one turn, each durable before the next: tiles, the decision (size and root), the
signed note. Killed anywhere, the next turn repeats the step that was not finished: tiles are
written again with the same bytes, and a decision that was not signed is signed as it stands.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from hueandcry.core import notes
from hueandcry.core.errors import Broken, HueError
from hueandcry.core.keys import Sign
from hueandcry.core.tiles import (
    WIDTH,
    Edge,
    Growth,
    Tile,
    bundles_between,
    edge_frontier,
    edge_tiles,
    encode_bundle,
    grow,
    tiles_between,
)
from hueandcry.core.tlog import EMPTY_ROOT, Frontier, leaf_hash
from hueandcry.core.types import SECOND, Micros
from hueandcry.engine.clock import now
from hueandcry.engine.jobs import leases
from hueandcry.engine.jobs.models import Lease
from hueandcry.engine.ledger import pending, queries
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.ledger")

LEASE = "ledger-publisher"
LEASE_LENGTH: Micros = 30 * SECOND

#: Entries under one checkpoint: bounds memory, and the time that one turn holds the lease.
STEP = 128 * WIDTH


@dataclass(frozen=True, slots=True)
class LogSigner:
    """The `log` key, under the name that the log of `host` has in each epoch."""

    host: str
    public: bytes
    sign: Sign

    def key(self, epoch: int) -> notes.VerifierKey:
        """The verifier key of one epoch, whose name is the origin `<host>/log/<epoch>`."""
        return notes.VerifierKey(f"{self.host}/log/{epoch}", notes.ED25519, self.public)


def publish(data: Path, signer: LogSigner, holder: str) -> bool:
    """One turn under the lease, if there is anything to do; True when there is more at once.

    `data` is the node's folder; `holder` names this process among those that may publish.
    """
    if not _due() or _held_by_another(holder):
        return False  # and nothing was written, so nobody is woken
    if not leases.take(LEASE, holder, now(), LEASE_LENGTH):
        return False
    try:
        if _due():  # still: another may have done it all between our look and our lease
            _turn(LogTree(data, queries.span()), signer, holder)
    finally:
        leases.give_back(LEASE, holder)
    return _due()


def missing_tiles(data: Path) -> list[str]:
    """The parts of the published log, every epoch of it, that are in no folder any more."""
    lost = []
    for tree in _trees(data):
        size = tree.published()
        tiles = chain(tiles_between(0, size), bundles_between(0, size))
        found = (tile for tile in tiles if not tree.folder.has(tile))
        lost += [f"{tree.span.number}/{tile.path}" for tile in found]
    return lost


def rebuild(data: Path, holder: str) -> bool:
    """Writes the published log's tiles again from the entries; False while another publishes.

    Raises Broken, and writes nothing, when the entries do not lead to the root that was decided.
    """
    if not leases.take(LEASE, holder, now(), LEASE_LENGTH):
        return False
    try:
        for tree in _trees(data):
            newest = queries.newest_decided(tree.span.number)
            if newest is not None and tree.root_of(newest.size - tree.first) != newest.root:
                raise _root_changed(newest.size - tree.first)
            _rebuild(tree, tree.published())
    finally:
        leases.give_back(LEASE, holder)
    return True


def _trees(data: Path) -> list[LogTree]:
    return [LogTree(data, span) for span in queries.spans()]


def _due() -> bool:
    span = queries.span()
    newest = queries.newest_decided(span.number)
    due = (
        queries.size() > span.first
        if newest is None
        else newest.note is None or newest.size < queries.size()
    )
    return due and not pending.pending()  # asked last: it hardly ever is


def _held_by_another(holder: str) -> bool:
    return Lease.objects.filter(name=LEASE, until__gt=now()).exclude(holder=holder).exists()


def _turn(tree: LogTree, signer: LogSigner, holder: str) -> None:
    newest = queries.newest_decided(tree.span.number)
    if newest is not None and newest.note is None:
        _sign(newest, signer)
        return
    tree.folder.sweep()
    start, root = (newest.size - tree.first, newest.root) if newest else (0, EMPTY_ROOT)
    growth = _extend(tree, start, _edge(tree, start, root))
    root = edge_frontier(growth.size, growth.edge).root()
    head = _decide(tree, growth.size, root, holder)
    if head is not None:
        _sign(head, signer)


# --- tiles --------------------------------------------------------------------------------------


class LogTree:
    """The tree of one epoch: its files, and its entries counted from its own beginning."""

    def __init__(self, data: Path, span: queries.Span) -> None:
        self.folder = LogFolder(data, span.number)
        self.span = span
        self.first = span.first

    def size(self) -> int:
        """How many entries it has by now."""
        return (queries.size() if self.span.end is None else self.span.end) - self.first

    def published(self) -> int:
        """How many entries its files have to hold: all of an epoch that has ended."""
        newest = queries.newest_decided(self.span.number)
        decided = newest.size - self.first if newest else 0
        return decided if self.span.end is None else self.size()

    def entries(self, start: int, end: int) -> list[bytes]:
        return queries.entries(self.first + start, self.first + end)

    def root_of(self, size: int) -> bytes:
        """The root over the first `size` entries, from the entries alone."""
        frontier = Frontier()
        for start in range(0, size, STEP):
            entries = self.entries(start, min(start + STEP, size))
            frontier = frontier.extend([leaf_hash(entry) for entry in entries])
        return frontier.root()


def write_tree(data: Path, span: queries.Span, size: int) -> bytes:
    """Writes the tiles of the first `size` entries of an epoch anew; the root over them."""
    tree = LogTree(data, span)
    if not size:
        return EMPTY_ROOT
    return edge_frontier(size, _rebuild(tree, size)).root()


def _edge(tree: LogTree, size: int, root: bytes) -> Edge:
    """The right edge of the log of `size` entries: read, or made anew from the entries.

    Raises Broken when neither leads to the root that was decided.
    """
    try:
        edge: Edge = {tile.level or 0: tree.folder.read(tile) for tile in edge_tiles(size)}
        if edge_frontier(size, edge).root() == root:
            return edge
    except HueError as error:
        log.warning("the tiles of the ledger are not whole: %s", error)
    edge = _rebuild(tree, size)
    if edge_frontier(size, edge).root() != root:
        raise _root_changed(size)
    return edge


def _root_changed(size: int) -> Broken:
    return Broken(
        "root_changed",
        f"The first {size} entries no longer have the root that was decided for them",
        why="Entries were changed, or the database is older than it should be",
        do="Run `hueandcry log verify`; nothing is signed until this is cleared up",
    )


def _rebuild(tree: LogTree, size: int) -> Edge:
    done = 0
    edge: Edge = {}
    while done < size:
        growth = _extend(tree, done, edge, size)
        done, edge = growth.size, growth.edge
    return edge


def _extend(tree: LogTree, start: int, edge: Edge, limit: int | None = None) -> Growth:
    """Writes the tiles and bundles of at most STEP entries more, and returns the new edge.

    Narrower tiles go before the decision: who reads the log at its old size gets their bytes out
    of the wider ones, and a turn that is repeated removes the same ones again.
    """
    end = min(tree.size() if limit is None else limit, start + STEP)
    aligned = start // WIDTH * WIDTH
    entries = tree.entries(aligned, end)
    growth = grow(start, edge, [leaf_hash(entry) for entry in entries[start - aligned :]])
    written = [*growth.tiles, *_bundles(entries, start, end)]
    tree.folder.write(written)
    tree.folder.tidy(tile for tile, _ in written)
    return growth


def _bundles(entries: list[bytes], start: int, end: int) -> list[tuple[Tile, bytes]]:
    """The bundles that become wider; `entries` begin with the first one of the first of these."""
    first = start // WIDTH
    made = []
    for tile in bundles_between(start, end):
        at = (tile.index - first) * WIDTH
        made.append((tile, encode_bundle(entries[at : at + tile.width])))
    return made


# --- decision and signature ---------------------------------------------------------------------


def _decide(tree: LogTree, size: int, root: bytes, holder: str) -> Checkpoint | None:
    """Stores the head before anything is signed; None when another process has the lease now."""
    at = now()
    with unit_of_work():
        mine = Lease.objects.filter(name=LEASE, holder=holder, until__gt=at)
        if mine.update(until=at + LEASE_LENGTH) != 1:
            return None
        return Checkpoint.objects.create(
            size=tree.first + size, epoch=tree.span.number, root=root, decided_at=at, note=None
        )


def _sign(head: Checkpoint, signer: LogSigner) -> None:
    """Signs exactly the stored head, and never another of its size."""
    key, span = signer.key(head.epoch), queries.span()
    decided = notes.Checkpoint(key.name, head.size - span.first, head.root)
    _store_note(head, notes.sign_checkpoint(decided, key, signer.sign).encode())


def _store_note(head: Checkpoint, note: bytes) -> None:
    """Keeps the note unless a slower or faster publisher has kept one for this head."""
    with unit_of_work():
        unsigned = Checkpoint.objects.filter(size=head.size, root=head.root, note__isnull=True)
        unsigned.update(note=note)
