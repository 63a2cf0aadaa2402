"""How long things took from one hop to another: time to protection and its like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from hueandcry.core.types import Fingerprint, Micros
from hueandcry.engine.store.dialect import dialect
from hueandcry.engine.timeline.face import HopView


class Span(NamedTuple):
    """From the first hop to the second, at one node."""

    root: bytes
    node: Fingerprint  #: where the second hop was
    begin: Micros
    end: Micros


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it took, over `count` things; microseconds."""

    count: int
    median: Micros
    p90: Micros
    p99: Micros
    longest: Micros


def spans(begin: str, end: str, origin: Fingerprint, *, window: int = 5_000) -> list[Span]:
    """Spans from a hop at `origin` to a later one anywhere, among the `window` newest hops.

    Newest first. A clock that is behind may make one negative: it is kept as it is.
    """
    sql = (
        "SELECT later.root, later.node, first.at, later.at FROM "
        "(SELECT id, root, name, node, at FROM timeline_hop ORDER BY id DESC LIMIT %s) later "
        "JOIN timeline_hop first ON first.root = later.root AND first.name = %s "
        "AND first.node = %s WHERE later.name = %s AND later.node <> %s ORDER BY later.id DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [window, begin, origin, end, origin])
        return [Span(bytes(root), node, a, b) for root, node, a, b in cursor.fetchall()]


def pace(took: Iterable[Micros]) -> Pace | None:
    """The figures of several durations (nearest rank); None of none."""
    ordered = sorted(took)
    if not ordered:
        return None
    median, p90, p99 = (_rank(ordered, share) for share in (50, 90, 99))
    return Pace(len(ordered), median, p90, p99, ordered[-1])


def _rank(ordered: Sequence[Micros], percent: int) -> Micros:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def hops_of(roots: Sequence[bytes]) -> dict[bytes, list[HopView]]:
    """Root → its hops, earliest first, of several things in one statement."""
    sql = "SELECT root, name, node, at, source, id FROM timeline_hop WHERE root {values}"
    rows = sorted(dialect().select_in(sql, list(roots), "bytea"), key=lambda row: (row[3], row[5]))
    found: dict[bytes, list[HopView]] = {}
    for root, name, node, at, source, _ in rows:
        found.setdefault(bytes(root), []).append(HopView(name, node, at, source))
    return found
