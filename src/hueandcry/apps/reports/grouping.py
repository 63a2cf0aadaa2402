"""A flood of near-identical reports is one group, and one line of the queue.

Alike are words, or, where there are none, the picture that stands in their place.

A report only follows the first of its group where nobody would miss it: one that tells of money,
of danger, or of somebody who wants to be called stands in the queue by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.db.models import F

from hueandcry.apps.reports import likeness, queries, rules, sealed
from hueandcry.apps.reports.models import Band, Group, Report, Value
from hueandcry.apps.reports.rules import Consent, Flag, Origin, State
from hueandcry.core.errors import Conflict
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store import adding
from hueandcry.engine.store.dialect import dialect

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
    """64 bits that only this node knows: who could try them all out, against a copy of the
    sketches or by what a reporter is told, could write another text that counts as the same one.
    """
    return int.from_bytes(sealed.digest("sketch", b"")[:8], "big")


@cache
def _mask() -> bytes:
    """Secret, as the seed is, for pictures."""
    return sealed.digest("picture-sketch", b"")


def forget() -> None:
    """Empties the memory of the secrets: for tests that swap nodes under one process."""
    _seed.cache_clear()
    _mask.cache_clear()


@dataclass(slots=True)
class _Leader:
    """The report that stands for a group, with the values that are shown with it."""

    number: int
    is_open: bool
    keys: set[bytes]


class Placing:
    """Puts the reports of one batch into groups, in the caller's transaction."""

    def __init__(self, rows: Collection[Report], at: Micros) -> None:
        self._at = at
        self._leaders: dict[int, _Leader | None] = {}
        ids = [row.pk for row in rows]
        self._alone = {row.pk for row in rows if Flag(row.flags) & _ALONE}
        self._alone |= queries.with_losses(ids) | queries.agreeing(ids, Consent.CONTACT)
        self._sharing = queries.agreeing(ids, Consent.SIGNALS)

    def place(self, row: Report, text: str, values: Collection[Value]) -> Placed:
        """Puts a report with the values that were found in it into its group, or begins one."""
        sketch = likeness.sketch(text, _seed())
        if not sketch:
            return Placed(None, 1, None)
        keys = likeness.bands(sketch)
        return self._placed(row, values, sketch, keys, keys)

    def place_picture(self, row: Report, pdq: bytes, values: Collection[Value]) -> Placed:
        """The same for a report without words, by its picture (PDQ, 32 bytes)."""
        sketch = likeness.picture_sketch(pdq, _mask())
        keys, asked = likeness.picture_keys(sketch), likeness.near_keys(sketch)
        return self._placed(row, values, sketch, keys, asked)

    def _placed(
        self,
        row: Report,
        values: Collection[Value],
        sketch: bytes,
        keys: list[bytes],
        asked: list[bytes],
    ) -> Placed:
        """`keys` are kept of a group that begins, `asked` are looked for."""
        found = _alike(sketch, asked, self._at)
        if found is None:
            group = _begun(sketch, keys, row.at)
            self._leaders[group.pk] = _Leader(row.pk, True, {value.key for value in values})
            return Placed(group, 1, None)
        last_at = max(self._at, found.last_at)
        Group.objects.filter(pk=found.pk).update(size=F("size") + 1, last_at=last_at)
        follows = None if row.pk in self._alone else self._followed(found, row, values)
        return Placed(found, found.size + 1, follows)

    def _followed(self, group: Group, row: Report, values: Collection[Value]) -> int | None:
        """The leader, whose values grow by what is new while it is open; None: the row has none.

        Only what may be shared is shown with another report: there it could become a claim.
        """
        if group.pk not in self._leaders:
            self._leaders[group.pk] = _leader(group, row)
        leader = self._leaders[group.pk]
        if leader is None:
            return None
        fresh = [value for value in values if value.key not in leader.keys]
        if fresh and not leader.is_open:
            return None  # it says something that nobody decided about
        if row.pk in self._sharing:
            leader.keys |= _add(leader.number, leader.keys, fresh)
        return leader.number


def _alike(sketch: bytes, keys: list[bytes], at: Micros) -> Group | None:
    sql = (
        f"SELECT id, sketch FROM reports_group WHERE last_at > {at - QUIET} AND id IN"
        " (SELECT group_id FROM reports_band WHERE key {values})"
    )
    near = dialect().select_in(sql, keys, "bytea")
    scored = ((likeness.alike(sketch, bytes(held)), -number) for number, held in near)
    best, number = max(scored, default=(0.0, 0))
    return Group.objects.get(pk=-number) if best > 0 else None


def _begun(sketch: bytes, keys: list[bytes], at: Micros) -> Group:
    group = Group(sketch=sketch, first_at=at, last_at=at)
    adding.add([group])
    rows = [(key, group.pk) for key in dict.fromkeys(keys)]
    dialect().insert(Band, ("key", "group_id"), rows, "")
    return group


def _leader(group: Group, row: Report) -> _Leader | None:
    first = (
        Report.objects.filter(group=group, follows=None, purged_at=None)
        .exclude(state__in=(State.WITHDRAWN, State.MERGED))
        .exclude(pk=row.pk)
        .order_by("pk")
        .first()
    )
    if first is None:
        return None
    held = Value.objects.filter(report=first).values_list("key", flat=True)
    keys = {bytes(key) for key in held}
    return _Leader(first.pk, first.state in (State.WAITING, State.ASKED), keys)


def _add(number: int, held: Collection[bytes], values: Iterable[Value]) -> set[bytes]:
    """Shows values of other reports with this one, as they were ticked there; their keys."""
    fresh = {value.key: value for value in values if value.key not in held}
    kept = list(fresh.values())[: max(0, rules.MAX_VALUES - len(held))]
    if kept:
        adding.add([_shown_with(number, value) for value in kept])
    return {value.key for value in kept}


def _shown_with(number: int, value: Value) -> Value:
    return Value(
        report_id=number,
        kind=value.kind,
        key=value.key,
        sealed=value.sealed,
        origin=Origin.ALIKE,
        confidence=value.confidence,
        role=value.role,
        ticked=value.ticked,
    )


def succeed(row: Report) -> None:
    """Puts a report into the place of the one that it followed, in the caller's transaction.

    The others that followed that one follow this one from now on, and what they name is shown
    with it. Raises Conflict when somebody did so before.
    """
    gone = row.follows_id
    known = Report.objects.filter(pk=row.pk, follows=gone, state=row.state, version=row.version)
    if known.update(follows=None) != 1:
        raise Conflict("report_changed", f"Report {row.pk} was changed just now", do="Look again")
    row.follows = None
    Report.objects.filter(follows=gone).update(follows=row)
    held = Value.objects.filter(report=row).values_list("key", flat=True)
    _add(row.pk, {bytes(key) for key in held}, queries.values_of_followers(row))


def take_back(leader: Report) -> bool:
    """Removes what is shown with a report of those alike, and nobody agrees to share any more.

    In the caller's transaction. What is a claim already stays, and is told by True: people decide.
    """
    shared = queries.values_of_followers(leader).values("key")
    shown = Value.objects.filter(report=leader, origin=Origin.ALIKE).exclude(key__in=shared)
    shown.filter(claim=None, loss=None).delete()
    return shown.filter(claim__isnull=False).exists()


def forget_picture(row: Report) -> None:
    """Forgets the picture by which a report has its group: nothing is compared with it any more."""
    if row.group is not None and len(row.group.sketch) == likeness.PICTURE:
        Band.objects.filter(group=row.group).delete()
        Group.objects.filter(pk=row.group.pk).update(sketch=b"")


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
