"""What our people do: ask another member, put items up for matching, withdraw them.

Every use case writes its entries into the ledger in the caller's transaction, or raises and changes
nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.deconfliction import acting, queries, sealed, settings
from hueandcry.apps.deconfliction.models import Offer, Session
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import matching
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.matching import Role
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Actor, Fingerprint, Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.policy import face as policy

REQUEST: Final = "DECONFLICT"  #: the type of request that a session stands on

_CASE: Final = 200  #: characters of a reference
_LONGEST: Final = 366 * DAY  #: for which items are put up


def ask(
    actor: Actor,
    to: Fingerprint,
    case: str,
    items: Collection[str],
    at: Micros,
    *,
    instrument: str = "house",
    given: Mapping[str, Any] | None = None,
) -> UUID:
    """Commits to a set of items of one case, and drafts the request that its session stands on.

    `items` are of `core.matching.read_items`, `given` further fields of the request. Gives the
    request's id: once it was signed, sent and accepted, the session runs by itself.
    """
    peer, case = peers.must_be(to), _case(case)
    size = _fit(items)
    key = secrets.token_bytes(32)
    root = matching.commitment(key, matching.padded(key, items, size))
    form = {**_header(), **(given or {}), **_session(case, size, root)}
    request = cooperation.draft(actor, REQUEST, peer.fingerprint, instrument, form, at)
    row = Session(request=request.bytes, peer=bytes.fromhex(to), role=Role.ASKING, made_at=at)
    commit(row, key, {item: [case] for item in items}, size, at, actor.person)
    return request


def _header() -> dict[str, Any]:
    name = members.us().name
    return {"authority_name": name, "contact": contact(), "language": "en"}


def _session(case: str, size: int, root: bytes) -> dict[str, Any]:
    return {"case_ref": case, "set_commitment": root.hex(), "session": matching.method(size)}


def contact() -> str:
    """Whom the other side speaks to after a hit."""
    return str(policy.value(settings.CONTACT.name)).strip() or members.us().name


def commit(
    row: Session,
    key: bytes,
    items: Mapping[str, Collection[str]],
    size: int,
    at: Micros,
    person: int | None = None,
) -> None:
    """Stores a new session with our set, and commits to that in the ledger before anything is said.

    Raises NotPermitted where either side has used up what may be tried between the two.
    """
    row.commitment = matching.commitment(key, matching.padded(key, items, size))
    row.size, row.items = size, len(items)
    cases = {item: sorted(set(each)) for item, each in items.items()}
    row.sealed = sealed.seal({"key": key.hex(), "items": cases})
    # Held from here on, so that two sessions at once do not both fit.
    if ledger.known(lambda: Session.objects.filter(request=row.request).first()) is not None:
        raise Conflict("session_known", "This request has its session already")
    check_budgets(row, at)
    row.save()
    named = sorted({case for each in cases.values() for case in each})
    facts = {"commitment": row.commitment.hex(), "size": size, "items": row.items, "cases": named}
    acting.of_session(row, "commit", at, person=person, peer=row.peer.hex(), **facts)


def check_budgets(row: Session, at: Micros) -> None:
    """Raises NotPermitted where the sets of a session pass what may be tried with its peer.

    What is stored of it is counted already: our set once it is committed to, theirs never yet.
    """
    peer = members.called([row.peer.hex()])[row.peer.hex()]
    limits = policy.number(settings.DAY.name), policy.number(settings.MONTH.name)
    days, months = queries.tried(row.peer, at - DAY), queries.tried(row.peer, at - acting.MONTH)
    sizes = (0 if row.pk else row.size, row.their_size or 0)
    for size, day, month in zip(sizes, days, months, strict=True):
        if size:
            matching.check_budget(peer, size, day, month, limits)


# --- what is put up for matching ------------------------------------------------------------------


def offer(actor: Actor, case: str, items: Collection[str], until: Micros, at: Micros) -> int:
    """Puts items of one case up for the sessions that others ask for; the number of the offer."""
    person, case = _may(actor), _case(case)
    if not at < until <= at + _LONGEST:
        raise Malformed(
            "until", f"{time_text(until)} is not within a year from now", do="Name a day to come"
        )
    ledger.known(lambda: None)  # held, so that two lists at once do not both fit
    every = {item for row in queries.standing_offers(at) for item in opened_items(row)}
    _fit(every | set(items))
    row = Offer(
        sealed=sealed.seal({"case": case, "items": sorted(items)}),
        count=len(items),
        person_id=person,
        made_at=at,
        until=until,
    )
    row.save()
    acting.of_offer(row, "offer", at, person, case=case, items=row.count, until=time_text(until))
    return row.pk


def withdraw(actor: Actor, number: int, at: Micros) -> None:
    """Takes items back: no session from now on has them. Conflict where they are back already."""
    person, row = _may(actor), queries.offer(number)
    standing = Offer.objects.filter(pk=row.pk, withdrawn_at=None, until__gt=at)
    ledger.known(lambda: None)
    if standing.update(withdrawn_at=at, sealed="") != 1:
        raise Conflict("offer_over", f"Offer {number} is over already")
    acting.of_offer(row, "withdraw", at, person)


def opened_items(row: Offer) -> list[str]:
    """The items of an offer that stands."""
    return list(sealed.opened(row.sealed).get("items", ()))


def _fit(items: Collection[str]) -> int:
    """The size that these items look like together; raises what forbids them."""
    matching.check_not_swept(items)
    return matching.size_for(len(items))


def _case(text: str) -> str:
    if not text.strip() or len(text) > _CASE or not text.isprintable():
        raise Malformed("case", f"A reference of a case has 1 to {_CASE} characters")
    return text.strip()


def _may(actor: Actor) -> int:
    roles = cooperation.MAY[cooperation.Doing.WRITE]
    if actor.person is None or actor.roles.isdisjoint(roles):
        raise NotPermitted(
            "role",
            f"A named person puts items up, in one of the roles {', '.join(sorted(roles))}",
            do="Name who acts: `--as LOGIN`",
        )
    return actor.person
