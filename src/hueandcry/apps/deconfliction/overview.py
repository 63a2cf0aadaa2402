"""What is shown of deconfliction: offers, sessions, what opens a commitment, what is unusual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.deconfliction import acting, queries, sealed
from hueandcry.apps.deconfliction.models import Offer, Session
from hueandcry.apps.deconfliction.views import OfferView, Opening, SessionView
from hueandcry.apps.members import face as members
from hueandcry.core import matching
from hueandcry.core.errors import NotFound
from hueandcry.core.matching import Role, State
from hueandcry.core.types import Micros


def offers() -> list[OfferView]:
    """What is and lately was put up for matching, the newest first."""
    return [_offer(row) for row in queries.offers()]


def _offer(row: Offer) -> OfferView:
    told = sealed.opened(row.sealed)
    return OfferView(
        row.pk,
        told.get("case", ""),
        told.get("items", ()),
        row.count,
        row.person_id,
        row.made_at,
        row.until,
        row.withdrawn_at,
    )


def sessions(*, before: int | None = None, limit: int = 100) -> list[SessionView]:
    """Sessions, the newest first, from below the number `before`."""
    return _views(queries.sessions(before, limit))


def session(request: UUID) -> SessionView:
    """The session that stands on a request; raises NotFound."""
    return _views([queries.session(request)])[0]


def alarms(at: Micros) -> list[SessionView]:
    """Sessions of the last 30 days that people should look at, in order."""
    return _views(queries.alarmed(at - acting.MONTH))


def opening(request: UUID) -> Opening:
    """What opens the commitment to our set of a session; raises NotFound once it was purged."""
    row = queries.session(request)
    held = sealed.opened(row.sealed)
    if not held:
        raise NotFound("purged", f"The set of the session {request} is not held any more")
    whole = matching.padded(bytes.fromhex(held["key"]), held["items"], row.size)
    return Opening(row.commitment.hex(), held["key"], whole)


def _views(rows: list[Session]) -> list[SessionView]:
    names = members.called({row.peer.hex() for row in rows})
    return [_view(row, names[row.peer.hex()]) for row in rows]


def _view(row: Session, name: str) -> SessionView:
    found = sealed.opened(row.found) if row.state == State.DONE else {}
    contact, cases = _theirs(row, found)
    return SessionView(
        number=row.pk,
        request=UUID(bytes=row.request),
        peer=row.peer.hex(),
        peer_name=name,
        role=row.role,
        state=row.state,
        word=row.word,
        commitment=row.commitment.hex(),
        size=row.size,
        count=row.items,
        their_commitment=row.their_commitment.hex() if row.their_commitment else None,
        their_size=row.their_size,
        hits=row.hits if row.state == State.DONE else None,
        found=found.get("items", {}),
        contact=contact,
        cases=cases,
        alarm=row.alarm,
        why=row.why,
        made_at=row.made_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        cleared_at=row.cleared_at,
    )


def _theirs(row: Session, found: Mapping[str, Any]) -> tuple[str, list[str]]:
    """(desk, references) of the other side after a hit: the asking side's stand in its request."""
    if not found.get("items"):
        return "", []
    if row.role == Role.ASKING:
        return found["contact"], found["cases"]
    given = cooperation.given(UUID(bytes=row.request))
    return str(given.get("contact", "")), [str(given["case_ref"])] if "case_ref" in given else []
