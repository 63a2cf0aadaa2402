"""Deconfliction: two members learn what both work on, and nothing else, in any order of mishaps."""

from __future__ import annotations

import base64
import threading
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection

from databases import somebody_waits
from deconfliction_scene import (
    ACCOUNT,
    CASE,
    PHONE,
    WALLET,
    Matching,
    Theirs,
    allowed,
    counted,
    documents,
    opened,
    refused,
)
from hueandcry.apps.deconfliction import blinding, purging, turns
from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.deconfliction.models import Act, Offer, Session
from hueandcry.apps.deconfliction.wire import DECONFLICTION, Word
from hueandcry.apps.peers import delivery
from hueandcry.apps.peers import face as peers
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.apps.peers.models import Document, Peer
from hueandcry.core import matching
from hueandcry.core.errors import (
    Conflict,
    Malformed,
    NotFound,
    NotPermitted,
    TooLarge,
    TooMany,
    Untrusted,
)
from hueandcry.core.ids import uuid7
from hueandcry.core.matching import read_items
from hueandcry.core.types import DAY, MINUTE, SECOND
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database

OTHERS = ("phone:+66899999901", "bank-account:VTCBVNVX:99887766", "phone:+84912345678")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Matching:
    """An anti-scam centre that is police as well, and another one."""
    return Matching(monkeypatch)


def acts(request: UUID) -> list[str]:
    """What happened in a session, in order; each stands in the ledger."""
    rows = Act.objects.filter(session__request=request.bytes).order_by("id")
    assert all(row.log_index is not None and row.log_record is not None for row in rows)
    return [f"{row.name} {row.word or ''}".strip() for row in rows]


# --- hit and no hit -------------------------------------------------------------------------------


def test_who_asked_learns_its_own_item_with_desk_and_case_of_the_other(node: Matching) -> None:
    request = node.granted_to_us(PHONE, ACCOUNT)
    view = node.asked_of(Theirs([ACCOUNT, *OTHERS], request=request))
    assert (view.state, view.hits, view.alarm) == ("done", 1, "")
    assert dict(view.found) == {ACCOUNT: [CASE]}
    assert (view.contact, list(view.cases)) == ("Hanoi desk, +84 1", ["VN-31"])
    assert acts(request) == ["commit", "hear 1", "say 2", "hear 3", "say 4", "hear 5", "end"]


def test_who_answered_learns_the_same_and_says_which_case_is_concerned(node: Matching) -> None:
    node.offered(PHONE, WALLET)
    node.offered(WALLET, ACCOUNT, case="C-2026-8")
    theirs = node.granted_by_us([WALLET, *OTHERS])
    view = node.answered_to(theirs)
    assert (view.state, view.hits) == ("done", 1)
    assert dict(view.found) == {WALLET: [CASE, "C-2026-8"]}
    assert (view.contact, list(view.cases)) == ("Hanoi desk, +84 1", ["VN-31"])
    told = node.said(theirs.request)
    assert (told.word, told.contact, told.cases) == (5, "Centre", (CASE, "C-2026-8"))
    assert acts(theirs.request) == ["commit", "say 1", "hear 2", "say 3", "hear 4", "say 5", "end"]


def test_without_a_hit_nothing_is_said_of_desks_or_cases(node: Matching) -> None:
    node.offered(PHONE)
    asked = node.granted_to_us(PHONE, ACCOUNT)
    view = node.asked_of(Theirs(OTHERS, request=asked))
    assert (view.state, view.hits, dict(view.found), view.contact) == ("done", 0, {}, "")
    answered = node.answered_to(node.granted_by_us(OTHERS))
    assert (answered.state, answered.hits, answered.word) == ("done", 0, 4)
    assert (answered.contact, list(answered.cases)) == ("", [])


def test_another_spelling_of_the_same_number_is_a_hit(node: Matching) -> None:
    ours = read_items(["081-234 5678"], "TH")
    request = node.granted_to_us(*ours)
    theirs = read_items(["(+66) 81 234 5678", "tel:+84 91 234 56 78"], "VN")
    assert list(node.asked_of(Theirs(theirs, request=request)).found) == [PHONE]


