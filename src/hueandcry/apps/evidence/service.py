"""Exhibits: how a file becomes one, what is noted of it, who takes it as evidence.

The caller owns the transaction, and has the bytes in the store before it begins.
"""

from __future__ import annotations

import secrets
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.evidence import chain, queries, rules, sealed
from hueandcry.apps.evidence.chain import Step
from hueandcry.apps.evidence.models import CustodyEvent, Exhibit
from hueandcry.apps.evidence.rules import NOTED, Doing, State
from hueandcry.apps.evidence.settings import EVIDENCE_DAYS
from hueandcry.apps.evidence.views import Added, ExhibitView, Noted, Taken, Told
from hueandcry.apps.members import face as members
from hueandcry.core.custody import DERIVING, Action, Tool
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.files import clean_name
from hueandcry.core.ids import uuid7
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Micros
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge

_ADDED: Final = "Added as an exhibit"
_OURSELVES: Final = "hueandcry"
SOURCE: Final = "\nSource: "  #: what parts a description from where the thing comes from
_ACQUISITION: Final = "SHA-256 in the same pass; sealed under a key of its own"


def own_tool(settings: str = "") -> Tool:
    """This software, as records name it."""
    return Tool(_OURSELVES, version(_OURSELVES), settings)


def kept_until(at: Micros) -> Micros:
    """When an exhibit is purged that no authority takes."""
    return at + policy.number(EVIDENCE_DAYS.name) * DAY


# --- in -------------------------------------------------------------------------------------------


def add(actor: Actor, taken: Taken, told: Told, at: Micros) -> Added:
    """Makes stored bytes an exhibit; its custody begins with how they were acquired."""
    rules.check_may(actor.roles, Doing.ADD)
    row = _new(taken, told, at)
    acquired = Step(
        Action.ACQUIRED,
        told.reason or _ADDED,
        tool=told.tool or own_tool(_ACQUISITION),
        outputs=chain.content(row),
        **_said(told),
        description=_description(taken, told),
    )
    events = chain.append(row, [*_collected(acquired, told), acquired], actor, at)
    return _added(row, events)


def _said(told: Told) -> dict[str, Any]:
    return {
        "authority": told.authority or None,
        "place": told.place or None,
        "condition": told.condition or None,
    }


def _description(taken: Taken, told: Told) -> str:
    """What the first record says of the thing, with its source: that must be signed too."""
    said = told.description or f"File {clean_name(taken.name, taken.media_type)}"
    return f"{said}{SOURCE}{told.source}" if told.source else said


def _collected(acquired: Step, told: Told) -> list[Step]:
    """The event before, where somebody is named who collected the thing."""
    if not told.collected_by:
        return []
    who = sealed.pseudonym_of_name(told.collected_by)
    said = _said(told)
    return [
        Step(
            Action.COLLECTED, acquired.reason, **said, person=who, description=acquired.description
        )
    ]


def derive(
    actor: Actor, parent: str, taken: Taken, told: Told, action: Action, changes: str, at: Micros
) -> Added:
    """Makes a child exhibit of what was redacted, extracted or copied from another.

    The parent stays as it is; its custody notes that the child was made.
    """
    rules.check_may(actor.roles, Doing.DERIVE)
    if action not in DERIVING or not changes.strip():
        raise Malformed(
            "derive",
            "A child exhibit says how it was made, and what is different",
            do=f"Choose one of {', '.join(sorted(DERIVING))}, and name the changes",
        )
    source = queries.find(parent)
    rules.check_quarantine(source.quarantined, actor.roles)
    row = _new(taken, told, at, source)
    reason = told.reason or f"Made from exhibit {source.number}"
    noted = Step(
        action,
        f"Exhibit {row.number} was made from it",
        inputs=chain.content(source),
        outputs=chain.content(source),
    )
    chain.append(source, [noted], actor, at)
    made = Step(
        action,
        reason,
        tool=told.tool,
        inputs=chain.content(source),
        outputs=chain.content(row),
        changes=changes,
        parent=UUID(bytes=source.uuid),
        **_said(told),
        description=_description(taken, told),
    )
    return _added(row, chain.append(row, [made], actor, max(at, source.linked_at)))


def _new(taken: Taken, told: Told, at: Micros, parent: Exhibit | None = None) -> Exhibit:
    us = members.us()
    origin = bytes.fromhex(us.fingerprint)
    blob = taken.kept()
    return Exhibit.objects.create(
        uuid=uuid7(at, secrets.token_bytes(10)).bytes,
        number=_number(told.number, us, origin, at),
        origin=origin,
        state=State.OPEN,
        added_at=at,
        sha256=blob.sha256,
        size=blob.size,
        media_type=taken.media_type,
        blob=blob.id,
        name=sealed.seal(taken.name),
        source=sealed.seal(told.source),
        collector=sealed.seal(told.collected_by),
        quarantined=told.quarantined or (parent is not None and parent.quarantined),
        parent=parent,
        purge_after=kept_until(at),
    )


