"""A node with people at its desk, and another member whose desk we play, for tests of requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import arriving
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import RequestView, Said
from hueandcry.apps.cooperation.models import Clock, Request, Transition
from hueandcry.apps.cooperation.wire import Asked, Stepped
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.core import jws
from hueandcry.core.errors import HueError
from hueandcry.core.ids import uuid7
from hueandcry.core.law import LAW
from hueandcry.core.types import SECOND, Actor
from hueandcry.doors.desk import arrivals
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import OtherMember
from requests_made import form

#: Everybody at our desk, with their role.
DESK = {"ann": "analyst", "dao": "duty", "lek": "legal", "som": "checker"}
#: A basis on which nearly everything may be asked while no treaty is known to be in force.
BASIS = "reciprocity"


class Requests(Node):
    """Time stands still until it is moved; every act is a unit of work of its own."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, other: OtherMember, roles: Sequence[str]
    ) -> None:
        super().__init__(monkeypatch, roles)
        self.desk: dict[str, Actor] = {}
        for login, role in DESK.items():
            with unit_of_work():
                row, _ = members.add_person(login, [role])
            held = frozenset({role})
            self.desk[login] = Actor(self.fingerprint, row.pk, held, second_factor=True)
        self.other = other
        self.peer = self.joined(other)
        self._ids = 0

    # --- ours ---

    def drafted(self, type: str, basis: str = BASIS, by: str = "ann", **given: Any) -> UUID:
        whole = form(type, self.now, **given)
        with unit_of_work():
            return cooperation.draft(
                self.desk[by], type, self.other.fingerprint, basis, whole, self.now
            )

    def drafts(
        self, who: str, type: str, to: OtherMember, given: dict[str, Any], hop_of: UUID | None
    ) -> UUID:
        """A draft of just these fields, to any peer."""
        with unit_of_work():
            return cooperation.draft(
                self.desk[who], type, to.fingerprint, BASIS, given, self.now, hop_of=hop_of
            )

    def did(self, who: str, request: UUID, event: str, **said: Any) -> RequestView:
        """One act by one of our people, a second later."""
        self.now += SECOND
        seen = said.pop("seen", None)
        with unit_of_work():
            cooperation.act(self.desk[who], request, event, Said(**said), self.now, seen=seen)
        return self.view(request)

    def sent(self, type: str, basis: str = BASIS, **given: Any) -> UUID:
        """A request that two of ours have signed, on its way."""
        request = self.drafted(type, basis, **given)
        self.did("ann", request, "sign")
        self.did("som", request, "approve")
        return request

    def delivered_to(self, type: str, basis: str = BASIS, **given: Any) -> UUID:
        """The same, taken in by the other side, whose receipt we hold."""
        request = self.sent(type, basis, **given)
        self.receipted()
        return request

    def view(self, request: UUID) -> RequestView:
        return cooperation.shown(request, self.now)

    def on_the_way(self) -> list[jws.Document]:
        """What waits for the other side, in order."""
        waiting = peer_queries.all_due(self.peer.id, 100)
        return [jws.open_document(row.document.document).stated for row in waiting]

    def receipted(self, zone: str = "Asia/Ho_Chi_Minh") -> None:
        """The other side signs for all that waits."""
        for row in peer_queries.all_due(self.peer.id, 100):
            digest = row.document.digest
            said = {"kind": "receipt", "checkpoints": {}, "outcome": "accepted", "zone": zone}
            raw = self.theirs("receipt", said, re=[digest.hex()])
            with unit_of_work():
                peers.keep_receipt(self.peer, digest, raw, self.now)
                peer_queries.settle(row, row.State.DELIVERED, self.now, "accepted")
        arriving.note_receipts()

    # --- theirs ---

    def theirs(self, type: str, body: dict[str, Any], **more: Any) -> bytes:
        return self.other.document(type, body, at=self.now, **{"aud": self.fingerprint, **more})

    def came(self, raw: bytes, sender: OtherMember | None = None) -> dict[str, Any]:
        """What our receipt says of a document that they deliver, a second later."""
        self.now += SECOND
        given = arrivals.document(raw, peers.must_be((sender or self.other).fingerprint))
        assert given is not None
        return dict(jws.open_document(given).stated.body)

    def asked(self, type: str, basis: str = BASIS, **given: Any) -> UUID:
        """Their request, which we take in."""
        body = self.asking(type, basis, **given)
        assert self.came(self.theirs("request", body))["outcome"] == "accepted"
        return UUID(body["request"])

    def asking(self, type: str, basis: str = BASIS, **given: Any) -> dict[str, Any]:
        signers = given.pop("signers", ("p-theirs-1", "p-theirs-2"))
        self._ids += 1
        request = uuid7(self.now, self._ids.to_bytes(10, "big"))
        return Asked(request, type, basis, form(type, self.now, **given), signers).body()

    def stepped(
        self, request: UUID, event: str, source: str, *, type: str = "request-step", **said: Any
    ) -> bytes:
        """Their act upon a request, as their node would tell of it."""
        more = {name: said.pop(name) for name in ("re", "signer") if name in said}
        document = Request.objects.get(uuid=request.bytes)
        if document.side == "requesting" and document.document:
            more.setdefault("re", [document.document.hex()])
        return self.theirs(type, self.step_body(request, event, source, **said), **more)

    def step_body(self, request: UUID, event: str, source: str, **said: Any) -> dict[str, Any]:
        by = said.pop("by", "p-theirs-9")
        return Stepped(request, event, source, by, Said(**said)).body()

    def they(self, request: UUID, event: str, source: str, **said: Any) -> RequestView:
        """Their act, which we take in."""
        self.came(self.stepped(request, event, source, **said))
        return self.view(request)


def counted() -> tuple[object, ...]:
    """All that an act changes."""
    return (
        list(Request.objects.order_by("id").values_list("uuid", "state", "version", "given")),
        Transition.objects.count(),
        list(Clock.objects.order_by("id").values_list("rule", "due", "ended_at")),
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


def codes(type: str, basis: str = BASIS) -> list[str]:
    """The codes by which a type may be refused."""
    return [each.code for each in LAW.refusals(type, basis)]
