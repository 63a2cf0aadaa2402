"""The next events of an exhibit's custody: linked, signed, and committed to in one transaction.

One conditional UPDATE of the exhibit decides who of two appends; then the ledger, last.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.apps.evidence import queries, rules, sealed
from hueandcry.apps.evidence.models import CustodyEvent, EarlierLine, Exhibit
from hueandcry.apps.evidence.rules import State
from hueandcry.apps.evidence.views import Line
from hueandcry.apps.members import face as members
from hueandcry.core import custody
from hueandcry.core.custody import Action, Content, Counterpart, Event, NotBefore, Tool
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.ids import uuid7
from hueandcry.core.types import Actor, Micros
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger


@dataclass(frozen=True, slots=True)
class Step:
    """One event, as far as its exhibit and its chain do not say it already."""

    action: Action
    reason: str
    authority: str | None = None
    place: str | None = None
    tool: Tool | None = None
    inputs: tuple[Content, ...] = ()
    outputs: tuple[Content, ...] = ()
    changes: str | None = None
    condition: str | None = None
    counterpart: Counterpart | None = None
    parent: UUID | None = None
    description: str | None = None
    not_before: NotBefore | None = None
    person: str | None = None  #: the pseudonym of who did it, where that is not who notes it


def content(row: Exhibit) -> tuple[Content, ...]:
    """What an exhibit is, as events state it."""
    return (Content(row.sha256.hex(), row.size),)


def append(
    row: Exhibit, steps: Sequence[Step], actor: Actor, at: Micros, **fields: Any
) -> list[CustodyEvent]:
    """Appends to the custody and sets `fields` of the exhibit with it, in the caller's transaction.

    Raises Conflict where the exhibit is not in a state for it, or was changed meanwhile; then
    nothing is changed. A clock that was set back does not set the custody back.
    """
    before, known = State(row.state), row.events
    at = max(at, row.linked_at)
    state, made = before, []
    for step in steps:
        state = rules.after(state, step.action, row.number)
        made.append(_next(row, step, actor, at))
    changed = {
        "events": row.events,
        "link": row.link,
        "linked_at": at,
        "state": state,
        **fields,
    }
    rows = Exhibit.objects.filter(pk=row.pk, events=known, state=before)
    if state in (State.DESTROYED, State.PURGED):
        rows = rows.filter(holds=0)
    if rows.update(**changed) != 1:
        raise Conflict("exhibit_changed", f"Exhibit {row.number} was changed just now")
    for name, value in changed.items():
        setattr(row, name, value)
    ledger.append_many(custody.TYPE, [(each, facts) for each, facts in made])
    return [each for each, _ in made]


def _next(
    row: Exhibit, step: Step, actor: Actor, at: Micros
) -> tuple[CustodyEvent, dict[str, Any]]:
    """One event with the facts that it commits to; `row` is moved on to it, not yet stored."""
    event = _event(row, step, actor, at)
    facts, record = custody.facts(event), custody.record(event)
    keyring, key_id = own(), members.signing_key("act")
    made = CustodyEvent(
        exhibit=row,
        n=event.n,
        event=event.event.bytes,
        action=event.action,
        at=at,
        kid=f"{event.actor.org}/{key_id}",
        signature=keyring.sign("act", custody.message(record), key_id),
        person_id=actor.person,
        counterpart=bytes.fromhex(step.counterpart.org) if step.counterpart else None,
        package=_package(step.counterpart),
    )
    row.events, row.link = row.events + 1, bytes.fromhex(custody.link(record))
    return made, facts


def _package(counterpart: Counterpart | None) -> bytes | None:
    return counterpart.package.bytes if counterpart and counterpart.package else None


def _event(row: Exhibit, step: Step, actor: Actor, at: Micros) -> Event:
    person = sealed.pseudonym(actor.person) if actor.person is not None else None
    return Event(
        event=uuid7(at, secrets.token_bytes(10)),
        exhibit=UUID(bytes=row.uuid),
        number=row.number,
        n=row.events,
        prev=row.link.hex() if row.link else None,
        action=step.action,
        at=at,
        actor=custody.Actor(
            members.us().fingerprint, step.person or person, rules.acting_role(actor.roles)
        ),
        reason=step.reason,
        authority=step.authority,
        place=step.place,
        tool=step.tool,
        inputs=step.inputs,
        outputs=step.outputs,
        changes=step.changes,
        condition=step.condition,
        counterpart=step.counterpart,
        parent=step.parent,
        description=step.description if row.events == 0 else None,
        not_before=step.not_before,
    )


# --- reading it back ------------------------------------------------------------------------------


def lines(row: Exhibit) -> list[Line]:
    """The whole custody, earlier holders' events first; raises NotFound once it was purged."""
    if row.state == State.PURGED:
        raise NotFound(
            "exhibit_purged", f"Exhibit {row.number} was purged, and its custody with it"
        )
    return [*_earlier(queries.earlier(row)), *_ours(queries.custody(row))]


def _earlier(rows: Iterable[EarlierLine]) -> list[Line]:
    return [
        Line(each.record, each.salt, each.origin, each.index, each.kid, each.signature, each.proof)
        for each in rows
        if each.record is not None and each.salt is not None
    ]


def _ours(rows: Iterable[CustodyEvent]) -> list[Line]:
    us, spans = members.us(), ledger.spans()
    log = members.log_name(us.url, us.fingerprint)
    found = []
    for each in rows:
        record, salt, position = ledger.opening(each)
        span = next(span for span in spans if span.holds(position))
        origin = f"{log}/log/{span.number}"
        found.append(Line(record, salt, origin, position - span.first, each.kid, each.signature))
    return found


def events(row: Exhibit) -> list[custody.Linked]:
    """The custody for reading."""
    return [custody.Linked.read(line.record) for line in lines(row)]
