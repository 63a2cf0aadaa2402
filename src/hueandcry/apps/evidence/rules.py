"""What may be done with an exhibit, by whom, and where that leads. Pure: nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from hueandcry.core.custody import NUMBER, Action, Tool
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.types import SECOND, Fingerprint, Micros, Purpose


class State(StrEnum):
    """Where an exhibit stands."""

    OPEN = "open"  #: kept here; no authority has taken it, and it is purged when its time is over
    TAKEN = "taken"  #: evidence: write-once, until a named authority says otherwise
    RELEASED = "released"  #: evidence no longer
    DESTROYED = "destroyed"  #: its bytes are gone; its custody stays
    PURGED = "purged"  #: only the bare row is left


class Doing(StrEnum):
    """What somebody wants to do, as far as roles decide it."""

    ADD = "add"
    READ = "read"  #: the bytes
    NOTE = "note"  #: an event that changes nothing
    DERIVE = "derive"
    HAND = "hand"  #: to another member, or take over from one
    DECIDE = "decide"  #: take, release, destroy; holds and restrictions
    QUARANTINED = "quarantined"  #: anything with the bytes of what lies in quarantine


_WORK: Final = frozenset({"analyst", "duty", "legal", "police"})

#: What may be done → by whom. The node itself, which has no person, acts as its analysts may.
MAY: Final[Mapping[Doing, frozenset[str]]] = {
    Doing.ADD: _WORK,
    Doing.READ: _WORK,
    Doing.NOTE: _WORK,
    Doing.DERIVE: _WORK,
    Doing.HAND: _WORK,
    Doing.DECIDE: frozenset({"legal", "police"}),
    Doing.QUARANTINED: frozenset({"police"}),
}
#: The role in which somebody with several acts, as the record names it: the first that they have.
_ACTING: Final = ("police", "legal", "duty", "analyst")

#: Members to whom what lies in quarantine may be handed.
POLICE_MEMBERS: Final = frozenset({"lea"})

#: Events that change nothing about the exhibit: what people note by hand.
NOTED: Final = (Action.ACCESSED, Action.COPIED, Action.ANALYSED)

_LIVE: Final = frozenset({State.OPEN, State.TAKEN, State.RELEASED})
#: Action → the states in which it can happen, and the one that it leads to.
_MOVES: Final[Mapping[Action, tuple[frozenset[State], State | None]]] = {
    Action.SEALED: (frozenset({State.OPEN, State.RELEASED}), State.TAKEN),
    Action.RELEASED: (frozenset({State.TAKEN}), State.RELEASED),
    Action.DESTROYED: (_LIVE, State.DESTROYED),
}
#: States in which an exhibit is purged when its time is over and no hold stands.
PURGEABLE: Final = frozenset({State.OPEN, State.RELEASED})

MAX_AUTHORITY: Final = 500
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_GIVEN_HERE: Final = re.compile(r"[A-Z]{2}-[0-9A-F]{6}-[0-9]{4}-[0-9]{6,}")


def check_may(roles: Iterable[str], doing: Doing) -> None:
    """Raises NotPermitted unless one of these roles may."""
    if MAY[doing].isdisjoint(roles):
        needed = ", ".join(sorted(MAY[doing]))
        raise NotPermitted(
            "role",
            "Your roles do not allow this",
            why=f"It is for: {needed}",
            do="Ask somebody with that role; at the command line, name them with --as",
        )


def acting_role(roles: Collection[str]) -> str | None:
    """The role that a record names."""
    return next((role for role in _ACTING if role in roles), None)


def after(state: State, action: Action, number: str) -> State:
    """Where an action leads; raises Conflict where it cannot be done now."""
    allowed, to = _MOVES.get(action, (_LIVE, None))
    if state not in allowed:
        raise Conflict(
            "exhibit_state",
            f"Exhibit {number} is {state}: it cannot be {action.value} now",
            do="See `hueandcry evidence show`",
        )
    return to or state


# --- numbers --------------------------------------------------------------------------------------


def year_of(at: Micros) -> int:
    """The year in UTC, which numbers count by."""
    return datetime.fromtimestamp(at // SECOND, UTC).year


def number(country: str, fingerprint: Fingerprint, year: int, n: int) -> str:
    """`TH-7A7A7A-2026-000001`: the fingerprint keeps members of one country apart."""
    return f"{country.upper()}-{fingerprint[:6].upper()}-{year}-{n:06d}"


def own_number(text: str) -> str:
    """A number that somebody gave themselves, in upper case; raises Malformed."""
    wanted = text.strip().upper()
    if not NUMBER.fullmatch(wanted) or _GIVEN_HERE.fullmatch(wanted):
        raise Malformed(
            "exhibit_number",
            f"{text[:80]!r} is no exhibit number",
            why="It is of letters, digits and . _ -, and not of the form that is given here",
            do="Write it as EX-17, or leave it out",
        )
    return wanted


# --- restrictions ---------------------------------------------------------------------------------


class Limit(StrEnum):
    """What a restriction restricts."""

    USE = "use"  #: to certain purposes
    ONWARD = "onward"  #: to certain members, or to none


class Ruled(StrEnum):
    """What was decided later of a hold or a restriction."""

    REVIEWED = "reviewed"
    ENDED = "ended"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Terms:
    """A restriction as somebody asks for it."""

    kind: Limit
    words: str  #: for people: what is restricted, and why
    authority: str
    to: tuple[Fingerprint, ...] = ()  #: of ONWARD: who may have it; empty: nobody
    purposes: tuple[Purpose, ...] = ()  #: of USE: what it may be used for
    until: Micros | None = None


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """A restriction that stands: on these bytes, whatever they are called."""

    number: int
    sha256: str
    terms: Terms
    imposed_by: Fingerprint
    at: Micros


def tool(text: str) -> Tool | None:
    """What `NAME VERSION [SETTINGS]` says; None for nothing.

    Raises Malformed (`tool`) where no version is named: nobody could do the same again.
    """
    name, _, rest = text.strip().partition(" ")
    version, _, settings = rest.strip().partition(" ")
    if name and not version:
        raise Malformed("tool", f"{text!r} names no version", do="Write it as `exiftool 12.57 -a`")
    return Tool(name, version, settings.strip()) if name else None


def check_terms(terms: Terms, at: Micros) -> None:
    """Raises Malformed for a restriction that restricts nothing, or says not why."""
    if terms.kind is Limit.USE and (not terms.purposes or terms.to):
        raise Malformed("restriction", "A restriction of use names purposes, and no members")
    if terms.kind is Limit.ONWARD and terms.purposes:
        raise Malformed("restriction", "A restriction of handing on names members, not purposes")
    if not terms.words.strip():
        raise Malformed("restriction", "A restriction says in words what it restricts, and why")
    if terms.until is not None and terms.until <= at:
        raise Malformed("until", "A restriction ends after it begins")
    check_authority(terms.authority)


def check_authority(authority: str) -> None:
    """Raises Malformed unless somebody is named who answers for it."""
    if not authority.strip() or len(authority) > MAX_AUTHORITY:
        raise Malformed(
            "authority",
            "A named authority decides this",
            do=f"Name the court, order or officer, in at most {MAX_AUTHORITY} characters",
        )


def check_onward(
    number: str, limits: Iterable[RestrictionView], to: Fingerprint, at: Micros
) -> None:
    """Raises NotPermitted while a restriction keeps these bytes from this member."""
    for limit in limits:
        terms = limit.terms
        ended = terms.until is not None and terms.until <= at
        # Whoever restricts a thing can always have it back.
        if terms.kind is Limit.ONWARD and not ended and to not in (*terms.to, limit.imposed_by):
            raise NotPermitted(
                "restricted",
                f"Exhibit {number} may not go to this member",
                why=terms.words,
                do=f"Ask who restricted it: {terms.authority}",
            )


def check_quarantine(quarantined: bool, roles: Iterable[str]) -> None:
    """Raises NotPermitted where somebody else than the police wants what lies in quarantine."""
    if quarantined and MAY[Doing.QUARANTINED].isdisjoint(roles):
        raise NotPermitted(
            "quarantined",
            "The exhibit is in quarantine",
            why="It is intimate, or unlawful to hold: it is for the role Police alone",
            do="Ask somebody with that role",
        )


def check_police_member(number: str, quarantined: bool, roles: Iterable[str]) -> None:
    """Raises NotPermitted where what lies in quarantine would go to a member that is no police."""
    if quarantined and POLICE_MEMBERS.isdisjoint(roles):
        raise NotPermitted(
            "quarantined",
            f"Exhibit {number} is in quarantine",
            why="It may be handed to a member with the role `lea` alone",
            do="Hand it to the police",
        )


def parse_id(text: str) -> UUID | None:
    """An exhibit's id, if this is one in its usual spelling; else it is a number."""
    return UUID(text) if _ID.fullmatch(text) else None


def is_digest(text: str) -> bool:
    """Whether this is a SHA-256 in hex."""
    return bool(re.fullmatch(r"[0-9a-f]{64}", text))
