"""The whole-ledger check: everything is read again and held against everything else."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from django.apps import apps
from django.db import models
from django.db.models import Max

from hueandcry.core import notes, tlog
from hueandcry.core.errors import HueError
from hueandcry.core.keys import Verify
from hueandcry.core.tiles import WIDTH, Edge, Tile, bundles_between, encode_bundle, grow
from hueandcry.engine.ledger import queries
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.models import Checkpoint, Entry, Logged

#: (entries and openings read, how many there are)
Progress = Callable[[int, int], None]

STEP = 16 * WIDTH
LISTED = 100  #: defects of one code that a report spells out


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that does not hold: a stable code, and which thing."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was read, and everything that was wrong with it."""

    entries: int
    checkpoints: int
    openings: int
    defects: tuple[Defect, ...]  #: at most LISTED of each code
    counts: dict[str, int]  #: code → how many

    @property
    def holds(self) -> bool:
        return not self.counts


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Under what name the log of this node signs, and every `log` key that it ever had."""

    host: str
    publics: Sequence[bytes]
    verify: Verify

    def of(self, epoch: int) -> list[notes.VerifierKey]:
        name = f"{self.host}/log/{epoch}"
        return [notes.VerifierKey(name, notes.ED25519, public) for public in self.publics]


def _quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


def verify(data: Path, keys: LogKeys, progress: Progress = _quiet) -> LedgerReport:
    """Reads entries, tiles, checkpoints and openings, while the node may go on writing."""
    return _Check(data, keys, progress).run()


class _Check:
    def __init__(self, data: Path, keys: LogKeys, progress: Progress) -> None:
        self._data = data
        self._keys = keys
        self._progress = progress
        self._spans = queries.spans()
        # In this order: whatever a checkpoint covers was committed before it.
        self._all_heads = list(Checkpoint.objects.order_by("size"))
        self._size = queries.size()
        self._models = [model for model in apps.get_models() if issubclass(model, Logged)]
        self._counts: Counter[str] = Counter()
        self._defects: list[Defect] = []
        self._read = self._openings = self._entries_read = 0
        self._total = self._size + sum(self._logged(model).count() for model in self._models)

    def run(self) -> LedgerReport:
        for span in self._spans:
            self._enter(span)
            self._check_entries()
            self._check_notes()
        self._check_openings()
        return LedgerReport(
            self._entries_read,
            len(self._all_heads),
            self._openings,
            tuple(self._defects),
            dict(self._counts),
        )

    def _enter(self, span: queries.Span) -> None:
        """What follows is about this epoch, in whose tree entries count from its beginning."""
        self._span = span
        self._folder = LogFolder(self._data, span.number)
        self._heads = [head for head in self._all_heads if head.epoch == span.number]
        self._sizes = [head.size - span.first for head in self._heads]
        self._length = (self._size if span.end is None else span.end) - span.first

    def _found(self, code: str, where: object) -> None:
        self._counts[code] += 1
        if self._counts[code] <= LISTED:
            self._defects.append(Defect(code, str(where)))

    def _advance(self, n: int) -> None:
        self._read += n
        self._progress(min(self._read, self._total), self._total)

    # --- entries, tiles and roots ---------------------------------------------------------------

    def _check_entries(self) -> None:
        """Every index is there; roots and files are what the entries make."""
        published = self._sizes[-1] if self._sizes else 0
        if published > self._length:
            self._found("checkpoint_beyond", f"checkpoint {published} of {self._length} entries")
        top = Entry.objects.aggregate(top=Max("index"))["top"]
        if self._span.end is None and top is not None and top >= queries.size():
            self._found("entry_beyond", f"entry {top}")
        frontier, edge, size = tlog.Frontier(), dict[int, bytes](), 0
        for start, end in self._steps(published):
            entries = self._entries(start, end)
            if entries is None:
                return  # nothing after a gap has a place
            leaves = [tlog.leaf_hash(entry) for entry in entries]
            frontier = self._check_roots(frontier, start, leaves)
            if end <= published:
                edge = self._check_files(size, edge, entries, leaves, end == published)
                size = end
            self._entries_read += len(entries)
            self._advance(len(entries))

    def _steps(self, published: int) -> Iterator[tuple[int, int]]:
        """Whole steps, with one more cut where the published part ends."""
        length = self._length
        cuts = {0, *range(0, length, STEP), min(published, length), length}
        return pairwise(sorted(cuts))

    def _entries(self, start: int, end: int) -> list[bytes] | None:
        first = self._span.first
        wanted = range(first + start, first + end)
        rows = queries.entries_held(wanted.start, wanted.stop)
        missing = [index for index in wanted if index not in rows]
        for index in missing:
            self._found("entry_missing", f"entry {index}")
        return None if missing else [rows[index] for index in wanted]

    def _check_roots(
        self, frontier: tlog.Frontier, start: int, leaves: list[bytes]
    ) -> tlog.Frontier:
        end = start + len(leaves)
        due = slice(bisect_right(self._sizes, start), bisect_right(self._sizes, end))
        for size, head in zip(self._sizes[due], self._heads[due], strict=True):
            frontier = frontier.extend(leaves[frontier.size - start : size - start])
            if frontier.root() != head.root:
                self._found("checkpoint_root", f"checkpoint {head.size}")
        return frontier.extend(leaves[frontier.size - start :])

    def _check_files(
        self, size: int, edge: Edge, entries: list[bytes], leaves: list[bytes], last: bool
    ) -> dict[int, bytes]:
        """Compares full tiles, and at the end of what is published also the partial ones."""
        growth = grow(size, edge, leaves)
        bundles = [
            (tile, encode_bundle(entries[tile.index * WIDTH - size :][: tile.width]))
            for tile in bundles_between(size, growth.size)
        ]
        for tile, data in [*growth.tiles, *bundles]:
            if last or tile.width == WIDTH:
                self._check_file(tile, data)
        return dict(growth.edge)

    def _check_file(self, tile: Tile, data: bytes) -> None:
        try:
            found = self._folder.read(tile)
        except HueError:
            self._found("tile_missing", tile.path)
            return
        if found != data:
            self._found("tile_differs", tile.path)

    # --- signatures -----------------------------------------------------------------------------

    def _check_notes(self) -> None:
        """Every head is signed as it was decided; the newest may still be on its way."""
        keys = self._keys.of(self._span.number)
        for head in self._heads:
            if head.note is not None:
                self._check_note(head, head.note, keys)
            elif head is not self._heads[-1] or self._span.end is not None:
                self._found("checkpoint_unsigned", f"checkpoint {head.size}")

    def _check_note(self, head: Checkpoint, note: bytes, keys: list[notes.VerifierKey]) -> None:
        try:
            text = notes.open_note(note, keys, self._keys.verify).text
        except HueError as error:
            self._found("checkpoint_signature", f"checkpoint {head.size}: {error.code}")
            return
        size = head.size - self._span.first
        if text != notes.Checkpoint(keys[0].name, size, head.root).text:
            self._found("checkpoint_note", f"checkpoint {head.size}")

    # --- openings -------------------------------------------------------------------------------

    def _check_openings(self) -> None:
        """Each opening that was not erased fits its entry, and no entry has two rows."""
        taken = bytearray(self._size)
        for model in self._models:
            top = model._default_manager.aggregate(top=Max("log_index"))["top"]
            if top is not None and top >= queries.size():
                self._found("opening_beyond", f"{model._meta.label} at entry {top}")
            start = 0
            while rows := queries.openings(model, start, self._size, STEP):
                self._check_rows(model._meta.label, rows, taken)
                start = rows[-1][1] + 1
                self._advance(len(rows))

    def _logged(self, model: type[Logged]) -> models.QuerySet[Logged]:
        return model._default_manager.filter(log_index__lt=self._size)

    def _check_rows(self, label: str, rows: list[queries.Opening], taken: bytearray) -> None:
        for key, index, salt, record, entry in rows:
            if taken[index]:
                self._found("opening_shared", f"{label} {key} at entry {index}")
            taken[index] = 1
            if salt is not None and record is not None and entry is not None:
                self._openings += 1
                if not tlog.opens(entry, salt, record):
                    self._found("opening_wrong", f"{label} {key} at entry {index}")
