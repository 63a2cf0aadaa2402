"""A node at whose desk people look for common items, and another member whose side we play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.deconfliction import blinding, turns
from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.deconfliction.face import SessionView
from hueandcry.apps.deconfliction.models import Act, Offer, Session
from hueandcry.apps.deconfliction.wire import DECONFLICTION, Word
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.core import jws, matching
from hueandcry.core.errors import HueError
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember
from requests_scene import Requests

CASE = "C-2026-7"
PHONE = "phone:+66812345678"
ACCOUNT = "bank-account:BKKBTHBK:1234567890"
WALLET = "wallet:0x52908400098527886e0f7030069857d2e4169ee7"

NOWHERE = UUID(int=0)


class Theirs:
    """The other side's half of one session, with keys of its own and no database."""

    def __init__(self, items: Sequence[str], size: int = 100, request: UUID = NOWHERE) -> None:
        self.request, self.size = request, size
        self.whole = matching.padded(b"theirs" * 6, items, size)
        self.commitment = matching.commitment(b"theirs" * 6, self.whole).hex()
        self.key = b""

    def blinded(self) -> dict[str, Any]:
        self.key, points = blinding.blind(self.whole)
        return {"blinded": points}

    def answered(self, heard: Word) -> dict[str, Any]:
        assert heard.blinded is not None
        setup, response = blinding.answer(heard.blinded, self.whole)
        return {"setup": setup, "response": response}

    def found(self, heard: Word) -> list[str]:
        assert heard.setup is not None and heard.response is not None
        places = blinding.found(self.key, heard.setup, heard.response)
        return [self.whole[place] for place in places]

    def first(self) -> Word:
        return self.word(1, commitment=self.commitment, size=self.size, **self.blinded())

    def word(self, number: int, **said: Any) -> Word:
        return Word(self.request, number, **said)


class Matching(Requests):
    """Time stands still until it is moved; our loop turns when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, OtherMember("hanoi", roles=("asc", "lea")), ("asc", "lea"))

    # --- what our people do ---

    def offered(self, *items: str, case: str = CASE, days: int = 30) -> int:
        with unit_of_work():
            until = self.now + days * DAY
            return deconfliction.offer(self.desk["ann"], case, items, until, self.now)

    def asked_by_us(self, *items: str, case: str = CASE) -> UUID:
        """A set of ours, and the request for a session over it, still a draft."""
        with unit_of_work():
            return deconfliction.ask(
                self.desk["ann"], self.other.fingerprint, case, items, self.now
            )

    def granted_to_us(self, *items: str, case: str = CASE) -> UUID:
        """The same, signed, sent, delivered and accepted."""
        request = self.asked_by_us(*items, case=case)
        self.did("ann", request, "sign")
        self.did("som", request, "approve")
        self.receipted()
        for event, source in GRANTING:
            self.they(request, event, source)
        return request

    def granted_by_us(self, theirs: Sequence[str], size: int = 100) -> Theirs:
        """Their request for a session, which our desk accepted, and their half of it."""
        side = Theirs(theirs, size)
        said = {"set_commitment": side.commitment, "session": matching.method(size)}
        asked = {"case_ref": "VN-31", "contact": "Hanoi desk, +84 1", **said}
        side.request = self.asked("DECONFLICT", "house", **asked)
        for event, _ in GRANTING:
            self.did("lek", side.request, event)
        return side

    # --- the session ---

    def turned(self) -> None:
        """Our loop, until nothing is left to do."""
        while turns.take_turns():
            self.now += SECOND

    def said(self, request: UUID) -> Word:
        """Our newest word in a session, once the loop has turned; the other side signs for it."""
        self.turned()
        found = [each for each in self.on_the_way() if each.type == DECONFLICTION]
        self.receipted()
        word = Word.read(found[-1].body)
        assert word.request == request
        return word

    def heard(self, word: Word) -> None:
        """Their word, which we take in."""
        self.came(self.worded(word))

    def worded(self, word: Word) -> bytes:
        return self.theirs(DECONFLICTION, word.body())

    def session(self, request: UUID) -> SessionView:
        return deconfliction.session(request)

    def answered_to(self, theirs: Theirs) -> SessionView:
        """A whole session in which they asked; they say honestly what they found."""
        first = self.said(theirs.request)
        self.heard(theirs.word(2, **theirs.blinded(), **theirs.answered(first)))
        found = theirs.found(self.said(theirs.request))
        self.heard(theirs.word(4, hits=len(found)))
        self.turned()
        return self.session(theirs.request)

    def asked_of(self, theirs: Theirs, *, contact: str = "Hanoi desk, +84 1") -> SessionView:
        """A whole session in which we asked; they say honestly what they found."""
        self.heard(theirs.first())
        second = self.said(theirs.request)
        found = theirs.found(second)
        self.heard(theirs.word(3, **theirs.answered(second), hits=len(found)))
        self.turned()
        if found:
            self.heard(theirs.word(5, contact=contact, cases=("VN-31",)))
        return self.session(theirs.request)

    def later(self, micros: int) -> None:
        self.now += micros
        self.turned()


#: Their desk, or ours, accepts a request: each act with the state that it is made from.
GRANTING = (("open", "DELIVERED"), ("take_up", "RECEIVED"), ("accept", "UNDER_DECISION"))


def documents(node: Matching, request: UUID) -> list[bytes]:
    """The bytes of every message of a session that are still held, of both sides."""
    told = Act.objects.filter(session__request=request.bytes, document__isnull=False)
    rows = [peer_queries.document(bytes(each.document or b"")) for each in told]
    return [bytes(row.document) for row in rows if row is not None and row.document]


def opened(raw: bytes) -> Word:
    return Word.read(jws.open_document(raw).stated.body)


def allowed(name: str, value: int | str) -> None:
    """A policy of this node, in force at once."""
    with unit_of_work():
        policy.change(name, str(value), None, NOW)
    policy.forget()


def counted() -> tuple[object, ...]:
    """All that an act changes."""
    return (
        list(Session.objects.order_by("id").values_list("state", "word", "hits", "ended_at")),
        list(Offer.objects.order_by("id").values_list("withdrawn_at", "until")),
        Act.objects.count(),
        Entry.objects.count(),
    )


def refused(
    kind: type[HueError], code: str, act: Callable[..., object], /, *args: Any, **more: Any
) -> HueError:
    """The act is refused with this code, and nothing is half-done."""
    before = counted()
    with pytest.raises(kind) as caught:
        act(*args, **more)
    assert caught.value.code == code, caught.value
    assert counted() == before
    return caught.value
