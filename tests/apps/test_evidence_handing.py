"""Exhibits between members: two events that agree, and nothing is taken over that does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from evidence_scene import CHAT, Evidence, actions, handed_over, line
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import Limit, Received, State, Terms
from hueandcry.apps.evidence.models import EarlierLine, Exhibit
from hueandcry.core import custody
from hueandcry.core.custody import Action, Counterpart, Event, NotBefore
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.core.ids import uuid7
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember

pytestmark = pytest.mark.database

PACKAGE = uuid7(NOW, bytes(10))


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def police(node: Evidence) -> OtherMember:
    other = OtherMember("hanoi", roles=("lea",))
    node.joined(other)
    return other


def refused(kind: type[HueError], code: str, act: Callable[[], Any]) -> None:
    before = Exhibit.objects.count(), Entry.objects.count(), EarlierLine.objects.count()
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert (Exhibit.objects.count(), Entry.objects.count(), EarlierLine.objects.count()) == before


# --- out ------------------------------------------------------------------------------------------


def test_a_hand_over_is_an_event_and_the_copy_here_goes_on(
    node: Evidence, police: OtherMember
) -> None:
    view = node.held()
    said = node.did(face.transfer, view.id, police.fingerprint, PACKAGE, "Request 12")
    event = custody.read_record(said.record)
    assert event.counterpart == Counterpart(police.fingerprint, None, PACKAGE)
    node.did(face.read, view.id, "to compare")
    assert actions(node.chain(view.id))[-2:] == ["transferred", "accessed"]
    [handover] = face.handovers(view.id)
    assert (handover.to, handover.package, handover.answered) == (
        police.fingerprint,
        PACKAGE,
        False,
    )


def answer(of: Event, record: bytes, by: OtherMember, **changed: Any) -> bytes:
    """The receiver's event upon a hand-over."""
    assert of.counterpart is not None
    plain = replace(
        of,
        event=uuid7(NOW, b"0123456789"),
        n=of.n + 1,
        prev=custody.link(record),
        action=Action.RECEIVED,
        at=of.at + SECOND,
        actor=custody.Actor(by.fingerprint),
        counterpart=Counterpart(of.actor.org, of.event, of.counterpart.package),
    )
    return custody.record(replace(plain, **changed))


def test_the_receivers_event_is_kept_once_it_agrees(node: Evidence, police: OtherMember) -> None:
    view = node.held()
    said = node.did(face.transfer, view.id, police.fingerprint, PACKAGE, "Request 12")
    sent = custody.read_record(said.record)
    good = answer(sent, said.record, police)
    wrong: list[tuple[type[HueError], str, bytes]] = [
        (Untrusted, "custody_link", answer(sent, b"another", police)),
        (
            Untrusted,
            "custody_transfer",
            answer(sent, said.record, police, outputs=(custody.Content("ab" * 32, 1),)),
        ),
        (
            NotFound,
            "handover",
            answer(
                sent,
                said.record,
                police,
                counterpart=Counterpart(sent.actor.org, PACKAGE, PACKAGE),
            ),
        ),
        (NotFound, "handover", answer(sent, said.record, police, exhibit=PACKAGE)),
        (Malformed, "not_json", b"{"),
    ]
    for kind, code, record in wrong:
        refused(kind, code, lambda record=record: face.answered(view.id, record, node.now))
    for _ in range(2):
        with unit_of_work():
            face.answered(view.id, good, node.now)
    assert face.handovers(view.id)[0].answered
    other = answer(sent, said.record, police, reason="Another story")
    refused(Conflict, "handover", lambda: face.answered(view.id, other, node.now))


def test_a_restriction_keeps_bytes_from_members_that_it_does_not_name(
    node: Evidence, police: OtherMember
) -> None:
    view = node.held()
    hand = lambda: node.did(  # noqa: E731
        face.transfer, view.id, police.fingerprint, PACKAGE, "Request 12"
    )
    nobody = Terms(Limit.ONWARD, "Not to leave the country", "Court", until=node.now + 9 * DAY)
    node.did(face.restrict, view.id, nobody)
    refused(NotPermitted, "restricted", hand)
    node.now += 10 * DAY
    node.did(face.restrict, view.id, Terms(Limit.ONWARD, "x", "Court", to=(police.fingerprint,)))
    hand()
    node.did(face.restrict, view.id, Terms(Limit.ONWARD, "x", "Court", to=("22" * 32,)))
    refused(NotPermitted, "restricted", hand)


def test_what_lies_in_quarantine_goes_to_members_that_are_police_alone(
    node: Evidence, police: OtherMember
) -> None:
    bank = OtherMember("bank", roles=("bank",))
    node.joined(bank)
    view = node.held(quarantined=True)
    refused(
        NotPermitted,
        "quarantined",
        lambda: node.did(face.transfer, view.id, bank.fingerprint, PACKAGE, "x"),
    )
    refused(
        NotPermitted,
        "quarantined",
        lambda: node.did(
            face.transfer, view.id, police.fingerprint, PACKAGE, "x", actor=node.analyst
        ),
    )
    node.did(face.transfer, view.id, police.fingerprint, PACKAGE, "x")


