"""Which of our heads others have cosigned, and what a reader is shown of it.

Who our witnesses are is not for the ledger to know: callers name them, and say how many are a
quorum.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet

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
    ours = Checkpoint.objects.filter(epoch=epoch).values("size")
    end = Cosignature.objects.filter(witness=witness, head__in=ours).aggregate(e=Max("head"))["e"]
    return 0 if end is None else int(end) - span.first


def covering(index: int, witnesses: Collection[str], quorum: int) -> SignedHead | None:
    """The earliest head over the entry at position `index` that a quorum has cosigned."""
    over = next((each for each in reversed(queries.spans()) if each.holds(index)), None)
    if over is None or quorum < 1:
        return None
    return _first(Checkpoint.objects.filter(epoch=over.number, size__gt=index), witnesses, quorum)


def newest_with(
    witnesses: Collection[str], quorum: int, number: int | None = None
) -> SignedHead | None:
    """The newest head, of one epoch or of all, that a quorum has cosigned."""
    if quorum < 1:
        return None
    rows = Checkpoint.objects.all() if number is None else Checkpoint.objects.filter(epoch=number)
    return _first(rows, witnesses, quorum, last=True)


def _first(
    heads: QuerySet[Checkpoint], witnesses: Collection[str], quorum: int, last: bool = False
) -> SignedHead | None:
    given = Cosignature.objects.filter(witness__in=witnesses, head__in=heads.values("size"))
    enough = given.values("head").annotate(n=Count("id")).filter(n__gte=quorum)
    found = enough.order_by("-head" if last else "head").first()
    row = (
        Checkpoint.objects.filter(size=found["head"], note__isnull=False).first() if found else None
    )
    return shown(row) if row else None


def counts(ends: Collection[int]) -> dict[int, int]:
    """Position where a head ends → how many have cosigned it; heads without any are left out."""
    rows = Cosignature.objects.filter(head__in=ends).values_list("head")
    return dict(rows.annotate(Count("id")))


def last_by(witness: str) -> Cosignature | None:
    """The newest of our heads that a witness has cosigned."""
    return Cosignature.objects.filter(witness=witness).order_by("-head").first()
