"""Custody of an exhibit: one record for each event, each linked to the one before (PROTOCOL 5, 6).

Standard library only, since the offline verifier stands on it. A record is the RFC 8785 form of one
ledger entry of type `custody`; what is signed and what is linked are the same bytes behind one
context line. The actions are those of ISO/IEC 27037 and SWGDE (who, when, where, why, how, and what
came out). The content of an exhibit never changes: what is made of it is a child exhibit.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from hueandcry.core import strictjson
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.fields import Fields
from hueandcry.core.times import time_text
from hueandcry.core.types import MINUTE, Fingerprint, Micros

CONTEXT: Final = b"hueandcry/custody/v1\n"
TYPE: Final = "custody"  #: of the ledger entry
CLOCK: Final = "node"  #: whose clock `at` is: the node's own, as its ledger bounds it

MAX_RECORD: Final = 65_536  #: bytes
MAX_CONTENTS: Final = 256  #: inputs or outputs of one event

#: How far the receiver's clock may be behind the sender's at a hand-over: as far as a signed call.
SKEW: Final[Micros] = 5 * MINUTE


class Action(StrEnum):
    """What was done with an exhibit."""

    IDENTIFIED = "identified"  #: it was seen to matter; nothing was taken
    COLLECTED = "collected"  #: the thing that holds it was taken
    ACQUIRED = "acquired"  #: its bytes were copied, and hashed in the same pass
    SEALED = "sealed"  #: a named authority took it as evidence: from here on it is write-once
    TRANSFERRED = "transferred"  #: a copy was handed to another member
    RECEIVED = "received"  #: … and taken over there: the first event of its new holder
    ACCESSED = "accessed"  #: somebody read it, or wrote it out
    COPIED = "copied"
    ANALYSED = "analysed"
    REDACTED = "redacted"
    RELEASED = "released"  #: a named authority holds it as evidence no longer
    DESTROYED = "destroyed"  #: its key and bytes are gone; the custody stays


ACTIONS: Final = tuple(Action)
#: What can be the first event of an exhibit that was made of another one, and of one that was not.
DERIVING: Final = frozenset({Action.COPIED, Action.ANALYSED, Action.REDACTED})
OPENING: Final = frozenset({Action.IDENTIFIED, Action.COLLECTED, Action.ACQUIRED})
#: What a named authority answers for.
BY_AUTHORITY: Final = frozenset({Action.SEALED, Action.RELEASED, Action.DESTROYED})
#: What can be said of bytes only, so it states them.
OF_CONTENT: Final = DERIVING | {Action.ACQUIRED, Action.TRANSFERRED, Action.RECEIVED, Action.SEALED}

_RECORD: Final = "custody_record"  #: the code of what is no record
_ACTION = re.compile("|".join(ACTIONS))
_PERSON = re.compile(r"p-[0-9a-f]{16}")
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,31}")
# One spelling whatever the case rules of a disk, and nothing that a path could mean.
NUMBER: Final = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,62}[A-Z0-9])?")
_ORIGIN = re.compile(r"[!-*,-~]{1,320}")  # C2SP tlog-checkpoint: no blanks, no plus


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes, by what names them."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: the organisation answers for it, the person is known to it alone."""

    org: Fingerprint
    person: str | None = None  #: a pseudonym, `p-` and 16 hex
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """What it was done with."""

    name: str
    version: str
    settings: str


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The other side of a hand-over: `event` is its event, once there is one."""

    org: Fingerprint
    event: UUID | None
    package: UUID | None


@dataclass(frozen=True, slots=True)
class NotBefore:
    """A checkpoint of another member's log, which was there when this was recorded."""

    origin: str
    size: int
    root: str  #: lower-case hex


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one exhibit, as its organisation signed it."""

    event: UUID
    exhibit: UUID
    number: str
    n: int
    prev: str | None
    action: Action
    at: Micros
    actor: Actor
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


# --- the record -----------------------------------------------------------------------------------


def _names(form: type[Any]) -> frozenset[str]:
    return frozenset(each.name for each in fields(form))


_MEMBERS: Final = _names(Event) | {"v", "type", "clock"}
_ACTOR: Final = _names(Actor)
_TOOL: Final = _names(Tool)
_CONTENT: Final = _names(Content)
_COUNTERPART: Final = _names(Counterpart)
_NOT_BEFORE: Final = _names(NotBefore)


def facts(event: Event) -> dict[str, Any]:
    """What a ledger entry of type `custody` commits to; Malformed when no reader would take it."""
    said = {name: _plain(value) for name, value in asdict(event).items()}
    said |= {"at": time_text(event.at), "clock": CLOCK}
    _read({"v": 1, "type": TYPE, **said})
    return said


def _plain(value: Any) -> Any:
    """Names of ids as text, lists as lists, wherever they stand."""
    if isinstance(value, UUID | Action):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def record(event: Event) -> bytes:
    """The bytes that stand in the ledger behind the entry of this event, and that are signed."""
    return strictjson.canonical({"v": 1, "type": TYPE, **facts(event)})


def message(record: bytes) -> bytes:
    """What the `act` key of the organisation signs."""
    return CONTEXT + record


def link(record: bytes) -> str:
    """What the next event names as `prev`: lower-case hex."""
    return hashlib.sha256(CONTEXT + record).hexdigest()


def read_record(data: bytes) -> Event:
    """The event that a record says; Malformed or TooLarge for any other bytes than `record` gives.

    Codes are those of `strictjson.parse`, and `custody_record` with the member that is wrong.
    """
    said = strictjson.parse(data, max_bytes=MAX_RECORD)
    if not isinstance(said, dict) or strictjson.canonical(said) != data:
        raise Malformed("not_canonical", "A custody record is an object in its RFC 8785 form")
    return _read(said)


def _read(said: object) -> Event:
    # (1) The members, without one more or less, and the forms of all.
    record = Fields(said, _RECORD, _MEMBERS)
    for name, value in (("v", 1), ("type", TYPE), ("clock", CLOCK)):
        record.only(name, value)
    event = Event(
        event=record.uuid7("event"),
        exhibit=record.uuid7("exhibit"),
        number=record.form("number", NUMBER, "an exhibit number"),
        n=record.count("n"),
        prev=record.maybe("prev", record.digest),
        action=_action(record),
        at=record.time("at"),
        actor=_actor(record.object("actor", _ACTOR)),
        authority=record.maybe("authority", record.text),
        reason=record.text("reason"),
        place=record.maybe("place", record.text),
        tool=_tool(record.maybe_object("tool", _TOOL)),
        inputs=_contents(record, "inputs"),
        outputs=_contents(record, "outputs"),
        changes=record.maybe("changes", record.text),
        condition=record.maybe("condition", record.text),
        counterpart=_counterpart(record.maybe_object("counterpart", _COUNTERPART)),
        parent=record.maybe("parent", record.uuid7),
        description=record.maybe("description", record.text),
        not_before=_not_before(record.maybe_object("not_before", _NOT_BEFORE)),
    )
    # (2) What the action asks for.
    _check_alone(event)
    return event


def _action(record: Fields) -> Action:
    return Action(record.form("action", _ACTION, "an action"))


def _actor(said: Fields) -> Actor:
    person = said.maybe("person", lambda name: said.form(name, _PERSON, "a pseudonym"))
    role = said.maybe("role", lambda name: said.form(name, _ROLE, "a role"))
    return Actor(said.digest("org"), person, role)


def _tool(said: Fields | None) -> Tool | None:
    if said is None:
        return None
    return Tool(said.text("name"), said.text("version"), said.text("settings", empty=True))


def _contents(record: Fields, name: str) -> tuple[Content, ...]:
    parts = record.objects(name, _CONTENT, MAX_CONTENTS)
    return tuple(Content(part.digest("sha256"), part.count("size")) for part in parts)


def _counterpart(said: Fields | None) -> Counterpart | None:
    if said is None:
        return None
    event, package = (said.maybe(name, said.uuid7) for name in ("event", "package"))
    return Counterpart(said.digest("org"), event, package)


def _not_before(said: Fields | None) -> NotBefore | None:
    if said is None:
        return None
    origin = said.form("origin", _ORIGIN, "the origin of a log")
    return NotBefore(origin, said.count("size"), said.digest("root"))


def _check_alone(event: Event) -> None:
    """Raises Malformed for an event that cannot be true whatever its chain says."""
    first, action = event.n == 0, event.action
    if first != (event.prev is None) or first != (event.description is not None):
        raise _wrong("`prev` stands from the second event on, `description` in the first")
    if event.parent is not None and not (first and event.inputs and action in DERIVING):
        raise _wrong("`parent` stands where an exhibit is made of another, with its inputs")
    if first and action not in (OPENING if event.parent is None else DERIVING):
        raise _wrong(f"No exhibit begins by being {action.value}")
    if action in OF_CONTENT and not event.outputs:
        raise _wrong(f"What is {action.value} has `outputs`")
    if action in BY_AUTHORITY and event.authority is None:
        raise _wrong(f"Nothing is {action.value} without an `authority`")
    handed = action in (Action.TRANSFERRED, Action.RECEIVED)
    other = event.counterpart
    if handed != (other is not None) or (other is not None and other.org == event.actor.org):
        raise _wrong("`counterpart` is the other member of a hand-over")
    if other is not None and (other.event is None) != (action is Action.TRANSFERRED):
        raise _wrong("The receiver names the sender's event, and the sender none")


# --- the chain ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Linked:
    """An event and the record that says it."""

    event: Event
    record: bytes

    @classmethod
    def read(cls, record: bytes) -> Linked:
        """As `read_record`."""
        return cls(read_record(record), record)


def check_chain(chain: Sequence[Linked]) -> None:
    """Raises Untrusted unless these are the events of one exhibit, whole and in order.

    One rule has one code: `custody_empty`, `custody_start`, `custody_exhibit`, `custody_gap`,
    `custody_link`, `custody_destroyed`, `custody_transfer`, `custody_holder`, `custody_time`,
    `custody_content`, `custody_event`. Signatures are the caller's.
    """
    # (1) There is a first event, and it is one.
    if not chain:
        raise Untrusted("custody_empty", "An exhibit without any custody")
    if chain[0].event.n:
        raise Untrusted("custody_start", "The custody does not begin with its first event")
    for earlier, later in pairwise(chain):
        check_next(earlier, later)
    # (8) No later event says other bytes than the first that said any.
    content = content_of([each.event for each in chain])
    for each in chain:
        _check_content(each.event, content)
    # (9) No event is told twice.
    if len({each.event.event for each in chain}) != len(chain):
        raise Untrusted("custody_event", "Two events of the custody have one id")


def check_next(earlier: Linked, later: Linked) -> None:
    """Raises Untrusted unless `later` can follow upon `earlier`: rules 2 to 7 of a chain."""
    one, two = earlier.event, later.event
    # (2) Of the same exhibit.
    if (one.exhibit, one.number) != (two.exhibit, two.number):
        raise _at(two, "custody_exhibit", "is of another exhibit")
    # (3) The next number.
    if two.n != one.n + 1:
        raise _at(two, "custody_gap", f"follows upon event {one.n}")
    # (4) Linked to the very bytes before it.
    if two.prev != link(earlier.record):
        raise _at(two, "custody_link", "names another event as the one before it")
    # (5) Nothing happens to what is destroyed.
    if one.action is Action.DESTROYED:
        raise _at(two, "custody_destroyed", "comes after the exhibit was destroyed")
    # (6) By who holds it: the same member, or the one to whom it was handed.
    if two.action is Action.RECEIVED:
        check_transfer(one, two)
    elif one.actor.org != two.actor.org:
        raise _at(two, "custody_holder", "is by a member that was not handed the exhibit")
    # (7) Not before the one before it, by one clock; by two, as far as these may differ.
    if two.at < one.at - (SKEW if one.actor.org != two.actor.org else 0):
        raise _at(two, "custody_time", "is said to be earlier than the one before it")


def check_transfer(sent: Event, received: Event) -> None:
    """Raises Untrusted unless the two are one hand-over: they name each other and the same bytes.

    Its code is `custody_transfer`. A sender asks this of the receiver's event too.
    """
    to, by = sent.counterpart, received.counterpart
    if sent.action is not Action.TRANSFERRED or received.action is not Action.RECEIVED:
        raise _at(received, "custody_transfer", "takes over what nobody handed over")
    if to is None or by is None or (to.org, sent.actor.org) != (received.actor.org, by.org):
        raise _at(received, "custody_transfer", "is by another member than it was handed to")
    if (by.event, by.package) != (sent.event, to.package):
        raise _at(received, "custody_transfer", "takes over something else than was handed over")
    if received.outputs != sent.outputs:
        raise _at(received, "custody_transfer", "received other bytes than were handed over")


def check_parent(child: Sequence[Event], parent: Sequence[Event]) -> None:
    """Raises Untrusted (`custody_parent`) unless the child was made of this parent's content."""
    made, source = child[0], parent[0]
    content = content_of(parent)
    if made.parent != source.exhibit or not content or made.inputs != content:
        raise _at(made, "custody_parent", "names other bytes than its parent holds")
    if made.at < source.at - SKEW:
        raise _at(made, "custody_parent", "is earlier than all that is known of its parent")


def content_of(events: Sequence[Event]) -> tuple[Content, ...]:
    """What the exhibit is: the outputs of the first event that states any; else nothing."""
    return next((each.outputs for each in events if each.outputs), ())


def _check_content(event: Event, content: tuple[Content, ...]) -> None:
    stated = event.inputs if event.parent is None else ()
    if any(said and said != content for said in (stated, event.outputs)):
        raise _at(event, "custody_content", "speaks of other bytes than the exhibit is")


def _at(event: Event, code: str, what: str) -> Untrusted:
    return Untrusted(code, f"Event {event.n} ({event.action.value}) of {event.number} {what}")


def _wrong(what: str) -> Malformed:
    return Malformed(_RECORD, what)
