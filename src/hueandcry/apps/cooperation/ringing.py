"""What rang and what came, for whoever calls people: types, numbers and deadlines, no content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hueandcry.apps.cooperation import queries, rules, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.core.machine import Side
from hueandcry.core.types import Micros

_URGENT: Final = frozenset({"urgent", "emergency"})


@dataclass(frozen=True, slots=True)
class Rang:
    """A clock that rang, on whichever side of the request we are."""

    number: int  #: of the alarm: grows with the commits
    request: int
    type: str
    rule: str
    due: Micros | None  #: when its clock ends, as that stands now
    overdue: bool
    escalates_to: str
    waits: bool  #: what the clock waits for was not done


@dataclass(frozen=True, slots=True)
class Came:
    """A request that came in."""

    request: int
    type: str
    due: Micros | None  #: its next deadline
    urgent: bool  #: it says so of itself
    waits: bool  #: nobody has opened it


def rang(after: int, limit: int) -> list[Rang]:
    """What rang after the alarm of a number, in order."""
    return [
        Rang(
            row.pk,
            row.clock.request_id,
            row.clock.request.type,
            row.clock.rule,
            row.clock.due,
            row.overdue,
            row.escalates_to,
            row.clock.ended_at is None,
        )
        for row in queries.rang(after, limit)
    ]


def came(after: int, limit: int) -> tuple[int, list[Came]]:
    """(position, what came in from there on): the requests to us among the next acts, in order.

    The position is of the ledger, whose entries come in the order of commits; ask on from it.
    """
    acts = queries.acts_after(after, limit)
    rows = [each.request for each in acts if _is_delivery(each)]
    dues = _dues(rows)
    found = [
        Came(
            row.pk,
            row.type,
            dues.get(row.pk),
            sealed.opened(row.given).get("urgency") in _URGENT,
            row.state == "DELIVERED",
        )
        for row in rows
    ]
    return (acts[-1].log_index or after) if acts else after, found


def _is_delivery(act: Transition) -> bool:
    return act.event in rules.DELIVERING and act.request.side == Side.REQUESTED


def _dues(rows: list[Request]) -> dict[int, Micros]:
    """Request → the end of its first running clock."""
    found: dict[int, Micros] = {}
    for clock in queries.clocks(rows):
        if clock.ended_at is None and clock.due is not None:
            found[clock.request_id] = min(clock.due, found.get(clock.request_id, clock.due))
    return found
