"""Holds on data: what a preservation asks for is kept until its end, or until people end it.

A hold has a machine of its own beside that of its request, on both sides. It outlives the request.
When assistance is asked for in time, it is kept until that is decided (Hanoi 42, Budapest 29(7)).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import facts, keeping, moving, queries, rules, telling, timing
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.wire import HOLD_STEP, Asked, Said, Stepped
from hueandcry.apps.peers import face as peers
from hueandcry.core.clocks import late
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.law import LAW
from hueandcry.core.machine import HOLD, REQUEST, Facts, Side, step
from hueandcry.core.machine.guards import WARNING
from hueandcry.core.types import Micros

_HOLD: Final = "hold"
_ASSISTANCE: Final = "assistance_asked"
#: Acts that name an end.
_ENDS: Final = frozenset({_HOLD, "extend", "keep_longer"})


def act(row: Request, done: Act) -> None:
    """One act upon a hold by one of our people, who may do it; the other side is told.

    Where the request goes on paper, `done` names the letter that tells them, if there is one.
    """
    if done.event == _HOLD:
        done = replace(done, said=replace(done.said, items=keeping.matching_now(row)))
    _check(row, done.event, done.said)
    warned = timing.warned_at(row)
    known = _facts(row, done.event, done.said, done.side, done.at, str(done.person), warned)
    _tell(row, done, step(HOLD, row.hold, done.event, known).state)


def take(row: Request, said: Stepped, side: Side, dated: Micros, done: Act) -> None:
    """One act of the other side upon a hold; its signature vouches for its roles and warnings."""
    _check(row, said.event, said.said)
    moved = rules.holds_in(row.hold, said.event, said.source)
    # Its clock may be ahead of ours by so much, and a hold is lapsed right after its end.
    now = dated + peers.AHEAD if said.event == "lapse" else dated
    known = _facts(row, said.event, said.said, side, now, said.by, now - WARNING)
    reached = step(HOLD, moved, said.event, known)
    moving.move_hold(row, done, moved, reached.state)


def assistance_came(asked: Asked, peer: str, at: Micros, *, outside: bool = False) -> None:
    """Keeps what is held for a request for assistance that names it, if that came in time.

    Where one of the two came by wire and the other on paper, the other node would not know what is
    linked: people see to it.
    """
    named = asked.given.get("hold_ref")
    if LAW.types[asked.type].group != "mla" or not isinstance(named, str):
        return
    row = _held(named, peer)
    if row is None or row.outside != outside:
        return
    if row.hold_until is None or late(row.hold_until, at):
        return  # people see by the reference what it is about
    said = Said(linked=str(asked.request))
    known = _facts(row, _ASSISTANCE, said, Side.REQUESTED, at, "", None)
    reached = step(HOLD, row.hold, _ASSISTANCE, known)
    at = queries.not_before(row, at)
    _tell(row, Act(_ASSISTANCE, Side.REQUESTED, at, said, machine=HOLD), reached.state)


def _held(named: str, peer: str) -> Request | None:
    try:
        row = queries.holding(UUID(named), peer)
    except ValueError:
        return None  # a reference of another form
    return row if row is not None and row.side == Side.REQUESTED else None


def _check(row: Request, event: str, said: Said) -> None:
    if not row.hold:
        raise Conflict("no_hold", f"{row.type} has no hold of its own")
    if event == _HOLD and row.state in REQUEST.final:
        raise Conflict("moved_on", f"The request is {row.state}: nothing is held for it")
    if said.given:
        raise Conflict("given", f"{event} changes no fields")
    if (said.until is not None) != (event in _ENDS):
        raise Malformed("until", f"{event} names until when data are held, if it says how long")
    if said.items is not None and event != _HOLD:
        raise Malformed("items", f"{event} does not say how much is kept")
    if bool(said.linked) != (event == _ASSISTANCE):
        raise Malformed("linked", f"{_ASSISTANCE} names the request for assistance, and no other")


def _facts(
    row: Request,
    event: str,
    said: Said,
    side: Side,
    now: Micros,
    person: str,
    warned: Micros | None,
) -> Facts:
    more: dict[str, Any] = {}
    linked = _linked(row, said)
    if linked is not None:
        granted = linked.state in rules.GRANTED
        more = {"granted": granted, "decided": granted or linked.state in REQUEST.final}
    return facts.of(
        row,
        event,
        said,
        side=side,
        now=now,
        person=person,
        expires=row.hold_until,
        new_expires=said.until,
        least_until=timing.least_until(row, now),
        warned_at=warned,
        **more,
    )


def _linked(row: Request, said: Said) -> Request | None:
    """The request for assistance that a hold waits for; NotFound where there is none of the two."""
    if said.linked:
        return queries.with_peer(UUID(said.linked), row.peer.hex())
    if row.hold_linked is not None:
        return queries.with_peer(UUID(bytes=row.hold_linked), row.peer.hex())
    return None


def _tell(row: Request, done: Act, target: str) -> None:
    """Moves a hold on by an act of ours, and tells the other side where no letter does."""
    if row.outside:
        return moving.move_hold(row, done, row.hold, target)
    stepped = Stepped(UUID(bytes=row.uuid), done.event, row.hold, done.by, done.said)
    raw = telling.written(row, HOLD_STEP, stepped.body(), done.at)
    moving.move_hold(row, replace(done, document=telling.digest(raw)), row.hold, target)
    telling.send(row, raw, done.at)
