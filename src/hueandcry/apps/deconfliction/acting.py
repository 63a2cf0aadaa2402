"""Acts upon offers and sessions: each with one entry in the ledger, in the caller's transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hueandcry.apps.deconfliction import queries
from hueandcry.apps.deconfliction.models import Act, Offer, Session
from hueandcry.core.errors import Conflict
from hueandcry.core.matching import Alarm, State, unusual
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Micros
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge

MONTH = 30 * DAY


def of_offer(row: Offer, name: str, at: Micros, person: int, **facts: Any) -> None:
    """Notes what a person did with an offer."""
    act = Act(offer=row, name=name, person_id=person, at=at)
    ledger.append("deconfliction.offer", act, act=name, at=time_text(at), offer=row.pk, **facts)


def of_session(
    row: Session,
    name: str,
    at: Micros,
    *,
    word: int | None = None,
    person: int | None = None,
    document: bytes | None = None,
    **facts: Any,
) -> None:
    """Notes one act of a session."""
    act = Act(session=row, name=name, word=word, person_id=person, document=document, at=at)
    ledger.append(
        "deconfliction.session",
        act,
        act=name,
        at=time_text(at),
        document=document.hex() if document else None,
        request=str(UUID(bytes=row.request)),
        word=word,
        **facts,
    )


def go_on(row: Session, at: Micros, state: State, **changed: Any) -> None:
    """Moves a session on to `state`; Conflict where it has moved.

    `changed` has what else changes: the word that was said, hits, what was found. With the end our
    key is gone, and so is what was found unless both sides say the same.
    """
    changed = {**changed, **_ending(state, at), "state": state}
    # The ledger is held first: whoever takes in a document holds it already, and would wait for us.
    ledger.known(lambda: None)
    if state is not State.OPEN:
        purge.begin()
    if not queries.moved(row, **changed):
        raise Conflict(
            "moved_on",
            "The session has gone on, or has ended",
            why="Another process was quicker, or it was ended meanwhile",
        )
    for name, value in changed.items():
        setattr(row, name, value)


def _ending(state: State, at: Micros) -> dict[str, Any]:
    if state is State.OPEN:
        return {}
    return {"ended_at": at, "secret": ""} | ({} if state is State.DONE else {"found": ""})


def ended(row: Session, at: Micros) -> None:
    """Notes the end of a session, and what of it is out of the usual."""
    alarm = _alarm(row, at)
    if alarm != row.alarm:
        Session.objects.filter(pk=row.pk).update(alarm=alarm)
        row.alarm = alarm
    of_session(row, "end", at, state=row.state, hits=row.hits, alarm=alarm)


def _alarm(row: Session, at: Micros) -> str:
    if row.alarm or row.state == State.DIFFERS:
        return row.alarm or Alarm.DIFFERS
    hits = row.hits if row.state == State.DONE else None
    return unusual(row.items, hits or 0, *queries.answered(row.peer, at - MONTH)) or ""
