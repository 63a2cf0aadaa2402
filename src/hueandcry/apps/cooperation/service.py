"""What our people do with requests: write, sign, send; open, decide, carry out.

Every use case moves the row, writes its entry into the ledger and puts the document on its way in
the caller's transaction, or raises and changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import (
    authorities,
    checking,
    facts,
    granting,
    holding,
    hops,
    leaving,
    money,
    moving,
    outside,
    queries,
    results,
    rules,
    sealed,
    telling,
    timing,
)
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.outside import Letter
from hueandcry.apps.cooperation.rules import Doing
from hueandcry.apps.cooperation.wire import ASKED, STEP, Asked, Said, Stepped
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.ids import uuid7
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Facts, Side, step
from hueandcry.core.types import Actor, Fingerprint, Micros

#: Acts before which all that is asked of a request is checked: it is signed, or it leaves.
_CHECKED: Final = rules.BY_WIRE | {"sign"}
_DRAFTED: Final = "draft"


def draft(
    actor: Actor,
    type: str,
    to: Fingerprint,
    instrument: str,
    given: Mapping[str, Any],
    at: Micros,
    *,
    hop_of: UUID | None = None,
    report: int | None = None,
) -> UUID:
    """A new request to a peer or to an authority without a node, not yet signed; its id.

    `hop_of` is a request to us whose money went on: this one is for the account to which it went,
    and takes from there what it does not say itself. `report` is the number of ours from which it
    was written. It stays on this node; a type that is closed to others keeps none. What it lacks is
    asked for when it is signed. Raises what forbids it: the way between the two, the basis, a field
    of another form.
    """
    rules.check_may(actor, Doing.WRITE)
    rules.check_desk(type, actor)
    above = None if hop_of is None else hops.above(hop_of, type)
    if above is not None:
        given = {**above.given, **given}
    given = rules.stated(given)
    authorities.must_be(to)
    basis = checking.may_be_written(type, to, instrument, given, at)
    if not given:
        raise Malformed("empty", "Nothing is said yet", do="Fill in one field at least")
    identifier = uuid7(at, secrets.token_bytes(10))
    row = Request(
        uuid=identifier.bytes,
        type=type,
        side=Side.REQUESTING,
        peer=bytes.fromhex(to),
        state=rules.BEGINS[Side.REQUESTING],
        instrument=instrument,
        basis=basis,
        given=sealed.seal(given),
        zone=timing.our_zone(),
        made_at=at,
        moved_at=at,
        parent=above.parent if above else None,
        hop=above.act if above else None,
        report=None if type in rules.hidden_from(()) else report,
    )
    moving.begin(row, Act(_DRAFTED, Side.REQUESTING, at, person=actor.person), "")
    return identifier


def act(
    actor: Actor,
    identifier: UUID,
    event: str,
    said: Said,
    at: Micros,
    *,
    seen: int | None = None,
    letter: Letter | None = None,
) -> None:
    """One act by one of our people upon a request, its hold or its money; the other side is told.

    Where it goes on paper also an act of the other side, of which the `letter` tells. `seen` is
    the version that they looked at. Raises Conflict where it has moved on, NotPermitted or
    Malformed where role, second factor, form, basis or a guard of the machine stands against it.
    """
    row = queries.request(identifier)
    rules.check_desk(row.type, actor)
    if outside.concerns(row, event):
        _check_seen(row, seen)
        return outside.act(row, actor, event, said, at, letter)
    _check_goes(row, event, letter)
    side = Side(row.side)
    person = rules.check_may(actor, rules.doing(side, event, row.state))
    _check_seen(row, seen)
    machine = rules.machine_of(event, row.money)
    done = Act(event, side, at, said, evidence.pseudonym(person), person, machine=machine)
    if machine is MONEY:
        return money.act(row, done)
    if machine is HOLD:
        return holding.act(row, done)
    changed = _check(row, event, said, at)
    known = _facts(row, actor, event, said, at)
    reached = step(REQUEST, row.state, event, known, before=row.before)
    raw = _document(row, done)
    if raw is None:
        return moving.move(row, done, row.state, reached.state, **changed)
    digest = telling.digest(raw)
    if event in rules.BY_WIRE:
        changed["document"] = digest
    moving.move(row, replace(done, document=digest), row.state, reached.state, **changed)
    telling.send(row, raw, at)
    granting.follow(row, done)


def _check_seen(row: Request, seen: int | None) -> None:
    if seen not in (None, row.version):
        raise moving.moved_on(row)


def _check_goes(row: Request, event: str, letter: Letter | None) -> None:
    """Raises where an act needs a letter and has none, or has one and needs none."""
    if letter is not None:
        raise Malformed("letter", "This request goes from node to node: no letter tells of it")
    if event in rules.BY_WIRE and authorities.has_no_node(row.peer.hex()):
        raise Conflict(
            "no_node",
            "That authority has no node",
            do="Print the letter, have it signed, and enter it: `approve_outside --letter FILE`",
        )


def _check(row: Request, event: str, said: Said, at: Micros) -> dict[str, Any]:
    """What the law says of an act, where that is more than a guard of the machine looks at.

    Gives what changes with it on the request: the basis, as it stands on the day it leaves.
    """
    if (event, row.state) not in REQUEST.edges:
        return {}  # the machine says it better
    facts.check_said(row, event, said, members.us().fingerprint)
    if event == "revise":
        checking.may_stay(row, rules.merged(sealed.opened(row.given), said.given, event), at)
    if event == "accept_result":
        results.check_here(row, said.package)
        results.bind(row, at)
    granting.check(row, event)
    return {"basis": leaving.basis(row, at)} if event in _CHECKED else {}


def _facts(row: Request, actor: Actor, event: str, said: Said, at: Micros) -> Facts:
    return facts.of(
        row,
        event,
        said,
        side=Side(row.side),
        now=at,
        person=str(actor.person),
        maker=str(row.maker_id or ""),
        second_factor=actor.second_factor,
        may_send=not actor.roles.isdisjoint(rules.MAY[Doing.SEND]),
        answered=row.answered,
    )


# --- documents ------------------------------------------------------------------------------------


def _document(row: Request, done: Act) -> bytes | None:
    """What tells the other side; None for what stays at home."""
    if done.event in rules.BY_WIRE:
        signers = [done.by] if done.event == "send_on_duty" else [*row.signers, done.by]
        identifier = UUID(bytes=row.uuid)
        given = sealed.opened(row.given)
        asked = Asked(identifier, row.type, row.instrument, given, tuple(signers))
        return telling.written(row, ASKED, asked.body(), done.at)
    if row.state in rules.AT_HOME:
        return None
    stepped = Stepped(UUID(bytes=row.uuid), done.event, row.state, done.by, done.said)
    return telling.written(row, STEP, stepped.body(), done.at)
