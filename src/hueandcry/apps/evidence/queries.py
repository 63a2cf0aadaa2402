"""Every query of evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from hueandcry.apps.evidence import rules, sealed
from hueandcry.apps.evidence.models import (
    CustodyEvent,
    EarlierLine,
    Exhibit,
    Hold,
    Numbering,
    Restriction,
)
from hueandcry.apps.evidence.rules import Limit, RestrictionView, State, Terms
from hueandcry.apps.evidence.views import ExhibitView, HandoverView, HoldView
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import Micros, Purpose
from hueandcry.engine.store.dialect import dialect


def find(reference: str) -> Exhibit:
    """The exhibit of this id or number; raises NotFound, or Conflict where two have that number."""
    identifier = rules.parse_id(reference)
    if identifier is not None:
        return by_id(identifier)
    rows = list(Exhibit.objects.filter(number=reference.strip().upper())[:2])
    if len(rows) > 1:
        raise Conflict(
            "exhibit_number",
            f"Several members gave the number {reference[:64]}",
            do="Name the exhibit by its id: `hueandcry evidence list`",
        )
    return rows[0] if rows else _no_exhibit(reference)


def by_id(identifier: UUID) -> Exhibit:
    """The exhibit of this id; raises NotFound."""
    return Exhibit.objects.filter(uuid=identifier.bytes).first() or _no_exhibit(str(identifier))


def _no_exhibit(reference: str) -> Any:
    raise NotFound(
        "exhibit", f"There is no exhibit {reference[:64]!r}", do="See `hueandcry evidence list`"
    )


def is_held(identifier: UUID) -> bool:
    """Whether an exhibit of this id is or ever was here."""
    return Exhibit.objects.filter(uuid=identifier.bytes).exists()


def listed(
    states: Sequence[State], before: int | None, limit: int, search: str = ""
) -> list[tuple[int, ExhibitView]]:
    """(row number, exhibit), the newest first, from below the row number `before`."""
    rows = Exhibit.objects.filter(state__in=states).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if search:
        by_digest = Q(sha256=bytes.fromhex(search)) if rules.is_digest(search) else Q()
        rows = rows.filter(by_digest or Q(number__startswith=search.upper()))
    return [(row.pk, view(row)) for row in rows.select_related("parent")[:limit]]


def view(row: Exhibit) -> ExhibitView:
    """What others see of a row."""
    return ExhibitView(
        id=UUID(bytes=row.uuid),
        number=row.number,
        origin=row.origin.hex(),
        state=State(row.state),
        events=row.events,
        added_at=row.added_at,
        sha256=row.sha256.hex(),
        size=row.size,
        media_type=row.media_type,
        name=sealed.opened(row.name),
        source=sealed.opened(row.source),
        collected_by=sealed.opened(row.collector),
        quarantined=row.quarantined,
        parent=None if row.parent is None else UUID(bytes=row.parent.uuid),
        holds=row.holds,
        purge_after=row.purge_after,
    )


def next_number(year: int) -> int:
    """The next number of a year; others wait for this transaction, so that none is given twice."""
    dialect().insert(Numbering, ("year", "last"), [(year, 0)], "ON CONFLICT DO NOTHING")
    Numbering.objects.filter(year=year).update(last=F("last") + 1)
    return Numbering.objects.get(year=year).last


def number_taken(origin: bytes, number: str) -> bool:
    """Whether this member gave the number already."""
    return Exhibit.objects.filter(origin=origin, number=number).exists()


# --- custody --------------------------------------------------------------------------------------


def custody(row: Exhibit) -> QuerySet[CustodyEvent]:
    """Our events, in order."""
    return CustodyEvent.objects.filter(exhibit=row).order_by("n")


def earlier(row: Exhibit) -> QuerySet[EarlierLine]:
    """The events of earlier holders, in order."""
    return EarlierLine.objects.filter(exhibit=row).order_by("n")


def handovers(row: Exhibit) -> list[HandoverView]:
    """What was handed over of an exhibit, in order."""
    rows = CustodyEvent.objects.filter(exhibit=row, action="transferred").order_by("n")
    return [
        HandoverView(
            exhibit=UUID(bytes=row.uuid),
            event=UUID(bytes=each.event),
            to=each.counterpart.hex() if each.counterpart else "",
            package=UUID(bytes=each.package) if each.package else None,
            at=each.at,
            answered=each.answer is not None,
        )
        for each in rows
    ]


# --- restrictions and holds -----------------------------------------------------------------------


def line_of_descent(row: Exhibit) -> Iterator[Exhibit]:
    """The exhibit, what it was made of, and so on."""
    current: Exhibit | None = row
    while current is not None:
        yield current
        current = current.parent


def restrictions(row: Exhibit, at: Micros) -> list[RestrictionView]:
    """What stands on these bytes, or on those that they were made of."""
    digests = [each.sha256 for each in line_of_descent(row)]
    standing = Restriction.objects.filter(sha256__in=digests, ended_at=None)
    rows = standing.filter(Q(until=None) | Q(until__gt=at)).order_by("pk")
    return [restriction_view(each) for each in rows]


def restriction_view(row: Restriction) -> RestrictionView:
    terms = Terms(
        Limit(row.kind),
        row.words,
        row.authority,
        tuple(row.to),
        tuple(Purpose(each) for each in row.purposes),
        row.until,
    )
    return RestrictionView(row.pk, row.sha256.hex(), terms, row.imposed_by.hex(), row.at)


def holds(row: Exhibit | None, *, standing: bool = False) -> list[HoldView]:
    """Legal holds, the one whose review comes first in front."""
    rows = Hold.objects.select_related("exhibit").order_by("review_at", "pk")
    if row is not None:
        rows = rows.filter(exhibit=row)
    if standing:
        rows = rows.filter(ended_at=None)
    return [
        HoldView(
            each.pk,
            UUID(bytes=each.exhibit.uuid),
            each.exhibit.number,
            each.authority,
            each.reason,
            each.at,
            each.review_at,
            each.ended_at,
        )
        for each in rows
    ]
