"""Requests between members: two people, one machine, one ledger, on either side."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from hueandcry.apps.cooperation import arriving, moving, purging, results
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Said
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.peers import delivery
from hueandcry.apps.peers import queries as peer_queries
from hueandcry.apps.peers.models import Document, Peer
from hueandcry.core.errors import Conflict, Malformed, NotFound, NotPermitted, TooMany, Untrusted
from hueandcry.core.machine import REQUEST, Side
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE, SECOND
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests, codes, refused

pytestmark = pytest.mark.database


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    """A central authority that is a point of contact as well, and another one."""
    other = OtherMember("hanoi", roles=("ca", "p24", "asc"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc"))


def drafted_blindly(node: Requests) -> None:
    cooperation.draft(
        node.desk["ann"], "GIVE_ME_ALL", node.other.fingerprint, "house", {}, node.now
    )


def walked(request: UUID) -> list[str]:
    rows = Transition.objects.filter(request__uuid=request.bytes).order_by("n")
    assert all(row.log_index is not None and row.log_record is not None for row in rows)
    assert [row.n for row in rows] == list(range(len(rows)))
    for row in rows:
        assert row.event == "draft" or (row.event, row.source) in REQUEST.edges
    return [row.event for row in rows]


# --- the asking side ------------------------------------------------------------------------------


def test_a_request_is_signed_by_one_sent_by_another_and_delivered_by_receipt(
    node: Requests,
) -> None:
    request = node.drafted("MLA_STORED")
    node.did("ann", request, "sign")
    view = node.did("som", request, "approve")
    assert view.listed.state == "SENT"
    [document] = node.on_the_way()
    assert (document.type, document.aud) == ("request", node.other.fingerprint)
    assert document.body["request"] == str(request)
    assert document.body["given"] == dict(view.given)
    assert len(set(document.body["signers"])) == 2
    assert view.document == document.digest
    node.receipted()
    view = node.view(request)
    assert (view.listed.state, view.zone) == ("DELIVERED", "Asia/Ho_Chi_Minh")
    assert walked(request) == ["draft", "sign", "approve", "deliver"]


def test_a_draft_is_kept_unfinished_and_what_it_lacks_is_named_with_its_article(
    node: Requests,
) -> None:
    request = node.drafted("PRESERVE", necessity=None)
    assert any("Hanoi 42(3)(e)" in each for each in node.view(request).doubts)
    wrong = refused(Malformed, "missing", node.did, "ann", request, "sign")
    assert "necessity" in str(wrong) and "Hanoi 42(3)(e)" in str(wrong)
    refused(NotPermitted, "role", node.did, "som", request, "revise", given={"necessity": "x"})
    node.did("ann", request, "revise", given={"necessity": "They delete daily"})
    node.did("ann", request, "revise", given={"facts_summary": None})
    assert "facts_summary" not in node.view(request).given
    refused(Malformed, "missing", node.did, "ann", request, "sign")
    view = node.did("ann", request, "revise", given={"facts_summary": "They called at night"})
    assert [each.event for each in view.acts] == ["draft", *["revise"] * 3]
    assert node.did("ann", request, "sign").listed.state == "REVIEW"
    refused(Malformed, "malformed", node.drafted, "PRESERVE", necessity=7)


def test_of_a_referral_nothing_is_kept_before_all_of_it_is_there(node: Requests) -> None:
    shelter = OtherMember("shelter", roles=("support",))
    node.joined(shelter)
    node.other = shelter
    red: dict[str, Any] = {"by": "lek", "tlp": "RED", "chosen_by_person": True}
    refused(Malformed, "missing", node.drafted, "TIP_REFERRAL", "house", **red, contact=None)
    refused(
        NotPermitted,
        "referral_consent",
        node.drafted,
        "TIP_REFERRAL",
        "house",
        **red,
        life_at_risk=False,
    )


def test_a_wrong_role_or_basis_or_an_unlawful_form_is_refused_with_its_reason(
    node: Requests,
) -> None:
    refused(NotFound, "type", drafted_blindly, node)
    refused(NotPermitted, "route", node.drafted, "SUBSCRIBER_DIRECT", "contract")
    wrong = refused(NotPermitted, "basis", node.drafted, "MLA_STORED", "hanoi")
    assert "not in force" in wrong.why
    unlawful(node, "no_assistance_intended", "PRESERVE", mla_intended=False)
    past = {"type": "judicial", "authority": "Court", "ref": "1", "date": "2026-01-02"}
    expired = {**past, "until": time_text(node.now - DAY)}
    unlawful(node, "authority_expired", "MLA_STORED", authorisation=expired)
    unlawful(node, "clock_in_the_past", "MLA_STORED", needed_by=time_text(node.now - DAY))
    refused(NotPermitted, "role", node.drafted, "STATUS", "house", by="som")


def test_a_referral_that_lost_its_consent_is_not_kept(node: Requests) -> None:
    shelter = OtherMember("shelter", roles=("support",))
    node.joined(shelter)
    node.other = shelter
    consent = {"how": "by telephone", "at": time_text(node.now), "recipient": "shelter"}
    red: dict[str, Any] = {"by": "lek", "tlp": "RED", "chosen_by_person": True}
    request = node.drafted(
        "TIP_REFERRAL", "house", **red, person_consent=consent, life_at_risk=False
    )
    gone = {"given": {"person_consent": None}}
    refused(NotPermitted, "referral_consent", node.did, "lek", request, "revise", **gone)
    node.did("lek", request, "revise", given={"place": "Poipet"})
    status = node.drafted("STATUS", "house")
    nothing = {"given": dict.fromkeys(node.view(status).given)}
    refused(Malformed, "empty", node.did, "ann", status, "revise", **nothing)


def unlawful(node: Requests, code: str, type: str, **given: Any) -> None:
    """A draft of it is kept, and nobody can sign it."""
    refused(NotPermitted, code, node.did, "ann", node.drafted(type, **given), "sign")


def test_one_person_is_never_maker_and_checker(node: Requests) -> None:
    node.desk["lek"] = replace(node.desk["lek"], roles=frozenset({"legal", "checker"}))
    request = node.drafted("MLA_STORED", by="lek")
    node.did("lek", request, "sign")
    refused(NotPermitted, "checker_is_not_maker", node.did, "lek", request, "approve")
    refused(NotPermitted, "role", node.did, "ann", request, "approve")
    node.did("som", request, "approve")


def test_nobody_signs_or_sends_without_a_second_factor(node: Requests) -> None:
    without = replace(node.desk["ann"], second_factor=False)
    request = node.drafted("MLA_STORED")
    node.desk["ann"], whole = without, node.desk["ann"]
    refused(NotPermitted, "second_factor", node.did, "ann", request, "sign")
    node.desk["ann"] = whole
    node.did("ann", request, "sign")
    node.desk["som"] = replace(node.desk["som"], second_factor=False)
    refused(NotPermitted, "second_factor", node.did, "som", request, "approve")


def test_one_duty_officer_sends_what_cannot_wait_and_another_countersigns(
    node: Requests,
) -> None:
    late = node.drafted("MLA_STORED")
    refused(NotPermitted, "one_may_send", node.did, "dao", late, "send_on_duty")
    request = node.drafted("PRESERVE", by="dao")
    view = node.did("dao", request, "send_on_duty")
    assert len(view.signers) == 1
    [clock] = [each for each in view.clocks if each.rule == "countersign-12h"]
    assert clock.due == node.now + 12 * 60 * MINUTE
    refused(NotPermitted, "checker_is_not_maker", node.did, "dao", request, "countersign")
    node.receipted()
    view = node.did("lek", request, "countersign")
    assert (view.listed.state, len(view.signers)) == ("DELIVERED", 2)
    [clock] = [each for each in view.clocks if each.rule == "countersign-12h"]
    assert clock.ended_at == node.now
    refused(Conflict, "countersigned", node.did, "som", request, "countersign")
    [told] = node.on_the_way()
    assert (told.type, told.body["event"], told.re) == ("request-step", "countersign", ())


def test_of_two_desks_one_has_done_nothing(node: Requests) -> None:
    request = node.drafted("STATUS", "house")
    version = node.view(request).listed.version
    node.did("ann", request, "sign")
    refused(Conflict, "moved_on", node.did, "som", request, "approve", seen=version)
    refused(Conflict, "moved_on", node.did, "ann", request, "sign")
    row = Request.objects.get()
    Request.objects.update(version=row.version + 1)  # by the other desk, after this one looked
    stale = moving.Act("approve", Side.REQUESTING, node.now)
    refused(Conflict, "moved_on", moving.move, row, stale, "REVIEW", "SENT")


def test_a_draft_is_corrected_by_handing_it_back(node: Requests) -> None:
    request = node.drafted("STATUS", "house")
    node.did("ann", request, "sign")
    view = node.did("ann", request, "revise", given={"question": "How far is it?"})
    assert (view.listed.state, view.signers) == ("DRAFT", [])
    assert view.given["question"] == "How far is it?"
    refused(Conflict, "given", node.did, "ann", request, "sign", given={"question": "x"})
    node.did("ann", request, "sign")
    refused(Malformed, "unknown", node.did, "ann", request, "revise", given={"x": "y"})


# --- the other side's answers ---------------------------------------------------------------------


def test_each_answer_moves_the_request_until_it_is_closed(
    node: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = node.delivered_to("MLA_STORED")
    node.they(request, "open", "DELIVERED")
    node.they(request, "return_incomplete", "RECEIVED", missing=("special_procedure",))
    node.did("ann", request, "supplement", given={"special_procedure": "By video"})
    node.they(request, "take_up", "RECEIVED")
    node.they(request, "accept", "UNDER_DECISION")
    node.they(request, "execute", "ACCEPTED")
    node.they(request, "complete", "EXECUTING")
    node.they(request, "send_result", "EXECUTED", package="ab" * 32)
    refused(Conflict, "hash_verified", node.did, "ann", request, "accept_result")
    refused(Conflict, "hash_verified", node.did, "ann", request, "accept_result", package="cd" * 32)
    node.did("ann", request, "reject_result", reasons="One exhibit lacks", package="cd" * 32)
    node.they(request, "send_result", "RESULT_REJECTED", package="ef" * 32)
    monkeypatch.setattr(results, "check_here", lambda *_: None)  # test_cooperation_results.py
    node.did("ann", request, "accept_result", package="ef" * 32)
    view = node.did("ann", request, "close")
    assert view.listed.state == "CLOSED"
    assert walked(request)[4:7] == ["open", "return_incomplete", "supplement"]
    told = [each.body["event"] for each in node.on_the_way()]
    assert told == ["supplement", "reject_result", "accept_result", "close"]


def test_what_two_people_signed_is_supplemented_only_where_it_was_asked_for(
    node: Requests,
) -> None:
    request = node.delivered_to("MLA_STORED")
    node.they(request, "open", "DELIVERED")
    node.they(request, "return_incomplete", "RECEIVED", missing=("special_procedure",))
    other = {"purpose": "Another one"}
    refused(NotPermitted, "signed", node.did, "ann", request, "supplement", given=other)
    node.did("ann", request, "supplement", given={"special_procedure": "By video"})
    theirs = node.asked("STATUS", "house", linked_ref=None)
    node.did("dao", theirs, "open")
    node.did("dao", theirs, "return_incomplete", missing=("question",))

    def they(**given: str) -> None:
        node.they(theirs, "supplement", "RETURNED_INCOMPLETE", given=given)

    refused(NotPermitted, "signed", they, linked_ref="7", contact="Another desk")
    they(linked_ref="7", question="How far is it?")


def test_the_checker_hands_back_and_whoever_wrote_it_gives_it_up(node: Requests) -> None:
    request = node.drafted("STATUS", "house")
    node.did("ann", request, "sign")
    node.did("som", request, "revise")
    node.did("ann", request, "withdraw")
    sent = node.sent("STATUS", "house")
    refused(NotPermitted, "role", node.did, "ann", sent, "withdraw")


def test_assistance_is_refused_after_consultation_alone_and_by_an_allowed_code(
    node: Requests,
) -> None:
    request = node.delivered_to("MLA_STORED")
    node.they(request, "open", "DELIVERED")
    node.they(request, "take_up", "RECEIVED")
    code = codes("MLA_STORED")[0]

    def refuse(source: str, **said: Any) -> None:
        node.came(node.stepped(request, "refuse", source, **{"reasons": "x", "code": code, **said}))

    refused(Conflict, "consultation_not_needed", refuse, "UNDER_DECISION")
    until = node.now + DAY
    node.they(request, "consult", "UNDER_DECISION", reasons="Too wide", answer_by=until)
    refused(Conflict, "heard", refuse, "CONSULTATION")
    node.did("ann", request, "answer_consultation", reasons="One account will do")
    refused(NotPermitted, "refusal_code", refuse, "CONSULTATION", code="BANK-SECRECY")
    refused(Malformed, "reasons", refuse, "CONSULTATION", reasons="")
    refuse("CONSULTATION")
    assert node.view(request).listed.state == "REFUSED"


def test_only_the_right_member_answers_and_about_the_right_request(node: Requests) -> None:
    request = node.delivered_to("MLA_STORED")
    other = node.delivered_to("POLICE_INFO", "house")
    theirs = node.asked("STATUS", "house")

    def came(raw: bytes) -> None:
        node.came(raw)

    wrong = Request.objects.get(uuid=other.bytes).document
    assert wrong is not None
    elsewhere = node.stepped(request, "open", "DELIVERED", re=[wrong.hex()])
    refused(Untrusted, "other_request", came, elsewhere)
    refused(Untrusted, "other_request", came, node.stepped(request, "open", "DELIVERED", re=[]))
    for event, source in (("accept", "UNDER_DECISION"), ("execute", "ACCEPTED")):
        refused(Conflict, "moved_on", came, node.stepped(request, event, source))
    refused(NotPermitted, "wrong_side", came, node.stepped(request, "withdraw", "DELIVERED"))
    refused(NotPermitted, "wrong_side", came, node.stepped(theirs, "open", "DELIVERED"))
    refused(NotPermitted, "untold", came, node.stepped(request, "deliver", "SENT"))

    stranger = OtherMember("manila", roles=("ca",))
    node.joined(stranger)
    good = node.stepped(request, "open", "DELIVERED")
    node.other, hanoi = stranger, node.other
    foreign = node.stepped(request, "open", "DELIVERED")
    refused(NotFound, "request", came, foreign)
    refused(NotPermitted, "not_issuer", came, good)
    node.other = hanoi
    came(good)
    assert node.view(request).listed.state == "RECEIVED"


def test_an_altered_document_is_refused_and_a_replayed_one_changes_nothing(
    node: Requests,
) -> None:
    request = node.delivered_to("STATUS", "house")
    raw = node.stepped(request, "open", "DELIVERED")
    head, payload, signature = raw.split(b".")
    middle = len(payload) // 2
    flipped = b"A" if payload[middle : middle + 1] != b"A" else b"B"
    bent = b".".join((head, payload[:middle] + flipped + payload[middle + 1 :], signature))
    with pytest.raises((Untrusted, Malformed)):
        node.came(bent)
    node.came(raw)
    before = walked(request)
    assert node.came(raw)["outcome"] == "accepted"  # the stored receipt
    assert walked(request) == before
    refused(Conflict, "moved_on", node.came, node.stepped(request, "open", "DELIVERED"))


def test_an_answer_waits_for_the_receipt_of_the_request(node: Requests) -> None:
    request = node.sent("STATUS", "house")
    raw = node.stepped(request, "open", "DELIVERED")
    refused(TooMany, "busy", node.came, raw)
    node.receipted()
    node.came(raw)
    assert walked(request)[-2:] == ["deliver", "open"]


def test_a_request_that_is_dated_again_before_it_goes_is_still_the_same(node: Requests) -> None:
    request = node.sent("STATUS", "house")
    first = node.view(request).document
    [waiting] = peer_queries.all_due(node.peer.id, 10)
    Peer.objects.filter(pk=node.peer.id).update(clock_offset=-10 * SECOND)
    with unit_of_work():
        delivery._restamp(peer_queries.peer(node.peer.id), waiting.document)
    [document] = node.on_the_way()
    assert node.view(request).document == document.digest != first
    node.receipted()
    assert node.they(request, "open", "DELIVERED").listed.state == "RECEIVED"


def test_why_the_other_node_refused_a_request_is_seen(node: Requests) -> None:
    request = node.sent("STATUS", "house")
    assert node.view(request).refused == ""
    [waiting] = peer_queries.all_due(node.peer.id, 10)
    said = "route: STATUS cannot go from this member to that one"
    peer_queries.settle(waiting, waiting.State.REFUSED, node.now, said)
    arriving.note_receipts()
    view = node.view(request)
    assert (view.listed.state, view.refused) == ("SENT", said)
    assert [each.refused for each in view.acts] == ["", "", said]
    assert node.did("som", request, "withdraw").listed.state == "WITHDRAWN"


def test_what_was_withdrawn_stays_so_when_its_receipt_comes(node: Requests) -> None:
    at_home = node.drafted("STATUS", "house")
    node.did("som", at_home, "withdraw")
    assert node.on_the_way() == []
    request = node.sent("STATUS", "house")
    node.did("som", request, "withdraw")
    assert [each.type for each in node.on_the_way()] == ["request", "request-step"]
    node.receipted()
    refused(Conflict, "moved_on", node.they, request, "open", "DELIVERED")
    assert node.view(request).listed.state == "WITHDRAWN"
    theirs = node.asked("STATUS", "house")
    view = node.they(theirs, "withdraw", "SENT")  # made before they had our receipt
    assert view.listed.state == "WITHDRAWN"


# --- the requested side ---------------------------------------------------------------------------


def test_a_request_is_opened_decided_and_carried_out_and_each_act_is_told(
    node: Requests,
) -> None:
    body = node.asking("MLA_STORED")
    said = node.came(node.theirs("request", body))
    request = UUID(body["request"])
    assert (said["outcome"], said["request"], said["zone"]) == ("accepted", str(request), "UTC")
    view = node.view(request)
    assert (view.listed.state, view.listed.side) == ("DELIVERED", "requested")
    refused(NotPermitted, "role", node.did, "ann", request, "open")
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    node.did("lek", request, "accept")
    node.did("dao", request, "execute")
    node.did("dao", request, "complete")
    node.did("dao", request, "send_result", package="ab" * 32)
    told = node.on_the_way()
    assert [each.body["event"] for each in told[:2]] == ["open", "take_up"]
    assert all(each.re == (view.document,) for each in told)
    node.they(request, "accept_result", "RESULT_SENT", package="ab" * 32)
    assert node.they(request, "close", "RESULT_ACCEPTED").listed.state == "CLOSED"
    assert len(walked(request)) == 9


def test_we_consult_before_we_refuse_and_a_bank_may_name_the_route(node: Requests) -> None:
    request = node.asked("MLA_STORED")
    code = codes("MLA_STORED")[0]
    node.did("dao", request, "open")
    node.did("dao", request, "take_up")
    said = {"code": code, "reasons": "It would harm a case of ours"}
    refused(Conflict, "consultation_not_needed", node.did, "lek", request, "refuse", **said)
    node.did("lek", request, "consult", reasons="Too wide", answer_by=node.now + DAY)
    refused(Conflict, "heard", node.did, "lek", request, "refuse", **said)
    wrong = {**said, "code": "NEEDS_DOMESTIC_ORDER"}
    node.now += DAY + 2 * SECOND
    refused(NotPermitted, "refusal_code", node.did, "lek", request, "refuse", **wrong)
    assert node.did("lek", request, "refuse", **said).listed.state == "REFUSED"


def test_a_request_that_cannot_be_right_is_refused_at_the_door(node: Requests) -> None:
    def came(type: str, basis: str = "house", **given: object) -> None:
        node.came(node.theirs("request", node.asking(type, basis, **given)))

    refused(NotPermitted, "route", came, "SUBSCRIBER_DIRECT", "contract")
    refused(NotPermitted, "basis", came, "MLA_STORED", "house")
    refused(
        NotFound,
        "type",
        lambda: node.came(node.theirs("request", {**node.asking("STATUS"), "type": "GIVE_ME_ALL"})),
    )
    refused(Malformed, "unknown", came, "STATUS", another="field")
    refused(NotPermitted, "checker_is_not_maker", came, "STATUS", signers=("p-1",))
    refused(Malformed, "request_form", came, "STATUS", signers=("p-1", "p-1"))
    known = node.asking("STATUS", "house")
    node.came(node.theirs("request", known))
    refused(Conflict, "request_known", lambda: node.came(node.theirs("request", known)))


def test_what_is_missing_or_doubtful_is_for_people(node: Requests) -> None:
    request = node.asked("PRESERVE", "hanoi", necessity=None, signers=("p-1",))
    view = node.view(request)
    assert any("necessity" in each for each in view.doubts)
    assert any("not in force" in each for each in view.doubts)
    node.did("dao", request, "open")
    refused(Conflict, "nothing_missing", node.did, "dao", request, "take_up")
    refused(Malformed, "unknown", node.did, "dao", request, "return_incomplete", missing=("x",))
    node.did("dao", request, "return_incomplete", missing=("necessity",))
    node.they(request, "supplement", "RETURNED_INCOMPLETE", given={"necessity": "It goes"})
    node.did("dao", request, "take_up")
    refused(
        NotPermitted,
        "checker_is_not_maker",
        lambda: node.they(request, "countersign", "UNDER_DECISION", by="p-1"),
    )
    view = node.they(request, "countersign", "RECEIVED", by="p-2")  # it crossed ours
    assert (view.listed.state, view.signers) == ("UNDER_DECISION", ["p-1", "p-2"])


def test_an_alert_and_an_answer_that_cross_are_both_kept(node: Requests) -> None:
    request = node.asked("STATUS", "house")
    node.did("dao", request, "open")
    node.did("dao", request, "return_incomplete", missing=("linked_ref",))
    node.did("dao", request, "cannot_keep_secret", reasons="A court has published it")
    view = node.they(request, "supplement", "RETURNED_INCOMPLETE", given={"linked_ref": "7"})
    assert (view.listed.state, view.before) == ("SECRECY_ALERT", "RECEIVED")
    view = node.they(request, "resume", "SECRECY_ALERT")
    assert (view.listed.state, view.before) == ("RECEIVED", "")
    with unit_of_work():
        cooperation.act(node.desk["dao"], request, "take_up", Said(), node.now)


# --- purging --------------------------------------------------------------------------------------


def test_what_a_request_says_is_purged_long_after_it_ended_unless_data_are_held(
    node: Requests,
) -> None:
    ended = node.delivered_to("STATUS", "house", question="Where is Somchai?")
    node.did("som", ended, "withdraw", reasons="Somchai was found")
    holding = node.asked("PRESERVE")
    node.did("dao", holding, "hold", until=node.now + 4_000 * DAY)
    node.they(holding, "withdraw", "DELIVERED")
    open_still = node.asked("STATUS", "house")
    node.receipted()
    node.now += 1_824 * DAY
    assert purge.run(node.now).counts == {}
    node.now += 2 * DAY
    assert purging.count(node.now) == 1
    assert purge.run(node.now).counts["requests"] == 1
    assert purge.run(node.now).counts == {}
    view = node.view(ended)
    assert (view.given, view.signers, view.listed.state) == ({}, [], "WITHDRAWN")
    assert all(each.said == Said() for each in view.acts)
    rows = Transition.objects.filter(request__uuid=ended.bytes)
    assert not rows.exclude(log_record=None, log_salt=None).exists()
    documents = [row.document for row in Document.objects.filter(type__startswith="request")]
    assert not any(b"Somchai" in _opened(raw) for raw in documents)
    assert all(node.view(each).given for each in (holding, open_still))


def _opened(raw: bytes) -> bytes:
    if not raw:
        return b""
    payload = raw.split(b".")[1]
    return base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
