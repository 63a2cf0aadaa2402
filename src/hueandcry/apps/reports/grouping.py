"""A flood of near-identical reports is one group, and one line of the queue.

A report only follows the first of its group where nobody would miss it: one that tells of money,
of danger, or of somebody who wants to be called stands in the queue by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.db.models import F

from hueandcry.apps.reports import likeness, rules, sealed
from hueandcry.apps.reports.models import Band, Consent, Group, Loss, Report, Value
from hueandcry.apps.reports.rules import Flag, Origin, State
from hueandcry.core.types import DAY, Micros, Signal
from hueandcry.engine.purge import face as purge

#: A group takes no more reports when none came for so long.
QUIET: Final[Micros] = 30 * DAY

_ALONE: Final = ~Flag.CUT


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a report belongs; `follows` is the number of the one that stands for it."""

    group: Group | None
    size: int
    follows: int | None


@cache
def _seed() -> int:
    """Secret, so that nobody who holds a copy of the sketches can try texts against them."""
    return int.from_bytes(sealed.digest("sketch", b"")[:4], "big")


def forget() -> None:
    """Empties the memory of the seed: for tests that swap nodes under one process."""
    _seed.cache_clear()


def place(row: Report, text: str, values: Collection[Signal], at: Micros) -> Placed:
    """Puts a report into the group of its like, or begins one, in the caller's transaction."""
    sketch = likeness.sketch(text, _seed())
    if not sketch:
        return Placed(None, 1, None)
    keys = likeness.bands(sketch)
    found = _alike(sketch, keys, at)
    if found is None:
        return Placed(_begun(sketch, keys, row.at), 1, None)
    Group.objects.filter(pk=found.pk).update(size=F("size") + 1, last_at=max(at, found.last_at))
    follows = _leader(found, row, values) if _may_follow(row) else None
    return Placed(found, found.size + 1, follows)


def _alike(sketch: bytes, keys: list[bytes], at: Micros) -> Group | None:
    groups = Group.objects.filter(bands__key__in=keys, last_at__gt=at - QUIET).distinct()
    scored = [(likeness.overlap(sketch, group.sketch), -group.pk, group) for group in groups]
    best = max(scored, default=None, key=lambda each: each[:2])
    return best[2] if best is not None and best[0] >= likeness.ALIKE else None


def _begun(sketch: bytes, keys: list[bytes], at: Micros) -> Group:
    group = Group.objects.create(sketch=sketch, first_at=at, last_at=at)
    Band.objects.bulk_create(Band(key=key, group=group) for key in dict.fromkeys(keys))
    return group


def _may_follow(row: Report) -> bool:
    return not (
        Flag(row.flags) & _ALONE
        or Loss.objects.filter(report=row).exists()
        or Consent.objects.filter(report=row, purpose=rules.Consent.CONTACT).exists()
    )


def _leader(group: Group, row: Report, values: Collection[Signal]) -> int | None:
    """The report that stands for the group; its values grow by what is new while it is open."""
    first = (
        Report.objects.filter(group=group, follows=None)
        .exclude(state__in=(State.WITHDRAWN, State.MERGED))
        .exclude(pk=row.pk)
        .order_by("pk")
        .first()
    )
    if first is None:
        return None
    held = set(Value.objects.filter(report=first).values_list("key", flat=True))
    fresh = [signal for signal in values if sealed.key_of(signal) not in held]
    if fresh and first.state not in (State.WAITING, State.ASKED):
        return None  # it says something that nobody decided about
    _add(first, fresh[: max(0, rules.MAX_VALUES - len(held))])
    number: int = first.pk
    return number


def _add(row: Report, values: Collection[Signal]) -> None:
    Value.objects.bulk_create(
        Value(
            report=row,
            kind=signal.kind.value,
            key=sealed.key_of(signal),
            sealed=sealed.seal(signal.value),
            origin=Origin.ALIKE,
        )
        for signal in values
    )


def count_quiet(at: Micros) -> int:
    """How many groups will take no more reports, and still could be compared with."""
    return Group.objects.filter(last_at__lte=at - QUIET).exclude(sketch=b"").count()


def forget_quiet(at: Micros, limit: int) -> int:
    """Deletes the sketches of groups that take no more reports, in the caller's transaction."""
    quiet = Group.objects.filter(last_at__lte=at - QUIET).exclude(sketch=b"").order_by("pk")
    ids = list(quiet.values_list("pk", flat=True)[:limit])
    Band.objects.filter(group__in=ids).delete()
    return Group.objects.filter(pk__in=ids).update(sketch=b"")


purge.register(
    purge.Sort("report-sketches", count_quiet, forget_quiet, ("reports_group", "reports_band"))
)
