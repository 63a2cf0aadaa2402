"""Which of our heads others have cosigned, and what a reader is shown of it.

Who our witnesses are is not for the ledger to know: callers name them, and say how many are a
quorum.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from hueandcry.core.notes import MAX_SIZE
from hueandcry.engine.ledger import queries
from hueandcry.engine.ledger.models import Checkpoint, Cosignature
from hueandcry.engine.ledger.queries import Span


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A signed checkpoint: `note` is the whole C2SP note over `size` and `root`.

    `size` counts the entries of the tree of its `epoch`, which begins at the position `first`.
    """

    size: int
    root: bytes
    note: bytes
    epoch: int = 0
    first: int = 0


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness of one head, and when it says that it saw it, in POSIX seconds."""

    witness: str
    seconds: int


def newest(number: int | None = None) -> SignedHead | None:
    """The newest signed head, of one epoch or of all, with the cosignatures that it has by now."""
    row = queries.newest_signed(number)
    return None if row is None else shown(row)


def shown(row: Checkpoint) -> SignedHead:
    """A signed head with its cosignatures, in the order in which they were given."""
    span = queries.span_of(row.epoch) or Span(row.epoch, 0, None)
    assert row.note is not None
    note = row.note + b"".join(each.line for each in _of(row.size))
    return SignedHead(row.size - span.first, row.root, note, span.number, span.first)


def _of(end: int) -> list[Cosignature]:
    return list(Cosignature.objects.filter(head=end).order_by("seconds", "witness"))


def cosigners(head: SignedHead) -> list[Cosigner]:
    """Who has cosigned a head, the first one first."""
    return [Cosigner(row.witness, row.seconds) for row in _of(head.first + head.size)]


def add(head: SignedHead, witness: str, line: bytes, seconds: int) -> bool:
    """Keeps the first cosignature of a witness under a head; False when there was one."""
    _, made = Cosignature.objects.get_or_create(
        head=head.first + head.size, witness=witness, defaults={"line": line, "seconds": seconds}
    )
    return made


def size_at(witness: str, epoch: int) -> int:
    """How many entries of an epoch a witness has cosigned last, as far as we know."""
    span = queries.span_of(epoch)
    if span is None:
        return 0
    given = Cosignature.objects.filter(witness=witness, head__gt=span.first, head__lte=_end(span))
    end = given.aggregate(end=Max("head"))["end"]
    return 0 if end is None else int(end) - span.first


def covering(index: int, witnesses: Collection[str], quorum: int) -> SignedHead | None:
    """The earliest head over the entry at position `index` that a quorum has cosigned."""
    over = next((each for each in reversed(queries.spans()) if each.holds(index)), None)
    if over is None:
        return None
    return _within(index, _end(over), witnesses, quorum)


def newest_with(
    witnesses: Collection[str], quorum: int, number: int | None = None
) -> SignedHead | None:
    """The newest head, of one epoch or of all, that a quorum has cosigned."""
    span = Span(0, 0, None) if number is None else queries.span_of(number)
    if span is None:
        return None
    return _within(span.first, _end(span), witnesses, quorum, last=True)


def _end(span: Span) -> int:
    """Where its last head may end: heads of later epochs lie behind what was kept of it."""
    return MAX_SIZE if span.end is None else span.end


def _within(
    first: int, end: int, witnesses: Collection[str], quorum: int, *, last: bool = False
) -> SignedHead | None:
    """The first or last head in (first, end] that so many of these witnesses have cosigned."""
    if not 1 <= quorum <= len(witnesses):
        return None
    marks = ", ".join(["%s"] * len(witnesses))
    # The blank keeps the index by witness out of it: read in the order of heads, the first one
    # that has enough ends the search.
    sql = (
        "SELECT head FROM ledger_cosignature WHERE head > %s AND head <= %s"
        f" AND witness || '' IN ({marks}) GROUP BY head HAVING COUNT(*) >= %s"
        f" ORDER BY head {'DESC' if last else 'ASC'} LIMIT 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [first, end, *witnesses, quorum])
        row = cursor.fetchone()
    found = Checkpoint.objects.filter(size=row[0], note__isnull=False).first() if row else None
    return shown(found) if found else None
