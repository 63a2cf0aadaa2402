"""What one audience of clients is shown: pages in the order of dates, and objects by their id."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hueandcry.apps.exchange import labels, payloads, showing
from hueandcry.apps.signals import face as signals
from hueandcry.core.envelopes import MAX_OBJECTS, decompress
from hueandcry.core.types import Audience, Micros
from hueandcry.engine.store.reading import reader

#: Rows read at once for each label, rows looked at for one page, and bytes of one page.
_STEP: Final = 40
_ROWS: Final = 4_000
_BYTES: Final = 16_000_000
#: Labels in one statement: SQLite joins at most 500 selections.
_LABELS: Final = 200


class ShownObject(NamedTuple):
    """One object as bytes, with its date: unique, and the order in which it came."""

    added: Micros
    body: bytes


@dataclass(slots=True)
class ShownPage:
    """What a client gets next. `upto` is the date up to which it has now seen everything."""

    upto: Micros
    objects: list[ShownObject] = field(default_factory=list)
    more: bool = False


class _Row(NamedTuple):
    added: Micros
    label: int
    held: int
    batch: int | None

    @property
    def end(self) -> Micros:
        return self.added + self.held


def page(
    audience: Audience, after: Micros, limit: int, at: Micros, *, claims: bool = True
) -> ShownPage:
    """At most `limit` objects dated later than `after`; without `claims`, definitions only.

    Asked again with nothing new it reads one index.
    """
    top = _top()
    if top is None or top.end - 1 <= after:
        return ShownPage(after)
    numbers = _visible(audience, at, claims=claims)
    found = ShownPage(after)
    # Rows are read up to what was newest before the labels were: a newer label is for next time.
    rows = _rows(numbers, after - MAX_OBJECTS, top.added)
    size = seen = 0
    while chunk := _some(rows, after, limit + 1 - len(found.objects)):
        for row, objects in _opened(chunk, at):
            for each in objects:
                if each.added <= after:
                    continue
                if len(found.objects) == limit or size > _BYTES:
                    return _cut(found)
                found.objects.append(each)
                size += len(each.body)
            found.upto = max(found.upto, row.end - 1)
        seen += len(chunk)
        if seen >= _ROWS:
            return ShownPage(found.upto, found.objects, more=True)
    found.upto = max(found.upto, top.end - 1)
    return found


def _cut(found: ShownPage) -> ShownPage:
    return ShownPage(found.objects[-1].added, found.objects, more=True)


def by_id(audience: Audience, ids: Sequence[bytes], at: Micros) -> list[ShownObject]:
    """The objects with these UUIDs that the audience sees, in the order of their dates."""
    numbers = set(_visible(audience, at, claims=True))
    found = {each.added: each for each in _claims(ids, numbers, at)}
    found |= {each.added: each for each in _named(ids, numbers)}
    return [found[added] for added in sorted(found)]


# --- who sees what -------------------------------------------------------------------------------


def _visible(audience: Audience, at: Micros, *, claims: bool) -> list[int]:
    """The labels of rows that this audience sees; see `Shown` for those below zero."""
    found = []
    for number, space, text in _texts():
        if space == showing.SPACE:
            if text == showing.DEFINITIONS or text.startswith(f"identity:{audience.value}:"):
                found.append(number)
        elif claims and labels.open_to(audience, number, at):
            late = audience is not Audience.OWN and signals.label(number).marking.embargo
            found.append(-number if late else number)
    return found


def _texts() -> list[tuple[int, str, str]]:
    sql = "SELECT id, space, text FROM store_interned WHERE space = ? OR space = ?"
    return [(n, s, t) for n, s, t in reader().rows(sql, [labels.SPACE, showing.SPACE])]


# --- rows in order -------------------------------------------------------------------------------


def _top() -> _Row | None:
    sql = "SELECT added, label, count, batch_id FROM exchange_shown ORDER BY added DESC LIMIT 1"
    return next((_Row._make(row) for row in reader().rows(sql)), None)


def _rows(numbers: Sequence[int], after: Micros, upto: Micros) -> Iterator[_Row]:
    """Rows of these labels by date: a few of each at a time, whatever stands behind them."""
    firsts: dict[int, list[_Row]] = {}
    for start in range(0, len(numbers), _LABELS):
        for row in _select(numbers[start : start + _LABELS], after, upto):
            firsts.setdefault(row.label, []).append(row)
    return heapq.merge(*(_label(rows, upto) for rows in firsts.values()))


def _label(rows: list[_Row], upto: Micros) -> Iterator[_Row]:
    while rows:
        yield from rows
        rows = _select([rows[-1].label], rows[-1].added, upto) if len(rows) == _STEP else []


def _select(numbers: Sequence[int], after: Micros, upto: Micros) -> list[_Row]:
    one = (
        "SELECT * FROM (SELECT added, label, count, batch_id FROM exchange_shown "
        "WHERE label = {} AND added > {} AND added <= {} ORDER BY added LIMIT {}) AS part"
    )
    parts = (one.format(int(n), int(after), int(upto), _STEP) for n in numbers)
    return [_Row._make(row) for row in reader().rows(" UNION ALL ".join(parts))]


def _some(rows: Iterator[_Row], after: Micros, wanted: int) -> list[_Row]:
    """The next rows, enough for `wanted` objects if all of them are in force."""
    found: list[_Row] = []
    for row in rows:
        if row.end - 1 <= after:
            continue
        found.append(row)
        wanted -= row.end - 1 - max(after, row.added - 1)
        if wanted <= 0 or len(found) == _ROWS:
            break
    return found


# --- rows as objects -----------------------------------------------------------------------------


def _opened(rows: Sequence[_Row], at: Micros) -> Iterator[tuple[_Row, list[ShownObject]]]:
    """Each row with those of its objects that are in force at `at`."""
    live = signals.in_force([row.batch for row in rows if row.batch is not None], at)
    kept = _payloads(list(live))
    for row in rows:
        if row.batch is None:
            yield row, _dated(row, _lines(row.added))
        elif row.batch in live:
            yield row, _in_force(row, kept[row.batch], live[row.batch])
        else:
            yield row, []


def _dated(row: _Row, lines: Sequence[bytes]) -> list[ShownObject]:
    # An empty line is one that was purged.
    return [ShownObject(added, line) for added, line in enumerate(lines, row.added) if line]


def _in_force(
    row: _Row, kept: tuple[bytes, bytes | None], ordinals: Sequence[int]
) -> list[ShownObject]:
    lines = _split(kept[0])
    if len(ordinals) == len(lines):
        return _dated(row, lines)
    places = payloads.held_places(kept[1]) if kept[1] is not None else None
    wanted = [places[n] for n in ordinals if n in places] if places is not None else ordinals
    return [ShownObject(row.added + n, lines[n]) for n in wanted]


def _payloads(batches: Sequence[int]) -> dict[int, tuple[bytes, bytes | None]]:
    """Batch → its frame of lines, and the places of these where it is not whole."""
    found: dict[int, tuple[bytes, bytes | None]] = {}
    for start in range(0, len(batches), 500):
        listed = ", ".join(map(str, batches[start : start + 500]))
        sql = f"SELECT id, payload, paths FROM exchange_batch WHERE id IN ({listed})"
        for id, payload, paths in reader().rows(sql):
            found[id] = (bytes(payload), None if paths is None else bytes(paths))
    return found


def _lines(added: Micros) -> list[bytes]:
    rows = reader().rows("SELECT lines FROM exchange_shown WHERE added = ?", [added])
    return _split(bytes(rows[0][0])) if rows and rows[0][0] is not None else []


def _split(frames: bytes) -> list[bytes]:
    return decompress(frames).split(b"\n")[:-1]


# --- by id ---------------------------------------------------------------------------------------


def _claims(ids: Sequence[bytes], numbers: set[int], at: Micros) -> Iterator[ShownObject]:
    standing = signals.standing_of(ids, at)
    batches = sorted({batch for _, batch, _ in standing.values()})
    kept = _payloads(batches)
    rows = {row.batch: row for row in _rows_of(batches) if row.label in numbers}
    for _, batch, ordinal in standing.values():
        if batch in rows and batch in kept:
            yield from _in_force(rows[batch], kept[batch], [ordinal])


def _rows_of(batches: Sequence[int]) -> list[_Row]:
    if not batches:
        return []
    listed = ", ".join(map(str, batches))
    sql = f"SELECT added, label, count, batch_id FROM exchange_shown WHERE batch_id IN ({listed})"
    return [_Row._make(row) for row in reader().rows(sql)]


def _named(ids: Sequence[bytes], numbers: set[int]) -> Iterator[ShownObject]:
    sql = (
        "SELECT s.added, s.label, n.ordinal FROM exchange_named n "
        "JOIN exchange_shown s ON s.added = n.shown_id WHERE n.object_id {many}"
    )
    for added, label, ordinal in reader().rows_in(sql, list(ids)) if ids else ():
        if label in numbers:
            yield ShownObject(added + ordinal, _lines(added)[ordinal])
