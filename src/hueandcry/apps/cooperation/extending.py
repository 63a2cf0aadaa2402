"""Extensions of a preservation: asked for before its end, and counted from that end.

The hold is that of another request between the same two, which `hold_ref` names. One that is kept
outside of this software is named in any other form: then people see to it.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from hueandcry.apps.cooperation import holding, queries, rules, sealed, timing
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.evidence import face as evidence
from hueandcry.core import clocks
from hueandcry.core.clocks import Span, Unit, late
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.law import LAW, cited
from hueandcry.core.machine import HOLD, Side
from hueandcry.core.types import Micros


def check(row: Request, asked: Micros) -> None:
    """Raises Conflict, with its article, where the hold that it names is not in effect any more.

    `asked` is when the extension reached the other side, or would.
    """
    held = _named(row)
    if held is None:
        return
    ended = held.hold_until is not None and late(held.hold_until, asked)
    if held.hold in HOLD.final or (ended and held.hold != timing.PENDING):
        raise Conflict(
            "expired",
            "The hold had ended before its extension was asked for",
            why=f"An extension is asked for before expiry ({_article(row)})",
            do="Ask for preservation anew, at once; the data may still be there",
        )
    if held.hold == HOLD.start:
        raise Conflict("not_held", "The preservation that it names is not in effect yet")


def accepted(row: Request, person: int | None, at: Micros) -> None:
    """Moves the end of the hold that an accepted extension names; the other side is told of both.

    `person` is who of ours decided. While assistance is pending there is no end to move.
    """
    held = _named(row)
    if held is None or held.hold_until is None or held.hold == timing.PENDING:
        return
    days = Span(max(1, sealed.opened(row.given)["days"]), Unit.DAY)
    at = queries.not_before(held, at)
    until = clocks.renewed(held.hold_until, row.made_at, days, timing.place(held))
    event = "keep_longer" if late(held.hold_until, at) else "extend"
    by = "" if person is None else evidence.pseudonym(person)
    done = Act(event, Side(held.side), at, Said(until=until), by, person, machine=HOLD)
    holding.act(held, done)


def conditions_taken(row: Request, at: Micros) -> None:
    """As `accepted`, once the other side agreed to the conditions of one of our people."""
    offered = queries.last(row, "offer_conditions")
    if offered is not None and row.side == Side.REQUESTED:
        with suppress(Conflict):  # too late by now: people see it, and keep it longer if they want
            accepted(row, offered.person_id, at)


def doubt(row: Request) -> str:
    """Why an extension that came cannot be accepted; empty where it can."""
    try:
        check(row, row.made_at)
    except Conflict as wrong:
        return str(wrong)
    return ""


def _named(row: Request) -> Request | None:
    """The preservation that an extension is about; None where it is none of this node."""
    if not rules.extends_a_hold(LAW.types[row.type]):
        return None
    try:
        named = UUID(sealed.opened(row.given).get("hold_ref", ""))
        held = queries.with_peer(named, row.peer.hex())
    except (ValueError, NotFound):
        return None
    return held if held.hold and held.side == row.side else None


def _article(row: Request) -> str:
    """What an extension stands on, under the basis of this one."""
    return cited(LAW, LAW.instruments[row.instrument].serves[row.type][0])
