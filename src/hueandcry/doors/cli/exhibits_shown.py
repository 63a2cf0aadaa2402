"""How exhibits are shown at the command line, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hueandcry.doors.cli import opening, showing

opening.prepare()

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import (
    Added,
    ExhibitView,
    HoldView,
    RestrictionView,
    State,
)
from hueandcry.core.custody import Linked, facts
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros


def added(made: Sequence[tuple[str, Added]], json: bool) -> None:
    """What files became: a line of JSON each, in the order given."""
    if json:
        showing.as_json_lines(_added_value(file, each) for file, each in made)
        return
    for file, each in made:
        view = each.exhibit
        showing.out.print(f"{view.number}  {view.size:,} bytes  {view.media_type}  {file}")
        showing.out.print(f"    id {view.id}   SHA-256 {view.sha256}")


def _added_value(file: str, made: Added) -> dict[str, Any]:
    view = made.exhibit
    return {
        "id": str(view.id),
        "number": view.number,
        "file": file,
        "sha256": view.sha256,
        "size": view.size,
        "media_type": view.media_type,
        "log_index": made.log_index,
    }


def listed(views: Iterable[ExhibitView], json: bool) -> None:
    """Exhibits in a table, or as one JSON list."""
    if json:
        showing.as_json([exhibit_value(view) for view in views])
        return
    rows = [
        (v.number, v.state, showing.time(v.added_at), f"{v.size:,}", v.media_type, v.name, v.id)
        for v in views
    ]
    showing.table(("number", "state", "added", "bytes", "type", "name", "id"), rows)


def changed(view: ExhibitView, json: bool) -> None:
    """An exhibit after an act."""
    if json:
        showing.as_json(exhibit_value(view))
    else:
        showing.out.print(f"{view.number}: {view.state}, {view.events} events")


def exhibit_value(view: ExhibitView) -> dict[str, Any]:
    """An exhibit as JSON says it."""
    return {
        "id": str(view.id),
        "number": view.number,
        "origin": view.origin,
        "state": view.state,
        "events": view.events,
        "added_at": time_text(view.added_at),
        "sha256": view.sha256,
        "size": view.size,
        "media_type": view.media_type,
        "name": view.name,
        "source": view.source,
        "collected_by": view.collected_by,
        "quarantined": view.quarantined,
        "parent": None if view.parent is None else str(view.parent),
        "holds": view.holds,
        "purge_after": time_text(view.purge_after),
    }


def one(view: ExhibitView, at: Micros, json: bool) -> None:
    """One exhibit whole: what it is, its custody, what stands on it."""
    custody = evidence.events(view.id) if view.state != State.PURGED else []
    restrictions = evidence.restrictions(view.id, at)
    holds = evidence.holds(view.id)
    if json:
        showing.as_json(
            {
                **exhibit_value(view),
                "custody": [facts(each.event) for each in custody],
                "restrictions": [_restriction_value(each) for each in restrictions],
                "hold_list": [hold_value(each) for each in holds],
            }
        )
        return
    _for_people(view, custody, restrictions, holds)


def _for_people(
    view: ExhibitView,
    custody: Sequence[Linked],
    restrictions: Sequence[RestrictionView],
    holds: Sequence[HoldView],
) -> None:
    showing.out.print(f"{view.number}: {view.state}, {view.size:,} bytes, {view.media_type}")
    showing.out.print(f"SHA-256 {view.sha256}\nid {view.id}\n")
    for name, text in (("name", view.name), ("source", view.source), ("by", view.collected_by)):
        if text:
            showing.out.print(f"{name}: {text}", markup=False)
    events = [each.event for each in custody]
    showing.table(
        ("", "what", "at", "by", "authority", "reason"),
        [
            (e.n, e.action, showing.time(e.at), _who(e.actor), e.authority or "", e.reason)
            for e in events
        ],
    )
    for each in restrictions:
        showing.out.print(f"Restriction {each.number}: {each.terms.words}", markup=False)
    for held in holds:
        ended = "" if held.ended_at is None else f", ended {showing.time(held.ended_at)}"
        showing.out.print(
            f"Hold {held.number}: {held.authority}, review {showing.time(held.review_at)}{ended}",
            markup=False,
        )


def _who(actor: Any) -> str:
    return f"{actor.org[:8]} {actor.person or ''}".strip()


def _restriction_value(view: RestrictionView) -> dict[str, Any]:
    terms = view.terms
    return {
        "restriction": view.number,
        "kind": terms.kind,
        "words": terms.words,
        "authority": terms.authority,
        "to": list(terms.to),
        "purposes": list(terms.purposes),
        "until": None if terms.until is None else time_text(terms.until),
        "imposed_by": view.imposed_by,
        "at": time_text(view.at),
    }


def hold_value(view: HoldView) -> dict[str, Any]:
    """A legal hold as JSON says it."""
    return {
        "hold": view.number,
        "exhibit": str(view.exhibit),
        "number": view.exhibit_number,
        "authority": view.authority,
        "reason": view.reason,
        "at": time_text(view.at),
        "review_at": time_text(view.review_at),
        "ended_at": None if view.ended_at is None else time_text(view.ended_at),
    }