def _number(wanted: str, us: members.MemberView, origin: bytes, at: Micros) -> str:
    if not wanted:
        year = rules.year_of(at)
        return rules.number(us.country, us.fingerprint, year, queries.next_number(year))
    number = rules.own_number(wanted)
    if queries.number_taken(origin, number):
        raise Conflict("exhibit_number", f"There is an exhibit {number} already")
    return number


def _added(row: Exhibit, events: list[CustodyEvent]) -> Added:
    index = events[-1].log_index
    assert index is not None  # the ledger gave it
    return Added(queries.view(row), index)


# --- custody --------------------------------------------------------------------------------------


def note(actor: Actor, exhibit: str, noted: Noted, at: Micros) -> ExhibitView:
    """Notes an event that changes nothing: somebody examined the exhibit, or copied it."""
    rules.check_may(actor.roles, Doing.NOTE)
    if noted.action not in NOTED:
        known = ", ".join(NOTED)
        raise Malformed(
            "custody_action",
            f"That an exhibit was {noted.action.value} is not noted by hand",
            do=f"Noted are: {known}; the rest have commands of their own",
        )
    row = queries.find(exhibit)
    step = Step(
        noted.action,
        noted.reason,
        authority=noted.authority or None,
        place=noted.place or None,
        tool=noted.tool,
        inputs=chain.content(row),
        outputs=chain.content(row) if noted.action is not Action.ACCESSED else (),
        changes=noted.changes or None,
        condition=noted.condition or None,
    )
    chain.append(row, [step], actor, at)
    return queries.view(row)


def read(actor: Actor, exhibit: str, reason: str, at: Micros, *, address: str = "") -> ExhibitView:
    """Notes that the bytes are read, before they are; commit this, then take `stream`."""
    rules.check_may(actor.roles, Doing.READ)
    row = queries.find(exhibit)
    rules.check_quarantine(row.quarantined, actor.roles)
    subject = f"exhibit {row.number}"
    noted = members.AccessNote(
        "evidence.read", subject, purpose=reason, person=actor.person, address=address
    )
    members.log_access(noted, at)
    chain.append(row, [Step(Action.ACCESSED, reason, inputs=chain.content(row))], actor, at)
    return queries.view(row)


def take(actor: Actor, exhibit: str, authority: str, reason: str, at: Micros) -> ExhibitView:
    """A named authority takes an exhibit as evidence: from here on nothing of it goes."""
    return _decided(actor, exhibit, Action.SEALED, authority, reason, at)


def release(actor: Actor, exhibit: str, authority: str, reason: str, at: Micros) -> ExhibitView:
    """A named authority needs it as evidence no longer; its retention begins anew."""
    return _decided(actor, exhibit, Action.RELEASED, authority, reason, at)


def _decided(
    actor: Actor, exhibit: str, action: Action, authority: str, reason: str, at: Micros
) -> ExhibitView:
    row = _to_decide(actor, exhibit, authority)
    outputs = chain.content(row) if action is Action.SEALED else ()
    step = Step(action, reason, authority=authority, outputs=outputs)
    chain.append(row, [step], actor, at, purge_after=kept_until(at))
    return queries.view(row)


def destroy(actor: Actor, exhibit: str, authority: str, reason: str, at: Micros) -> ExhibitView:
    """Destroys key and bytes on a named authority's word; the custody stays, with this at its end.

    Raises Conflict while a legal hold stands.
    """
    row = _to_decide(actor, exhibit, authority)
    if row.holds:
        raise Conflict(
            "exhibit_held",
            f"A legal hold keeps exhibit {row.number}",
            do="See `hueandcry evidence show`; whoever asked for the hold can end it",
        )
    _destroy(row, authority, reason, actor, at)
    # Before the commit: a destruction that is in the file alone is only done again.
    purge.write_erasure("exhibit", row.uuid, at)
    return queries.view(row)


def _destroy(row: Exhibit, authority: str, reason: str, actor: Actor, at: Micros) -> None:
    blob = row.blob
    step = Step(
        Action.DESTROYED,
        reason,
        authority=authority,
        tool=own_tool("The key was deleted with the commit, the bytes after it"),
        inputs=chain.content(row),
    )
    chain.append(row, [step], actor, at, blob="")
    blobs.shred(blob)


def destroy_again(row: Exhibit, actor: Actor, at: Micros) -> None:
    """Destroys what a backup brought back; whoever decided it then is named in the lost event."""
    said = f"Destroyed before; a backup of an earlier day brought it back on {time_text(at)}"
    _destroy(row, "The record of erasures of this node", said, actor, at)


def _to_decide(actor: Actor, exhibit: str, authority: str) -> Exhibit:
    rules.check_may(actor.roles, Doing.DECIDE)
    rules.check_authority(authority)
    return queries.find(exhibit)
