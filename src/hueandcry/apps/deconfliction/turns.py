"""The loop: sessions are opened, our words are said, what took too long is ended, traces deleted.

The arithmetic is done outside of any transaction; then one conditional update says the word. Killed
between the two, the next turn does it again under a fresh key, which nobody has seen.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.deconfliction import (
    acting,
    blinding,
    purging,
    queries,
    sealed,
    service,
    settings,
)
from hueandcry.apps.deconfliction.models import Act, Session
from hueandcry.apps.deconfliction.service import REQUEST
from hueandcry.apps.deconfliction.wire import CASES, DECONFLICTION, Points, Word
from hueandcry.apps.peers import face as peers
from hueandcry.core import jws, matching
from hueandcry.core.errors import Conflict, HueError, Malformed, NotPermitted, TooLarge
from hueandcry.core.matching import Alarm, Role, State
from hueandcry.core.types import MINUTE, Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.rows import each_alone
from hueandcry.engine.policy import face as policy
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

#: For so long after the end the other node may ask for a receipt again, by the same bytes.
LINGER: Final = 10 * MINUTE
_HOUR: Final = 60 * MINUTE


def take_turns() -> bool:
    """Does what is to be done in sessions now; True where there may be more."""
    at = clock.now()
    _open_granted(at)
    _end_what_is_over(at)
    _clear(at)
    ready = [row for row in queries.our_turns() if row.word or _is_granted(row)]
    for row in ready:
        _speak(row, at)
    return bool(ready)


def _is_granted(row: Session) -> bool:
    return cooperation.is_granted(UUID(bytes=row.request))


# --- the answering side opens ---------------------------------------------------------------------


def _open_granted(at: Micros) -> None:
    waiting = queries.without_session(cooperation.granted_by_us(REQUEST))
    each_alone(waiting, lambda request: _open(request, at))  # another process may open it as well


def _open(request: UUID, at: Micros) -> None:
    """Commits to what is put up for matching now, for a session that was asked for and granted."""
    listed, given = cooperation.shown(request, at).listed, cooperation.given(request)
    row = Session(
        request=request.bytes,
        peer=bytes.fromhex(listed.peer),
        role=Role.ANSWERING,
        made_at=at,
        ends_at=at + policy.number(settings.HOURS.name) * _HOUR,
        their_commitment=bytes.fromhex(str(given["set_commitment"])),
    )
    items = defaultdict[str, list[str]](list)
    for offer in queries.standing_offers(at):
        told = sealed.opened(offer.sealed)
        for item in told["items"]:
            items[item].append(told["case"])
    try:
        row.their_size = matching.read_method(given["session"])
        size = matching.size_for(len(items))
        service.commit(row, secrets.token_bytes(32), items, size, at)
    except (Malformed, NotPermitted, TooLarge) as refused:
        _refuse_to_open(row, refused, at)


def _refuse_to_open(row: Session, why: HueError, at: Micros) -> None:
    """A row that says why there is no session, over a set of nothing: it is not tried again."""
    row.commitment = matching.commitment(b"", ())
    row.size = row.items = row.their_size = 0
    row.state, row.why, row.ended_at = State.REFUSED, str(why)[:300], at
    row.save()
    acting.of_session(row, "end", at, state=row.state, why=why.code)


# --- our word -------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Said:
    """What our word says, and what changes here with it."""

    parts: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)
    forged: bool = False  #: a dummy of ours was found, which nobody else can have


def _speak(row: Session, at: Micros) -> None:
    """Says our next word; a session in which that cannot be ends."""
    try:
        said = _WORDS[row.word + 1](row)
        if said.forged:
            return _end(row, State.DIFFERS, at, alarm=Alarm.FORGED)
        with unit_of_work():
            _say(row, said, at)
    except HueError as fault:
        if fault.code != "moved_on":  # then another process has said it
            _end(row, State.REFUSED, at, why=str(fault)[:300])


def _say(row: Session, said: _Said, at: Micros) -> None:
    word = row.word + 1
    hits = said.changed.get("hits", row.hits)
    state = matching.after(word, hits, row.their_hits)
    acting.go_on(row, at, state, word=word, **said.changed)
    told = Word(UUID(bytes=row.request), word, **said.parts)
    peer = peers.must_be(row.peer.hex())
    raw = peers.issue(
        DECONFLICTION, told.body(), at, aud=peer.fingerprint, agreement=peer.agreement
    )
    digest = bytes.fromhex(jws.open_document(raw).stated.digest)
    acting.of_session(row, "say", at, word=word, document=digest)
    peers.send(raw, [peer.id], at)
    if state is not State.OPEN:
        acting.ended(row, at)


def _first(row: Session) -> _Said:
    key, points = blinding.blind(_whole(row))
    parts = {"commitment": row.commitment.hex(), "size": row.size, "blinded": points}
    return _Said(parts, {"secret": _kept(key)})


def _second(row: Session) -> _Said:
    whole = _whole(row)
    key, points = blinding.blind(whole)
    setup, response = blinding.answer(_heard(row, "blinded"), whole)
    parts = {"blinded": points, "setup": setup, "response": response}
    return _Said(parts, {"secret": _kept(key)})


def _third(row: Session) -> _Said:
    counted = _fourth(row)
    setup, response = blinding.answer(_heard(row, "blinded"), _whole(row))
    counted.parts |= {"setup": setup, "response": response}
    return counted


def _fourth(row: Session) -> _Said:
    """What of ours they have too, by our own direction of the session: its number alone is said."""
    key, whole = bytes.fromhex(sealed.opened(row.secret)["key"]), _whole(row)
    places = blinding.found(key, _heard(row, "setup"), _heard(row, "response"))
    hits = [whole[place] for place in places]
    items = sealed.opened(row.sealed)["items"]
    ours = {item: items[item] for item in hits if not matching.is_dummy(item)}
    changed = {"hits": len(ours), "found": sealed.seal({"items": ours})}
    return _Said({"hits": len(ours)}, changed, forged=len(ours) < len(hits))


def _fifth(row: Session) -> _Said:
    found = sealed.opened(row.found)["items"]
    cases = sorted({case for each in found.values() for case in each})
    return _Said({"contact": service.contact(), "cases": tuple(cases[:CASES])})


_WORDS: Final = {1: _first, 2: _second, 3: _third, 4: _fourth, 5: _fifth}


def _whole(row: Session) -> list[str]:
    """Our set as it was committed to."""
    held = sealed.opened(row.sealed)
    return matching.padded(bytes.fromhex(held["key"]), held["items"], row.size)


def _kept(key: bytes) -> str:
    return sealed.seal({"key": key.hex()})


def _heard(row: Session, part: str) -> Points:
    """A part of the last word of the other side."""
    digest = queries.message(row, row.word)
    assert digest is not None  # it is our turn because it came
    document = jws.open_document(peers.document(digest)).stated
    found: Points = getattr(Word.read(document.body), part)
    return found


# --- ends -----------------------------------------------------------------------------------------


def _end_what_is_over(at: Micros) -> None:
    for row in queries.open_sessions():
        if row.ends_at is not None and row.ends_at <= at:
            _end(row, State.EXPIRED, at)
        elif cooperation.has_ended(UUID(bytes=row.request)):
            _end(row, State.DROPPED, at)
        elif why := _refused(row):
            _end(row, State.REFUSED, at, why=why[:300])


def _refused(row: Session) -> str:
    """Why the other node did not take in our last word; empty where it did, or has not yet."""
    peer, digest = peers.find(row.peer.hex()), _last_of_ours(row)
    if peer is None or digest is None:
        return ""
    return peers.refusals(peer.id, [digest]).get(digest, "")


def _is_taken(row: Session) -> bool:
    """Whether the other node has signed for all that we said: words go in their order."""
    peer, digest = peers.find(row.peer.hex()), _last_of_ours(row)
    if peer is None or digest is None:
        return True
    return (digest, "receipt") in peers.receipts_about(peer.id, [digest])


def _last_of_ours(row: Session) -> bytes | None:
    """The digest of the last word if we said it; None where it was theirs, or none was said."""
    if row.word == 0 or matching.speaker(row.word) != row.role:
        return None
    return queries.message(row, row.word)


def _end(row: Session, state: State, at: Micros, **more: Any) -> None:
    with suppress(Conflict), unit_of_work():  # it may have gone on meanwhile
        acting.go_on(row, at, state, **more)
        acting.ended(row, at)


def _clear(at: Micros) -> None:
    """Deletes the messages of ended sessions, here and on their way, and offers that are over."""
    ready = [row for row in queries.uncleared() if _may_clear(row, at)]
    emptied = queries.any_over(at)
    if not ready and not emptied:
        return
    purge.begin()
    for row in ready:
        with unit_of_work():
            peers.erase_documents(queries.messages(row), take_back=at)
            Session.objects.filter(pk=row.pk, cleared_at=None).update(cleared_at=at)
    if emptied:
        with unit_of_work():
            queries.empty_over(at)
    purge.scrub((*purging.TABLES, "peers_document"))


def _may_clear(row: Session, at: Micros) -> bool:
    over = (row.ended_at or at) + LINGER
    return at >= over and (at >= (row.ends_at or 0) or _is_taken(row))


def signed_again(before: bytes, after: bytes) -> None:
    """A word of ours was dated and signed again before the other side had it."""
    Act.objects.filter(document=before).update(document=after)
    peers.erase_documents([before])


peers.AGAIN[DECONFLICTION] = signed_again
