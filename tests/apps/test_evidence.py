"""Exhibits: what becomes one, who may do what with it, and what its custody says afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from evidence_scene import CHAT, Evidence, actions
from hueandcry.apps.evidence import face
from hueandcry.apps.evidence.face import Limit, Noted, State, Terms, Told
from hueandcry.apps.evidence.models import CustodyEvent, Exhibit
from hueandcry.apps.evidence.rules import MAY
from hueandcry.apps.members import face as members
from hueandcry.core import custody, tlog
from hueandcry.core.custody import Action, Tool
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, NotPermitted
from hueandcry.core.types import DAY, SECOND, Actor, Purpose
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.keys import ed25519
from hueandcry.engine.ledger.models import Entry
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


def refused(kind: type[HueError], code: str, act: Callable[[], Any]) -> None:
    """The act is refused with this code, and no table is changed by it."""
    before = counted()
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert counted() == before


def counted() -> tuple[Any, ...]:
    rows = Exhibit.objects.order_by("pk").values_list("state", "events", "link", "holds", "blob")
    return list(rows), CustodyEvent.objects.count(), Entry.objects.count(), Blob.objects.count()


# --- in -------------------------------------------------------------------------------------------


def test_a_file_becomes_an_exhibit_with_its_digest_number_and_first_event(node: Evidence) -> None:
    made = node.kept(description="Chat of the victim", source="Her telephone", place="Bangkok")
    view = made.exhibit
    assert (view.sha256, view.size) == (hashlib.sha256(CHAT).hexdigest(), len(CHAT))
    assert view.number == f"TH-{node.fingerprint[:6].upper()}-2026-000001"
    assert (view.state, view.media_type, view.name) == (State.OPEN, "text/plain", "chat.txt")
    [event] = node.chain(view.id)
    assert event.action is Action.ACQUIRED and event.place == "Bangkok"
    assert event.description == "Chat of the victim\nSource: Her telephone"
    assert event.tool is not None and event.tool.name == "hueandcry"
    assert b"".join(face.stream(view.id)) == CHAT


def test_every_event_is_signed_by_the_organisation_and_stands_in_the_ledger(node: Evidence) -> None:
    view = node.held(collected_by="Officer Somchai")
    chain = node.chain(view.id)
    assert actions(chain) == ["collected", "acquired", "sealed"]
    for line in face.lines(view.id):
        key = members.acting_key(line.kid)
        assert ed25519.verify(key.public, line.signature, custody.message(line.record))
        entry = Entry.objects.get(index=line.index).entry
        assert entry == tlog.commitment(line.record, line.salt)
        assert line.origin == "centre.example/log/0"


def test_people_are_pseudonyms_in_every_record(node: Evidence) -> None:
    view = node.held(collected_by="Officer Somchai")
    persons = {event.actor.person for event in node.chain(view.id)}
    assert None in persons and len(persons) == 3  # who added it was no person: the node's shell
    for line in face.lines(view.id):
        assert b"Somchai" not in line.record and b"malee" not in line.record
    again = node.chain(node.held(collected_by="officer somchai").id)
    assert {event.actor.person for event in again} == persons
    row = Exhibit.objects.first()
    assert row is not None and "Somchai" not in row.collector
    assert face.exhibit(str(view.id)).collected_by == "Officer Somchai"


def test_numbers_count_by_year_and_ones_own_are_taken_once(node: Evidence) -> None:
    numbers = [node.kept().exhibit.number[-11:] for _ in range(2)]
    node.now += 365 * DAY
    numbers.append(node.kept().exhibit.number[-11:])
    assert numbers == ["2026-000001", "2026-000002", "2027-000001"]
    assert node.kept(number="ex-17").exhibit.number == "EX-17"
    taken, given = node.taken(), node.kept().exhibit.number
    for wrong in ("Ex-17", given, "../x", "a b", "-"):
        kind = Conflict if wrong == "Ex-17" else Malformed
        refused(kind, "exhibit_number", lambda wrong=wrong: _add(node, taken, number=wrong))
    assert face.exhibit("ex-17").number == "EX-17"


def _add(node: Evidence, taken: face.Taken, **told: Any) -> face.Added:
    with unit_of_work():
        return face.add(node.analyst, taken, Told(**told), node.now)


def test_a_large_stream_is_an_exhibit_and_a_hopeless_file_is_of_no_sort(node: Evidence) -> None:
    piece = b"\x00" * (1 << 20)
    heard: list[int] = []
    taken = face.take_bytes((piece for _ in range(20)), "disk.img", told=heard.append)
    view = _add(node, taken).exhibit
    assert view.size == 20 << 20 == heard[-1] and view.media_type == "application/octet-stream"
    empty = _add(node, face.take_bytes([], "empty")).exhibit
    assert empty.size == 0 and b"".join(face.stream(empty.id)) == b""


def test_bytes_that_no_exhibit_came_to_keep_are_removed(node: Evidence) -> None:
    taken = node.taken()
    with pytest.raises(Malformed):
        _add(node, taken, number="..")
    face.drop_unkept([taken])
    with pytest.raises(HueError):
        blobs.get(taken.fresh.id)
    kept = node.taken()
    view = _add(node, kept).exhibit
    face.drop_unkept([kept])
    assert b"".join(face.stream(view.id)) == CHAT


# --- who may --------------------------------------------------------------------------------------

PERMITTED = {
    "add": {"analyst", "duty", "legal", "police"},
    "read": {"analyst", "duty", "legal", "police"},
    "note": {"analyst", "duty", "legal", "police"},
    "derive": {"analyst", "duty", "legal", "police"},
    "hand": {"analyst", "duty", "legal", "police"},
    "decide": {"legal", "police"},
    "quarantined": {"police"},
}


@pytest.mark.parametrize("role", members.PERSON_ROLES)
def test_each_role_may_exactly_what_the_table_says(role: str) -> None:
    for doing in face.Doing:
        if role in PERMITTED[doing]:
            face.check_may({role}, doing)
        else:
            with pytest.raises(NotPermitted):
                face.check_may({role}, doing)
    assert {doing: set(roles) for doing, roles in MAY.items()} == PERMITTED


def test_no_act_is_done_for_a_role_that_may_not(node: Evidence) -> None:
    view = node.kept().exhibit
    terms = Terms(Limit.ONWARD, "Not abroad", "Court")
    nobody = Actor(node.fingerprint, node.person, frozenset({"auditor", "administrator"}))
    taken = node.taken()
    acts: list[Callable[[Actor], Any]] = [
        lambda who: face.add(who, taken, Told(), node.now),
        lambda who: face.read(who, view.number, "curious", node.now),
        lambda who: face.note(who, view.number, Noted(Action.ANALYSED, "x"), node.now),
        lambda who: face.derive(who, view.number, taken, Told(), Action.REDACTED, "x", node.now),
        lambda who: face.transfer(who, view.number, "22" * 32, view.id, "x", node.now),
        lambda who: face.take(who, view.number, "Court", "x", node.now),
        lambda who: face.release(who, view.number, "Court", "x", node.now),
        lambda who: face.destroy(who, view.number, "Court", "x", node.now),
        lambda who: face.hold(who, view.number, "Court", "x", node.now + DAY, node.now),
        lambda who: face.restrict(who, view.number, terms, node.now),
    ]
    for act in acts:
        refused(NotPermitted, "role", lambda act=act: act(nobody))
    for act in acts[5:]:
        refused(NotPermitted, "role", lambda act=act: act(node.analyst))


# --- custody --------------------------------------------------------------------------------------


def test_reading_is_an_event_and_a_line_of_the_access_log(node: Evidence) -> None:
    view = node.kept().exhibit
    node.did(face.read, view.id, "To see what it says")
    event = node.chain(view.id)[-1]
    assert (event.action, event.reason) == (Action.ACCESSED, "To see what it says")
    assert event.actor.person is not None and event.actor.role == "police"
    [noted] = members.accesses(action="evidence.read")
    assert noted.purpose == "To see what it says" and noted.person == node.person


def test_what_was_examined_is_noted_with_its_tool(node: Evidence) -> None:
    view = node.kept().exhibit
    tool = Tool("exiftool", "12.57", "-a -G1")
    node.did(face.note, view.id, Noted(Action.ANALYSED, "Metadata", tool=tool, changes="none"))
    event = node.chain(view.id)[-1]
    assert event.tool == tool and event.inputs == event.outputs
    for action in (Action.SEALED, Action.DESTROYED, Action.TRANSFERRED, Action.ACQUIRED):
        wrong = Noted(action, "by hand")
        refused(
            Malformed, "custody_action", lambda wrong=wrong: node.did(face.note, view.id, wrong)
        )


def test_a_clock_that_was_set_back_does_not_set_the_custody_back(node: Evidence) -> None:
    view = node.kept().exhibit
    node.now -= DAY
    node.did(face.read, view.id, "Earlier, as it seems")
    assert actions(node.chain(view.id)) == ["acquired", "accessed"]


def test_of_two_who_append_at_once_one_is_refused(
    node: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = node.kept().exhibit
    stale = Exhibit.objects.get()
    node.did(face.read, view.id, "first")
    monkeypatch.setattr("hueandcry.apps.evidence.queries.find", lambda _: stale)
    act = lambda: node.did(face.note, view.id, Noted(Action.COPIED, "second"))  # noqa: E731
    refused(Conflict, "exhibit_changed", act)


def test_an_act_that_is_undone_leaves_nothing(node: Evidence) -> None:
    view = node.kept().exhibit

    def undone() -> None:
        with unit_of_work():
            face.take(node.police, view.number, "Court", "x", node.now)
            face.read(node.police, view.number, "x", node.now)
            raise Conflict("undone", "on purpose")

    refused(Conflict, "undone", undone)
    assert actions(node.chain(view.id)) == ["acquired"]


def test_a_child_is_an_exhibit_of_its_own_and_its_parent_stays_as_it_was(node: Evidence) -> None:
    parent = node.held()
    taken = node.taken(b"black bars", "redacted.txt")
    made = node.did(
        face.derive, parent.id, taken, Told(reason="For the other side"), Action.REDACTED, "Names"
    )
    child = made.exhibit
    assert child.parent == parent.id and child.sha256 != parent.sha256
    custody.check_parent(node.chain(child.id), node.chain(parent.id))
    assert actions(node.chain(parent.id)) == ["acquired", "sealed", "redacted"]
    assert b"".join(face.stream(parent.id)) == CHAT
    again = node.taken(b"x")
    for action, changes in ((Action.ACCESSED, "x"), (Action.REDACTED, " ")):
        refused(
            Malformed,
            "derive",
            lambda a=action, c=changes: node.did(face.derive, parent.id, again, Told(), a, c),
        )


# --- write-once -----------------------------------------------------------------------------------


def test_what_an_authority_took_is_neither_purged_nor_taken_twice(node: Evidence) -> None:
    view = node.held()
    refused(
        Conflict, "exhibit_state", lambda: node.did(face.take, view.id, "Another court", "again")
    )
    node.now += 4_000 * DAY
    purge.run(node.now)
    assert b"".join(face.stream(view.id)) == CHAT
    event = node.chain(view.id)[-1]
    assert (event.action, event.authority) == (Action.SEALED, "Court of Bangkok")


def test_a_named_authority_alone_takes_releases_and_destroys(node: Evidence) -> None:
    view = node.kept().exhibit
    for act in (face.take, face.release, face.destroy):
        for nobody in ("", "  ", "x" * 501):
            refused(
                Malformed,
                "authority",
                lambda act=act, nobody=nobody: node.did(act, view.id, nobody, "reason"),
            )


def test_what_was_released_goes_when_its_time_is_over(node: Evidence) -> None:
    view = node.held()
    node.now += 300 * DAY
    node.did(face.release, view.id, "Court of Bangkok", "The trial is over")
    node.now += 364 * DAY
    assert purge.run(node.now).counts.get("exhibits") is None
    node.now += DAY
    assert purge.run(node.now).counts["exhibits"] == 1
    assert face.exhibit(str(view.id)).state is State.PURGED


def test_a_destroyed_exhibit_keeps_its_custody(node: Evidence) -> None:
    view = node.held()
    node.did(face.destroy, view.id, "Court of Bangkok", "By judgment 12/2569")
    gone = face.exhibit(str(view.id))
    assert gone.state is State.DESTROYED and not Blob.objects.exists()
    refused(NotFound, "exhibit_gone", lambda: face.stream(view.id))
    chain = node.chain(view.id)
    assert actions(chain) == ["acquired", "sealed", "destroyed"]
    assert chain[-1].authority == "Court of Bangkok"
    node.now += 4_000 * DAY
    purge.run(node.now)
    assert len(face.lines(view.id)) == 3
    for act in (face.take, face.destroy):
        refused(Conflict, "exhibit_state", lambda act=act: node.did(act, view.id, "Court", "again"))
    refused(Conflict, "exhibit_state", lambda: node.did(face.read, view.id, "again"))


def test_what_was_destroyed_is_destroyed_again_after_a_backup_brought_it_back(
    node: Evidence,
) -> None:
    view = node.held()
    mark = ("exhibit", purge.mac("exhibit", view.id.bytes))
    kept = node.held()
    assert face.erase_again({mark}, node.now) == 1
    assert face.exhibit(str(view.id)).state is State.DESTROYED
    assert actions(node.chain(view.id))[-1] == "destroyed"
    assert face.exhibit(str(kept.id)).state is State.TAKEN
    assert face.erase_again({mark}, node.now) == 0


# --- purge and holds ------------------------------------------------------------------------------


def test_what_nobody_took_is_purged_with_its_openings(node: Evidence) -> None:
    view = node.kept(description="Chat of Malee", source="Malee", collected_by="Som").exhibit
    entries = Entry.objects.count()
    node.now += 365 * DAY
    assert purge.due(node.now).counts["exhibits"] == 1
    assert purge.run(node.now).counts["exhibits"] == 1
    row = Exhibit.objects.get()
    assert (row.state, row.name, row.source, row.collector, row.blob) == ("purged", *[""] * 4)
    assert row.sha256 == bytes(32) and not Blob.objects.exists()
    assert not CustodyEvent.objects.exclude(log_record=None, log_salt=None).exists()
    assert Entry.objects.count() == entries + 1  # that it was purged
    refused(NotFound, "exhibit_purged", lambda: face.lines(view.id))
    assert purge.run(node.now).counts == {}


def test_a_legal_hold_beats_retention_and_does_not_end_by_itself(node: Evidence) -> None:
    view = node.kept().exhibit
    number = node.did(face.hold, view.id, "Prosecutor", "Case 7", node.now + 30 * DAY)
    again = node.did(face.hold, view.id, "Court", "Case 8", node.now + 60 * DAY)
    refused(Conflict, "exhibit_held", lambda: node.did(face.destroy, view.id, "Court", "x"))
    node.now += 400 * DAY
    assert purge.run(node.now).counts == {}
    assert [hold.number for hold in face.holds(standing=True)] == [number, again]
    assert face.holds()[0].review_at < node.now
    end(node, number)
    assert purge.run(node.now).counts == {}
    end(node, again)
    assert purge.run(node.now).counts["exhibits"] == 1


def end(node: Evidence, number: int) -> None:
    with unit_of_work():
        face.end_hold(node.police, number, "Prosecutor", "Case closed", node.now)


def test_a_hold_is_reviewed_and_ended_once(node: Evidence) -> None:
    view = node.kept().exhibit
    number = node.did(face.hold, view.id, "Prosecutor", "Case 7", node.now + 30 * DAY)
    with unit_of_work():
        face.review(node.police, number, "Still needed", node.now + 60 * DAY, node.now)
    assert face.holds(view.id)[0].review_at == node.now + 60 * DAY
    for wrong in (node.now, node.now - 1):
        refused(
            Malformed, "review", lambda w=wrong: face.review(node.police, number, "x", w, node.now)
        )
        refused(Malformed, "review", lambda w=wrong: node.did(face.hold, view.id, "Court", "x", w))
    end(node, number)
    refused(Conflict, "hold", lambda: end(node, number))
    later = node.now + DAY
    refused(Conflict, "hold", lambda: face.review(node.police, number, "x", later, node.now))
    refused(NotFound, "hold", lambda: end(node, 999_999))
    assert face.exhibit(str(view.id)).holds == 0


def test_nothing_holds_what_is_gone(node: Evidence) -> None:
    view = node.kept().exhibit
    node.did(face.destroy, view.id, "Court", "x")
    later = node.now + DAY
    refused(Conflict, "exhibit_state", lambda: node.did(face.hold, view.id, "Court", "x", later))


def test_what_a_child_was_made_of_is_kept_as_long_as_the_child(node: Evidence) -> None:
    parent = node.kept().exhibit
    taken = node.taken(b"part")
    made = node.did(face.derive, parent.id, taken, Told(), Action.COPIED, "One page")
    node.did(face.take, made.exhibit.id, "Court", "x")
    node.now += 500 * DAY
    assert purge.run(node.now).counts == {}
    node.did(face.release, made.exhibit.id, "Court", "x")
    assert purge.run(node.now).counts == {}
    node.now += 365 * DAY
    assert purge.run(node.now).counts["exhibits"] == 2


# --- restrictions ---------------------------------------------------------------------------------


def test_a_restriction_binds_to_the_bytes_and_to_what_is_made_of_them(node: Evidence) -> None:
    view = node.kept().exhibit
    twin = node.kept(name="the same under another name.txt").exhibit
    other = node.kept(b"another").exhibit
    terms = Terms(Limit.USE, "For this trial only", "Court", purposes=(Purpose.PROSECUTION,))
    number = node.did(face.restrict, view.id, terms)
    taken = node.taken(b"part")
    child = node.did(face.derive, view.id, taken, Told(), Action.REDACTED, "Names").exhibit
    for each in (view, twin, child):
        [standing] = face.restrictions(each.id, node.now)
        assert (standing.number, standing.terms) == (number, terms)
    assert face.restrictions(other.id, node.now) == []
    with unit_of_work():
        face.lift(node.police, number, "Court", node.now)
    assert face.restrictions(child.id, node.now) == []
    refused(Conflict, "restriction", lambda: face.lift(node.police, number, "Court", node.now))
    refused(NotFound, "restriction", lambda: face.lift(node.police, 999_999, "Court", node.now))


def test_a_restriction_restricts_something_and_says_why(node: Evidence) -> None:
    view = node.kept().exhibit
    wrong = [
        (Terms(Limit.USE, "x", "Court"), "restriction"),
        (Terms(Limit.USE, "x", "Court", to=("22" * 32,)), "restriction"),
        (Terms(Limit.ONWARD, "x", "Court", purposes=(Purpose.PROSECUTION,)), "restriction"),
        (Terms(Limit.ONWARD, " ", "Court"), "restriction"),
        (Terms(Limit.ONWARD, "x", ""), "authority"),
        (Terms(Limit.ONWARD, "x", "Court", until=node.now - SECOND), "until"),
    ]
    for terms, code in wrong:
        refused(Malformed, code, lambda terms=terms: node.did(face.restrict, view.id, terms))


def test_restrictions_end_with_the_last_exhibit_of_their_bytes(node: Evidence) -> None:
    first, second = node.kept().exhibit, node.held()
    node.did(face.restrict, first.id, Terms(Limit.ONWARD, "Names Malee", "Court"))
    node.now += 400 * DAY
    purge.run(node.now)
    assert len(face.restrictions(second.id, node.now)) == 1
    node.did(face.release, second.id, "Court", "x")
    node.now += 400 * DAY
    purge.run(node.now)
    assert face.restrictions(second.id, node.now) == []


def test_what_lies_in_quarantine_is_for_the_police_alone(node: Evidence) -> None:
    view = node.kept(quarantined=True).exhibit
    act = lambda: node.did(face.read, view.id, "x", actor=node.analyst)  # noqa: E731
    refused(NotPermitted, "quarantined", act)
    node.did(face.read, view.id, "x")
    taken = node.taken(b"smaller")
    child = node.did(face.derive, view.id, taken, Told(), Action.COPIED, "Smaller").exhibit
    assert child.quarantined


def test_what_is_not_here_is_not_found(node: Evidence) -> None:
    for reference in ("EX-404", str(UUID(int=7)), ""):
        refused(NotFound, "exhibit", lambda reference=reference: face.exhibit(reference))
