"""What the other side says in a session. Nothing is reckoned here: that is the loop's."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.deconfliction import acting, queries, sealed, service, settings
from hueandcry.apps.deconfliction.models import Session
from hueandcry.apps.deconfliction.wire import Word
from hueandcry.apps.peers.face import Accepted, PeerView
from hueandcry.core import matching
from hueandcry.core.errors import Conflict, Malformed, TooMany
from hueandcry.core.matching import State
from hueandcry.core.types import MINUTE, Micros
from hueandcry.engine.policy import face as policy

_HOUR: Final = 60 * MINUTE


def take(accepted: Accepted, sender: PeerView, at: Micros) -> dict[str, Any]:
    """Takes in the next word of the other side; gives the receipt's facts.

    Raises NotFound for a session that is not between the two, Conflict where that word is not the
    next one, Malformed where it does not fit what was said before, NotPermitted beyond the budget.
    """
    said = Word.read(accepted.document.body)
    row = queries.with_peer(said.request, sender.fingerprint)
    _check_next(row, said, at)
    changed = _CHANGES[said.word](row, said, at)
    state = matching.after(said.word, row.hits, changed.get("their_hits", row.their_hits))
    acting.go_on(row, at, state, word=said.word, **changed)
    digest = bytes.fromhex(accepted.document.digest)
    acting.of_session(row, "hear", at, word=said.word, document=digest)
    if state is not State.OPEN:
        acting.ended(row, at)
    return {"request": str(said.request)}


def _check_next(row: Session, said: Word, at: Micros) -> None:
    over = row.state != State.OPEN or (row.ends_at is not None and row.ends_at <= at)
    if over or said.word != row.word + 1 or matching.speaker(said.word) == row.role:
        raise Conflict(
            "moved_on",
            f"Word {said.word} is not the next one of this session",
            why=f"It is {row.state} here, after word {row.word}",
        )


def _first(row: Session, said: Word, at: Micros) -> dict[str, Any]:
    """Our request was granted, and the other side has committed to its set."""
    if not cooperation.is_granted(UUID(bytes=row.request)):
        raise TooMany("busy", "That this request was accepted is not here yet", do="Send it again")
    _check_sizes(said.size, said.blinded)
    row.their_size = said.size
    service.check_budgets(row, at)
    return {
        "their_commitment": bytes.fromhex(said.commitment or ""),
        "their_size": said.size,
        "ends_at": at + policy.number(settings.HOURS.name) * _HOUR,
    }


def _second(row: Session, said: Word, at: Micros) -> dict[str, Any]:
    _check_sizes(row.their_size, said.blinded, said.setup)
    _check_sizes(row.size, said.response)
    return {}


def _third(row: Session, said: Word, at: Micros) -> dict[str, Any]:
    _check_sizes(row.their_size, said.setup)
    _check_sizes(row.size, said.response)
    return {"their_hits": said.hits}


def _fourth(row: Session, said: Word, at: Micros) -> dict[str, Any]:
    return {"their_hits": said.hits}


def _fifth(row: Session, said: Word, at: Micros) -> dict[str, Any]:
    told = {"contact": said.contact, "cases": list(said.cases or ())}
    return {"found": sealed.seal({**sealed.opened(row.found), **told})}


_CHANGES: Final = {1: _first, 2: _second, 3: _third, 4: _fourth, 5: _fifth}


def _check_sizes(size: int | None, *sets: tuple[bytes, ...] | None) -> None:
    if any(points is None or len(points) != size for points in sets):
        raise Malformed("size", f"This set looks like {size}, and they sent another number")
