"""Handing over: who goes off duty writes what is open, and who comes on takes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.duty import queries, roster, rules, sealed
from hueandcry.apps.duty.models import HandOver
from hueandcry.apps.duty.rules import Doing
from hueandcry.apps.duty.views import NoteView, OpenRequest
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted
from hueandcry.core.types import Actor, Micros

#: Letters of the free words, and requests that are listed.
WORDS: Final = 10_000
_LISTED: Final = 500


def leave_note(actor: Actor, words: str, at: Micros) -> int:
    """Writes a note: free words, and every open request with its next deadline; its number."""
    person = rules.check_may(actor, Doing.HAND_OVER)
    words = words.strip()
    if not words or len(words) > WORDS:
        raise Malformed("words", f"A note has words, and {WORDS} letters at most")
    said = {"words": words, "open": [asdict(each) for each in _open()]}
    row = HandOver.objects.create(person_id=person, at=at, said=sealed.seal(said))
    roster.log(actor, "note", row.pk, at)
    return row.pk


def _open() -> list[OpenRequest]:
    """The open requests, the next deadline first."""
    found = [
        OpenRequest(each.number, each.type, each.state, each.due)
        for each in cooperation.listed(limit=_LISTED)
    ]
    return sorted(found, key=lambda each: (each.due is None, each.due or 0, each.number))


def take_note(actor: Actor, number: int, at: Micros) -> None:
    """Takes over what a note says.

    Raises NotFound, Conflict where somebody has already, NotPermitted for who wrote it.
    """
    person = rules.check_may(actor, Doing.HAND_OVER)
    row = queries.note(number)
    if row is None:
        raise NotFound("note", f"There is no hand-over note {number}")
    if row.person_id == person:
        raise NotPermitted("own_note", "Nobody takes over from themselves")
    if queries.take_note(number, person, at) != 1:
        raise Conflict("taken", f"Somebody has taken over by note {number} already")
    roster.log(actor, "note-taken", number, at)


def notes(limit: int = 20) -> list[NoteView]:
    """Hand-over notes, the newest first."""
    people = {each.number: each for each in members.people()}
    return [_view(row, people) for row in queries.notes(limit)]


def _view(row: HandOver, people: dict[int, members.PersonView]) -> NoteView:
    said, by = sealed.opened(row.said), people[row.person_id]
    return NoteView(
        row.pk,
        by.login,
        by.name,
        row.at,
        said.get("words", ""),
        [OpenRequest(**each) for each in said.get("open", ())],
        people[row.taken_by_id].login if row.taken_by_id else "",
        row.taken_at,
    )