def test_nothing_is_handed_to_nobody_or_to_ourselves(node: Evidence) -> None:
    view = node.held()
    for to, kind, code in (
        ("22" * 32, NotFound, "member"),
        (node.fingerprint, Conflict, "to_us"),
    ):
        refused(kind, code, lambda to=to: node.did(face.transfer, view.id, to, PACKAGE, "Request"))


# --- in -------------------------------------------------------------------------------------------


def took(node: Evidence, given: Received) -> face.Added:
    with unit_of_work():
        return face.receive(node.police, given, node.now)


def test_what_was_handed_over_goes_on_here_in_one_chain(
    node: Evidence, police: OtherMember
) -> None:
    onward = Terms(Limit.ONWARD, "Back to us alone", "Supreme Procuracy")
    given = handed_over(police, node.fingerprint, restrictions=(onward,))
    view = took(node, given).exhibit
    assert (view.state, view.number, view.origin) == (State.TAKEN, "EX-1", police.fingerprint)
    assert b"".join(face.stream(view.id)) == CHAT
    chain = node.chain(view.id)
    assert actions(chain) == ["acquired", "transferred", "received"]
    assert chain[-1].not_before == NotBefore("hanoi.example/log/0", 2, "cd" * 32)
    assert tuple(face.lines(view.id)[:2]) == given.lines
    node.did(face.read, view.id, "what is it")
    assert actions(node.chain(view.id))[-1] == "accessed"
    # Its restriction stands here too, and only they can lift it; to them it can always go back.
    [standing] = face.restrictions(view.id, node.now)
    assert (standing.imposed_by, standing.terms) == (police.fingerprint, onward)
    refused(
        NotPermitted,
        "restriction_of_another",
        lambda: face.lift(node.police, standing.number, "Court", node.now),
    )
    node.did(face.transfer, view.id, police.fingerprint, PACKAGE, "back")


def rewritten(by: OtherMember, given: Received, n: int, **changed: Any) -> Received:
    """The same hand-over with one event told otherwise, linked and signed anew."""
    events = [custody.read_record(each.record) for each in given.lines]
    events[n] = replace(events[n], **changed)
    lines, prev = [], None
    for at, event in enumerate(events):
        record = custody.record(replace(event, prev=prev))
        lines.append(line(by, at, record))
        prev = custody.link(record)
    return replace(given, lines=tuple(lines))


def test_what_does_not_hold_is_not_taken_over(node: Evidence, police: OtherMember) -> None:
    given = handed_over(police, node.fingerprint)
    sent = custody.read_record(given.lines[1].record)
    elsewhere = Counterpart("33" * 32, None, given.package)
    other = custody.Content("ab" * 32, len(CHAT))
    wrong: list[tuple[str, Received]] = [
        ("custody_transfer", replace(given, package=PACKAGE)),
        ("custody_transfer", replace(given, sender="33" * 32)),
        ("custody_transfer", replace(given, lines=given.lines[:1])),
        ("custody_transfer", rewritten(police, given, 1, counterpart=elsewhere)),
        ("custody_start", replace(given, lines=given.lines[1:])),
        ("custody_empty", replace(given, lines=())),
        ("custody_gap", replace(given, lines=given.lines[:1] * 2)),
        (
            "custody_link",
            replace(given, lines=(rewritten(police, given, 0, place="x").lines[0], given.lines[1])),
        ),
        ("custody_time", rewritten(police, given, 1, at=sent.at - DAY)),
        ("custody_content", rewritten(police, given, 1, outputs=(other,))),
        ("custody_content", replace(given, taken=node.taken(b"other bytes"))),
    ]
    for code, forged in wrong:
        refused(Untrusted, code, lambda forged=forged: took(node, forged))
    took(node, given)
    refused(Conflict, "exhibit_here", lambda: took(node, replace(given, taken=node.taken(CHAT))))


def test_a_sender_whose_clock_is_ahead_is_taken_over_within_the_rule(
    node: Evidence, police: OtherMember
) -> None:
    given = handed_over(police, node.fingerprint)
    node.now = NOW - 4 * 60 * SECOND
    view = took(node, given).exhibit
    assert node.chain(view.id)[-1].at == node.now


def test_what_was_received_and_released_is_purged_with_the_earlier_lines(
    node: Evidence, police: OtherMember
) -> None:
    given = handed_over(police, node.fingerprint)
    view = took(node, given).exhibit
    node.now += 500 * DAY
    assert purge.run(node.now).counts == {}
    node.did(face.release, view.id, "Court of Bangkok", "over")
    node.now += 500 * DAY
    assert purge.run(node.now).counts["exhibits"] == 1
    assert not EarlierLine.objects.exclude(record=None, salt=None, proof=None).exists()
    given = replace(given, taken=node.taken(CHAT))
    refused(Conflict, "exhibit_here", lambda: took(node, given))


def test_two_members_may_give_one_number_and_the_id_tells_them_apart(
    node: Evidence, police: OtherMember
) -> None:
    ours = node.kept(number="EX-1").exhibit
    theirs = took(node, handed_over(police, node.fingerprint)).exhibit
    refused(Conflict, "exhibit_number", lambda: face.exhibit("EX-1"))
    assert {face.exhibit(str(each.id)).origin for each in (ours, theirs)} == {
        node.fingerprint,
        police.fingerprint,
    }
    assert isinstance(theirs.id, UUID)
