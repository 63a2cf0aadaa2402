"""One act upon a request: a conditional update, its clocks, and one entry in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import (
    keeping,
    queries,
    results,
    rules,
    sealed,
    shielding,
    timing,
)
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core.errors import Conflict
from hueandcry.core.law import LAW
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Machine, Side
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.engine.ledger import face as ledger

_RESULTS: Final = frozenset({"deliver_part", "send_result"})


NOTHING: Final = Said()


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what to a request, whichever of the two sides it was."""

    event: str
    side: Side
    at: Micros
    said: Said = NOTHING
    by: str = ""  #: pseudonym
    person: int | None = None  #: one of our own
    document: bytes | None = None  #: digest of what tells of it
    machine: Machine = REQUEST


def begin(row: Request, act: Act, source: str) -> None:
    """Stores a new request with the act that brought it here, in the caller's transaction."""
    row.coerced = shielding.noted(sealed.opened(row.given))
    row.save()
    timing.follow(row, act.event, act.at)
    _log(row, act, source, row.state)
    keeping.note(row)


def move(row: Request, act: Act, moved: str, target: str, **more: Any) -> None:
    """Moves a request on from `moved` to `target`; Conflict where somebody else just did."""
    state, before = rules.settled(row.state, row.before, moved, target)
    stands = {"state": state, "before": before, "moved_at": act.at}
    _change(row, {**stands, **_effects(row, act), **more})
    _log(row, act, moved, target)
    timing.follow(row, act.event, act.at)
    if act.event in _RESULTS and row.side == Side.REQUESTING:
        results.note(row, act.said.package)
    if row.state in REQUEST.final:
        keeping.note(row)


def move_hold(row: Request, act: Act, moved: str, target: str) -> None:
    """Moves the hold of a request on; Conflict where somebody else just moved either."""
    until = row.hold_until if act.said.until is None else act.said.until
    linked = UUID(act.said.linked).bytes if act.said.linked else row.hold_linked
    _change(row, {"hold": target, "hold_until": until, "hold_linked": linked})
    _log(row, act, moved, target)
    timing.follow_hold(row, act.event, act.at)
    keeping.note(row)


def move_money(row: Request, act: Act, moved: str, target: str, **stands: Any) -> None:
    """Moves the money of a request on; Conflict where somebody else just moved any of it."""
    _change(row, stands)
    _log(row, act, moved, target)
    timing.follow_money(row, act.event, act.at)


def _change(row: Request, changed: dict[str, Any]) -> None:
    """Only a row of the same version is changed, so of two desks one has done nothing.

    The ledger is held first: whoever takes in a document holds it already, and would wait for us.
    """
    if ledger.known(lambda: queries.other_version(row)) is not None:
        raise moved_on(row)
    changed = {**changed, "version": row.version + 1}
    if Request.objects.filter(pk=row.pk, version=row.version).update(**changed) != 1:
        raise moved_on(row)
    for name, value in changed.items():
        setattr(row, name, value)


def moved_on(row: Request) -> Conflict:
    """Somebody else was quicker."""
    now = queries.request(UUID(bytes=row.uuid)).state
    return Conflict(
        "moved_on",
        f"The request is {now} by now",
        why="Somebody else moved it on while you looked at it",
        do="Look at it again",
    )


def _effects(row: Request, act: Act) -> dict[str, Any]:
    """What an act leaves on the request beside its state, the same on both sides."""
    changed: dict[str, Any] = {}
    if act.said.given:
        given = rules.merged(sealed.opened(row.given), act.said.given, act.event)
        # A draft is written anew; what came may be closed by now, so that what was noted stays.
        noted = shielding.noted(given, "" if act.event == "revise" else row.coerced)
        changed = {"given": sealed.seal(given), "coerced": noted}
    if act.event in rules.LEAVING and rules.is_about_money(LAW.types[row.type]):
        changed["money"] = MONEY.start
    if act.event in rules.DELIVERING and rules.asks_for_a_hold(LAW.types[row.type]):
        return {"hold": HOLD.start}
    if act.event == "revise":
        return {**changed, "maker_id": None, "signers": []}
    if act.event == "consult":
        return {"answer_by": act.said.answer_by, "answered": False}
    if act.event == "answer_consultation":
        return {"answered": True}
    if act.event in _RESULTS:
        return {"package": act.said.package}
    if act.event in ("sign", "send_on_duty"):
        return {**changed, "maker_id": act.person, "signers": [act.by]}
    if act.event in ("approve", "approve_outside", "countersign"):
        return {**changed, "signers": [*row.signers, act.by]}
    return changed


def _log(row: Request, act: Act, source: str, target: str) -> None:
    made = Transition(
        request=row,
        n=row.version,
        machine=act.machine.name,
        event=act.event,
        source=source,
        target=target,
        side=act.side,
        person_id=act.person,
        at=act.at,
        said=sealed.seal(act.said.value()),
        document=act.document,
    )
    ledger.append(
        "request.step",
        made,
        at=time_text(act.at),
        document=act.document.hex() if act.document else None,
        event=act.event,
        machine=act.machine.name,
        n=row.version,
        request=str(UUID(bytes=row.uuid)),
        side=act.side.value,
        source=source,
        target=target,
    )