def test_a_member_that_put_nothing_up_answers_like_any_other(node: Matching) -> None:
    theirs = node.granted_by_us([PHONE])
    assert node.said(theirs.request).size == 100
    session = Session.objects.get()
    assert (session.items, session.size) == (0, 100)


# --- commitments, and what is left ----------------------------------------------------------------


def test_both_sets_are_committed_to_before_anything_is_said(node: Matching) -> None:
    request = node.asked_by_us(PHONE, ACCOUNT)
    view = node.session(request)
    assert acts(request) == ["commit"]
    given = node.view(request).given
    assert given["set_commitment"] == view.commitment
    assert given["session"] == "ecdh-psi-raw-1, both ways, 100 elements"
    assert given["case_ref"] == CASE
    node.offered(WALLET)
    theirs = node.granted_by_us([WALLET])
    first = node.said(theirs.request)
    answering = node.session(theirs.request)
    assert acts(theirs.request) == ["commit", "say 1"]
    assert first.commitment == answering.commitment
    assert answering.their_commitment == theirs.commitment


def test_a_commitment_opens_to_the_very_set_with_its_dummies(node: Matching) -> None:
    request = node.asked_by_us(PHONE, ACCOUNT)
    opening = deconfliction.opening(request)
    assert len(opening.whole) == 100 and {PHONE, ACCOUNT} <= set(opening.whole)
    root = matching.commitment(bytes.fromhex(opening.key), opening.whole)
    assert root.hex() == opening.commitment == node.session(request).commitment


def test_no_item_ever_stands_in_a_document_or_a_row(node: Matching) -> None:
    node.offered(PHONE, ACCOUNT, WALLET)
    request = node.granted_to_us(PHONE, ACCOUNT, WALLET)
    node.asked_of(Theirs([PHONE, *OTHERS], request=request))
    node.answered_to(node.granted_by_us([PHONE, *OTHERS]))
    wanted = [item.partition(":")[2].encode() for item in (PHONE, ACCOUNT, WALLET)]
    wanted += [each[-8:] for each in wanted]
    held = [bytes(row.document) for row in Document.objects.all()]
    held += [_payload(raw) for raw in held]
    held += [repr(row).encode() for row in Session.objects.values()]
    held += [repr(row).encode() for row in Offer.objects.values()]
    held += [bytes(row.log_record or b"") for row in Act.objects.all()]
    assert len(held) > 20
    assert not [secret for secret in wanted for each in held if secret in each]


