"""A node with exhibits, and another member that hands some over, for tests of evidence."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import Added, ExhibitView, Line, Received, Taken, Told
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.config.loops import log_signer
from hueandcry.core import custody, notes, tlog
from hueandcry.core.custody import Action, Content, Counterpart, Event, Linked, NotBefore
from hueandcry.core.ids import uuid7
from hueandcry.core.types import SECOND, Actor
from hueandcry.core.witnessing import witness_key
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger.publisher import publish
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import NOW, OtherMember

CHAT = b"10/02/2026, 14:03 - Scammer: send it today\n"


class Evidence(Node):
    """Time stands still until it is moved; every act is a unit of work of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        with unit_of_work():
            person, _ = members.add_person("malee", ["police"])
        self.person = person.pk
        self.police = Actor(self.fingerprint, person.pk, frozenset({"police"}))
        self.analyst = Actor(self.fingerprint, None, frozenset({"analyst", "administrator"}))

    def taken(self, data: bytes = CHAT, name: str = "chat.txt") -> Taken:
        return face.take_bytes([data], name)

    def kept(self, data: bytes = CHAT, name: str = "chat.txt", **told: Any) -> Added:
        taken = self.taken(data, name)
        with unit_of_work():
            return face.add(self.analyst, taken, Told(**told), self.now)

    def did(self, do: Callable[..., Any], exhibit: object, *args: Any, **more: Any) -> Any:
        """One use case on an exhibit by the police, a second later, as a unit of work."""
        self.now += SECOND
        actor = more.pop("actor", self.police)
        with unit_of_work():
            return do(actor, str(exhibit), *args, self.now, **more)

    def held(self, **told: Any) -> ExhibitView:
        """An exhibit that an authority has taken."""
        added = self.kept(**told)
        view: ExhibitView = self.did(face.take, added.exhibit.id, "Court of Bangkok", "For trial")
        return view

    def chain(self, exhibit: UUID) -> list[Event]:
        """The custody of an exhibit, which must hold with every signature and commitment."""
        lines = face.lines(exhibit)
        custody.check_chain([Linked.read(line.record) for line in lines])
        return [custody.read_record(line.record) for line in lines]


def handed_over(
    by: OtherMember, to: str, data: bytes = CHAT, number: str = "EX-1", **more: Any
) -> Received:
    """What `by` hands over in a package, with the two events of its custody; bent by `more`."""
    taken = face.take_bytes([data], "chat.txt")
    content = (Content(taken.fresh.sha256.hex(), taken.fresh.size),)
    package = uuid7(NOW, secrets.token_bytes(10))
    first = Event(
        event=uuid7(NOW, secrets.token_bytes(10)),
        exhibit=uuid7(NOW, secrets.token_bytes(10)),
        number=number,
        n=0,
        prev=None,
        action=Action.ACQUIRED,
        at=NOW - SECOND,
        actor=custody.Actor(by.fingerprint),
        reason="Seized",
        outputs=content,
        description="Chat",
    )
    sent = replace(
        first,
        event=uuid7(NOW, secrets.token_bytes(10)),
        n=1,
        prev=custody.link(custody.record(first)),
        action=Action.TRANSFERRED,
        at=NOW,
        counterpart=Counterpart(to, None, package),
        description=None,
    )
    lines = tuple(line(by, n, custody.record(each)) for n, each in enumerate((first, sent)))
    given = Received(
        lines=lines,
        taken=taken,
        sender=by.fingerprint,
        package=package,
        not_before=NotBefore(f"{by.name}.example/log/0", 2, "cd" * 32),
    )
    return replace(given, **more)


def line(by: OtherMember, index: int, record: bytes) -> Line:
    """A line of another member's custody."""
    key = by.key("act")
    return Line(
        record=record,
        salt=secrets.token_bytes(tlog.SALT_LENGTH),
        origin=f"{by.name}.example/log/0",
        index=index,
        kid=f"{by.fingerprint}/{key.key_id}",
        signature=key.sign(custody.message(record)),
        proof=b"c2sp.org/tlog-proof@v1\n",
    )


def actions(chain: Sequence[Event]) -> list[str]:
    return [each.action.value for each in chain]


def publish_all() -> None:
    """Signs the ledger up to here."""
    while publish(settings.DATA, log_signer(), "test"):
        pass


def cosign(node: Evidence, by: OtherMember) -> None:
    """A peer witnesses our newest head, as a node that asks us would."""
    head = ledger.newest()
    assert head is not None
    note, key = notes.parse_note(head.note), by.key("witness")
    line = notes.cosign(
        note.text, witness_key(by.fingerprint, key.public), node.now // SECOND, key.sign
    )
    seen = notes.Note(note.text, (*note.signatures, line)).encode()
    with unit_of_work():
        peers.hear_cosignatures(peers.must_be(by.fingerprint), seen, node.now)
