"""Restrictions on bytes, and legal holds on exhibits: each act is one entry of the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F

from hueandcry.apps.evidence import queries, rules
from hueandcry.apps.evidence.models import Exhibit, Hold, Restriction, Ruling
from hueandcry.apps.evidence.rules import PURGEABLE, Doing, Ruled, State, Terms
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.times import time_text
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.engine.ledger import face as ledger

#: States in which there are bytes that a hold can keep.
_LIVE = (*PURGEABLE, State.TAKEN)


def restrict(actor: Actor, exhibit: str, terms: Terms, at: Micros) -> int:
    """Restricts what may be done with an exhibit's bytes, and with what is made of them.

    The restriction's number; raises Malformed for terms that restrict nothing.
    """
    rules.check_may(actor.roles, Doing.DECIDE)
    row = queries.find(exhibit)
    return impose(row, terms, members.us().fingerprint, actor, at)


def impose(row: Exhibit, terms: Terms, by: Fingerprint, actor: Actor, at: Micros) -> int:
    """As `restrict`, for a member that asks for it."""
    return impose_on(row.sha256, terms, by, actor, at)


def impose_on(sha256: bytes, terms: Terms, by: Fingerprint, actor: Actor, at: Micros) -> int:
    """As `impose`, on bytes by their digest alone."""
    rules.check_terms(terms, at)
    made = Restriction(
        sha256=sha256,
        kind=terms.kind,
        to=sorted(terms.to),
        purposes=sorted(each.value for each in terms.purposes),
        words=terms.words,
        authority=terms.authority,
        imposed_by=bytes.fromhex(by),
        at=at,
        until=terms.until,
    )
    ledger.append(
        "evidence.restrict",
        made,
        sha256=sha256.hex(),
        kind=terms.kind.value,
        to=sorted(terms.to),
        purposes=sorted(each.value for each in terms.purposes),
        words=terms.words,
        authority=terms.authority,
        imposed_by=by,
        until=None if terms.until is None else time_text(terms.until),
        **_who(actor, at),
    )
    return made.pk


def lift(actor: Actor, number: int, authority: str, at: Micros) -> None:
    """Lifts a restriction of our own; one that another member imposed is that member's to lift."""
    rules.check_may(actor.roles, Doing.DECIDE)
    rules.check_authority(authority)
    row = Restriction.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("restriction", f"There is no restriction {number}")
    if row.imposed_by.hex() != members.us().fingerprint:
        raise NotPermitted(
            "restriction_of_another",
            f"Restriction {number} is another member's",
            do="Ask that member, and let it hand the exhibit over anew",
        )
    end(row, actor, authority, at)


def end(row: Restriction, actor: Actor, authority: str, at: Micros) -> None:
    """As `lift`, whosever it is and whoever may decide it."""
    if Restriction.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at) != 1:
        raise Conflict("restriction", f"Restriction {row.pk} was lifted already")
    _rule(Ruled.LIFTED, actor, at, restriction=row, authority=authority)


# --- legal holds ----------------------------------------------------------------------------------


def hold(
    actor: Actor, exhibit: str, authority: str, reason: str, review_at: Micros, at: Micros
) -> int:
    """Keeps an exhibit from purge and destruction until the hold is ended; its number.

    It does not end by itself: at `review_at` somebody has to look at it again.
    """
    rules.check_may(actor.roles, Doing.DECIDE)
    return place_hold(actor, queries.find(exhibit), authority, reason, review_at, at)


def place_hold(
    actor: Actor, row: Exhibit, authority: str, reason: str, review_at: Micros, at: Micros
) -> int:
    """As `hold`, whoever may decide it."""
    rules.check_authority(authority)
    _check_review(review_at, at)
    if Exhibit.objects.filter(pk=row.pk, state__in=_LIVE).update(holds=F("holds") + 1) != 1:
        raise Conflict("exhibit_state", f"Exhibit {row.number} is {row.state}: nothing is left")
    made = Hold(exhibit_id=row.pk, authority=authority, reason=reason, at=at, review_at=review_at)
    ledger.append(
        "evidence.hold",
        made,
        exhibit=str(UUID(bytes=row.uuid)),
        authority=authority,
        reason=reason,
        review_at=time_text(review_at),
        **_who(actor, at),
    )
    return made.pk


def review(actor: Actor, number: int, reason: str, review_at: Micros, at: Micros) -> None:
    """Notes that a hold is still needed, and when that is asked again."""
    rules.check_may(actor.roles, Doing.DECIDE)
    put_off(actor, number, reason, review_at, at)


def put_off(actor: Actor, number: int, reason: str, review_at: Micros, at: Micros) -> None:
    """As `review`, whoever may decide it."""
    _check_review(review_at, at)
    row = _standing(number)
    same = Hold.objects.filter(pk=number, ended_at=None, review_at=row.review_at)
    if same.update(review_at=review_at) != 1:
        raise Conflict("hold", f"Hold {number} was changed just now")
    _rule(Ruled.REVIEWED, actor, at, hold=row, reason=reason, review_at=time_text(review_at))


def end_hold(actor: Actor, number: int, authority: str, reason: str, at: Micros) -> None:
    """Ends a hold on a named authority's word; raises Conflict where it ended before."""
    rules.check_may(actor.roles, Doing.DECIDE)
    take_off(actor, number, authority, reason, at)


def take_off(actor: Actor, number: int, authority: str, reason: str, at: Micros) -> None:
    """As `end_hold`, whoever may decide it."""
    rules.check_authority(authority)
    row = _standing(number)
    if Hold.objects.filter(pk=number, ended_at=None).update(ended_at=at) != 1:
        raise Conflict("hold", f"Hold {number} was ended already")
    Exhibit.objects.filter(pk=row.exhibit_id).update(holds=F("holds") - 1)
    _rule(Ruled.ENDED, actor, at, hold=row, authority=authority, reason=reason)


def _standing(number: int) -> Hold:
    row = Hold.objects.filter(pk=number).first()
    if row is None:
        raise NotFound("hold", f"There is no hold {number}")
    if row.ended_at is not None:
        raise Conflict("hold", f"Hold {number} was ended already")
    return row


def _check_review(review_at: Micros, at: Micros) -> None:
    if review_at <= at:
        raise Malformed("review", "A hold is looked at again after it begins")


def _rule(
    kind: Ruled,
    actor: Actor,
    at: Micros,
    hold: Hold | None = None,
    restriction: Restriction | None = None,
    **said: Any,
) -> None:
    row = Ruling(kind=kind, hold=hold, restriction=restriction, at=at)
    about = hold or restriction
    assert about is not None  # a ruling is about one of the two
    ledger.append(f"evidence.{kind.value}", row, about=about.log_index, **said, **_who(actor, at))


def _who(actor: Actor, at: Micros) -> dict[str, Any]:
    return {"at": time_text(at), "person": actor.person}