def _payload(raw: bytes) -> bytes:
    part = raw.split(b".")[1]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def test_after_a_session_its_messages_and_its_key_are_gone_and_the_commitments_stay(
    node: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, scrubbed = list[str](), list[str]()
    monkeypatch.setattr(purge, "begin", lambda: begun.append(Session.objects.get().secret))
    monkeypatch.setattr(purge, "scrub", scrubbed.extend)
    node.offered(PHONE)
    theirs = node.granted_by_us([PHONE])
    node.answered_to(theirs)
    node.said(theirs.request)
    assert len(begun) == 1 and begun[0]  # what is deleted from here on is overwritten: our key
    assert len(documents(node, theirs.request)) == 5
    assert Session.objects.get().secret == ""
    node.later(turns.LINGER)
    assert documents(node, theirs.request) == []
    assert {"deconfliction_session", "peers_document"} <= {*scrubbed}
    view = node.session(theirs.request)
    assert view.cleared_at == node.now and view.commitment and view.their_commitment
    for row in Document.objects.filter(type=DECONFLICTION):
        assert not row.document and row.log_record is None


def test_what_is_still_on_its_way_is_taken_back_when_the_session_has_expired(
    node: Matching,
) -> None:
    theirs = node.granted_by_us([PHONE])
    node.turned()
    assert [each.type for each in node.on_the_way()][-1] == DECONFLICTION
    node.later(DAY)
    assert node.session(theirs.request).state == "expired"
    node.later(turns.LINGER)
    assert DECONFLICTION not in [each.type for each in node.on_the_way()]
    assert documents(node, theirs.request) == []


def test_sets_hits_and_references_are_purged_in_time(node: Matching) -> None:
    node.offered(PHONE, days=1)
    request = node.granted_to_us(PHONE)
    node.asked_of(Theirs([PHONE], request=request))
    node.later(2 * DAY)
    assert Offer.objects.get().sealed == ""
    assert purging.count(node.now) == 0
    node.now += 366 * DAY
    assert purging.count(node.now) == 2
    purge.run(node.now)
    assert purging.count(node.now) == 0
    session = Session.objects.get()
    assert (session.sealed, session.found, session.hits) == ("", "", 1)
    assert not Act.objects.exclude(log_record=None).exists()
    with pytest.raises(NotFound):
        deconfliction.opening(request)


# --- mishaps --------------------------------------------------------------------------------------


def test_a_word_that_is_altered_repeated_or_out_of_turn_changes_nothing(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    theirs = Theirs([PHONE], request=request)
    raw = node.worded(theirs.first())
    refused(Untrusted, "signature", node.came, _altered(raw))
    receipt, before = node.came(raw), counted()
    assert node.came(raw) == receipt
    assert counted() == before
    refused(Conflict, "moved_on", node.heard, theirs.first())
    refused(Conflict, "moved_on", node.heard, theirs.word(4, hits=1))
    unknown = uuid7(node.now, bytes(10))
    refused(NotFound, "session", node.heard, Theirs([PHONE], request=unknown).first())


def _altered(raw: bytes) -> bytes:
    """The same document with another size in it, under the old signature."""
    header, _, signature = raw.split(b".")
    payload = _payload(raw).replace(b'"size":100', b'"size":1000')
    return b".".join((header, base64.urlsafe_b64encode(payload).rstrip(b"="), signature))


def test_a_word_of_a_member_that_is_not_in_the_session_is_refused(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    stranger = replace(node.other, name="stranger")
    node.joined(stranger)
    word = Theirs([PHONE], request=request).first()
    node.other = stranger
    refused(NotFound, "session", node.heard, word)


def test_sets_of_another_size_than_was_said_are_refused(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    theirs = Theirs([PHONE], request=request)
    refused(Malformed, "size", node.heard, replace(theirs.first(), size=1_000))
    node.heard(theirs.first())
    said = node.said(request)
    larger = Theirs([PHONE], 1_000, request)
    answer = larger.answered(said)
    refused(Malformed, "size", node.heard, theirs.word(3, hits=0, **answer))


def test_their_word_waits_until_it_is_known_here_that_they_accepted(node: Matching) -> None:
    request = node.asked_by_us(PHONE)
    refused(TooMany, "busy", node.heard, Theirs([PHONE], request=request).first())


def test_points_that_are_none_end_the_session_with_the_reason(node: Matching) -> None:
    theirs = node.granted_by_us([PHONE])
    first = node.said(theirs.request)
    blinded = theirs.blinded()["blinded"]
    none = (b"\x02" + b"\xff" * 32, *blinded[1:])
    node.heard(theirs.word(2, blinded=none, **theirs.answered(first)))
    node.turned()
    view = node.session(theirs.request)
    assert view.state == "refused" and "points" in view.why


def test_counts_that_differ_raise_an_alarm_and_nothing_counts(node: Matching) -> None:
    request = node.granted_to_us(PHONE, ACCOUNT)
    theirs = Theirs([PHONE], request=request)
    node.heard(theirs.first())
    second = node.said(request)
    node.heard(theirs.word(3, hits=0, **theirs.answered(second)))
    node.turned()
    view = node.session(request)
    assert (view.state, view.alarm, view.hits, dict(view.found)) == ("differs", "differs", None, {})
    assert [each.request for each in deconfliction.alarms(node.now)] == [request]
    assert Session.objects.get().found == ""


def test_a_liar_who_claims_everything_is_known_by_our_dummies(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    theirs = Theirs([PHONE], request=request)
    node.heard(theirs.first())
    second = node.said(request)
    assert second.blinded is not None
    # Who has guessed one of our items and its place makes of that as many hits as they like.
    place = deconfliction.opening(request).whole.index(PHONE)
    claims = [blinding.answer([second.blinded[place]], [PHONE]) for _ in second.blinded]
    setup = tuple(each[0] for each, _ in claims)
    response = tuple(each[0] for _, each in claims)
    node.heard(theirs.word(3, setup=setup, response=response, hits=100))
    node.turned()
    view = node.session(request)
    assert (view.state, view.alarm, dict(view.found)) == ("differs", "forged", {})


def test_a_session_expires_after_its_hours_and_says_nothing_any_more(node: Matching) -> None:
    allowed("deconflict.hours", 2)
    request = node.granted_to_us(PHONE)
    theirs = Theirs([PHONE], request=request)
    node.heard(theirs.first())
    second = node.said(request)
    node.now += 120 * MINUTE
    late = theirs.word(3, hits=1, **theirs.answered(second))
    refused(Conflict, "moved_on", node.heard, late)
    node.turned()
    view = node.session(request)
    assert (view.state, dict(view.found)) == ("expired", {})
    assert Session.objects.get().secret == ""


def test_a_session_ends_with_its_request(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    node.heard(Theirs([PHONE], request=request).first())
    node.did("lek", request, "withdraw")
    node.turned()
    assert node.session(request).state == "dropped"
    refusal = node.asked_by_us(ACCOUNT)
    node.did("ann", refusal, "withdraw")
    node.turned()
    assert node.session(refusal).state == "dropped"


def test_nothing_is_said_before_a_person_accepted(node: Matching) -> None:
    node.offered(PHONE)
    said = {"set_commitment": "ab" * 32, "session": matching.method(100)}
    request = node.asked("DECONFLICT", "house", **said)
    node.turned()
    node.did("lek", request, "open")
    node.turned()
    assert not Session.objects.exists()


def test_a_refusal_by_the_other_node_ends_the_session_with_its_words(node: Matching) -> None:
    theirs = node.granted_by_us([PHONE])
    node.turned()
    for row in peer_queries.all_due(node.peer.id, 100):
        peer_queries.settle(row, row.State.REFUSED, node.now, "budget: Enough for today")
    node.turned()
    view = node.session(theirs.request)
    assert view.state == "refused" and "Enough for today" in view.why


def test_killed_between_reckoning_and_saying_it_says_the_word_once(
    node: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.offered(PHONE)
    theirs = node.granted_by_us([PHONE])
    with monkeypatch.context() as patch:
        patch.setattr(peers, "send", _killed)
        with pytest.raises(KeyboardInterrupt):
            node.turned()
    assert node.session(theirs.request).word == 0
    assert acts(theirs.request) == ["commit"]
    assert node.said(theirs.request).word == 1
    node.turned()
    assert acts(theirs.request) == ["commit", "say 1"]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_word_that_is_dated_again_before_it_goes_leaves_no_copy(node: Matching) -> None:
    theirs = node.granted_by_us([PHONE])
    node.turned()
    waiting = peer_queries.all_due(node.peer.id, 10)[-1]
    Peer.objects.filter(pk=node.peer.id).update(clock_offset=-10 * SECOND)
    with unit_of_work():
        delivery._restamp(peer_queries.peer(node.peer.id), waiting.document)
    rows = Document.objects.filter(type=DECONFLICTION).exclude(document=b"")
    [again] = [bytes(row.document) for row in rows]
    assert documents(node, theirs.request) == [again]
    assert node.said(theirs.request) == opened(again)


def test_a_session_of_another_kind_is_refused_with_its_reason(node: Matching) -> None:
    request = node.asked("DECONFLICT", "house", session="by telephone")
    for event in ("open", "take_up", "accept"):
        node.did("lek", request, event)
    node.turned()
    view = node.session(request)
    assert view.state == "refused" and "another kind" in view.why


# --- limits ---------------------------------------------------------------------------------------


def test_budgets_are_counted_on_both_sides(node: Matching) -> None:
    allowed("deconflict.day", 250)
    node.asked_by_us(PHONE)
    theirs = node.granted_by_us([PHONE])
    node.turned()
    refused(NotPermitted, "budget", node.asked_by_us, PHONE)
    over = node.granted_by_us([ACCOUNT])
    node.turned()
    view = node.session(over.request)
    assert view.state == "refused" and "200 of 250 elements" in view.why
    assert node.session(theirs.request).state == "open"
    node.now += DAY
    node.asked_by_us(PHONE)


def test_what_they_may_try_is_counted_when_they_say_how_large_their_set_looks(
    node: Matching,
) -> None:
    allowed("deconflict.day", 500)
    request = node.granted_to_us(PHONE)
    refused(NotPermitted, "budget", node.heard, Theirs([PHONE], 1_000, request).first())


def test_a_range_that_is_counted_through_is_refused(node: Matching) -> None:
    swept = [f"phone:+668123456{n:02d}" for n in range(0, 40, 2)]
    refused(NotPermitted, "sequential", node.asked_by_us, *swept)
    node.offered(*swept[::2])
    refused(NotPermitted, "sequential", node.offered, *swept[1::2])


def test_two_lists_that_are_put_up_at_once_do_not_both_fit(
    node: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite a transaction has the whole database from its beginning")
    monkeypatch.setattr("hueandcry.core.matching.sets.SIZES", (2,))
    until, put_up = node.now + DAY, threading.Event()

    def somebody() -> None:
        with unit_of_work():
            deconfliction.offer(node.desk["ann"], CASE, [PHONE, ACCOUNT], until, node.now)
            put_up.set()
            while not somebody_waits():
                pass
        connection.close()

    other = threading.Thread(target=somebody, daemon=True)
    other.start()
    put_up.wait()
    with pytest.raises(TooLarge):
        node.offered(WALLET)
    other.join()
    assert Offer.objects.count() == 1


def test_only_a_person_of_the_desk_puts_items_up_for_a_case_and_a_time(node: Matching) -> None:
    refused(Malformed, "case", node.offered, PHONE, case=" ")
    refused(Malformed, "until", node.offered, PHONE, days=0)
    refused(Malformed, "until", node.offered, PHONE, days=400)
    node.desk["ann"], ann = (
        replace(node.desk["ann"], roles=frozenset({"checker"})),
        node.desk["ann"],
    )
    refused(NotPermitted, "role", node.offered, PHONE)
    node.desk["ann"] = replace(ann, person=None)
    refused(NotPermitted, "role", node.offered, PHONE)


def test_what_is_withdrawn_or_over_is_in_no_session(node: Matching) -> None:
    first = node.offered(PHONE)
    node.offered(ACCOUNT, days=1)
    with unit_of_work():
        deconfliction.withdraw(node.desk["dao"], first, node.now)
    refused(Conflict, "offer_over", deconfliction.withdraw, node.desk["dao"], first, node.now)
    assert Offer.objects.get(pk=first).sealed == ""
    node.now += DAY
    view = node.answered_to(node.granted_by_us([PHONE, ACCOUNT]))
    assert (view.hits, view.count) == (0, 0)


def test_a_hit_on_half_of_what_we_asked_for_is_out_of_the_usual(node: Matching) -> None:
    items = [f"phone:+6681{n}345678" for n in range(1, 7)]
    request = node.granted_to_us(*items)
    view = node.asked_of(Theirs(items, request=request))
    assert (view.state, view.hits, view.alarm) == ("done", 6, "many")


@pytest.mark.parametrize("asked", [True, False])
def test_whoever_breaks_off_after_our_answer_has_tried_as_much(
    node: Matching, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setattr("hueandcry.core.matching.turns._TRIED", 200)
    alarms = []
    for _ in range(2):
        if asked:
            theirs = node.granted_by_us(OTHERS)
            first = node.said(theirs.request)
            node.heard(theirs.word(2, **theirs.blinded(), **theirs.answered(first)))
        else:
            theirs = Theirs(OTHERS, request=node.granted_to_us(PHONE))
            node.heard(theirs.first())
        node.said(theirs.request)  # our answer, after which they are silent
        node.later(DAY)
        view = node.session(theirs.request)
        assert view.state == "expired"
        alarms.append(view.alarm)
    assert alarms == ["", "seldom"]


def test_the_words_of_a_session_read_back_as_they_were_written(node: Matching) -> None:
    request = node.granted_to_us(PHONE)
    node.asked_of(Theirs([PHONE], request=request))
    for raw in documents(node, request):
        word = opened(raw)
        assert Word.read(word.body()) == word
