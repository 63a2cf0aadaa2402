"""Requests on paper in the console: letters, scans as proof, translations, authorities."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console_reports import PURPOSE, opened, posted, text_of
from console_scene import one_with
from doors.test_console_requests import PAGE, act, made, page
from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.members.models import Access
from hueandcry.core.times import time_text
from hueandcry.doors.console import request_fields
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_made import form
from requests_scene import BASIS, Requests
from sheet_text import squeezed, words_of

pytestmark = pytest.mark.database
LAO = "Ministry of Public Security, Vientiane"
SCAN = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
STATUS: dict[str, Any] = {
    "f-authority_name": "Anti-scam centre",
    "f-contact": "+66 2 123 4567",
    "f-case_ref": "C-17/2026",
    "f-language": "en",
    "f-linked_ref": "0190a0a0-0000-7000-8000-000000000000",
    "f-question": "How far is it?",
}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc", "lea"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc", "lea"))


def entered(
    client: Client, node: Requests, request: UUID, event: str, status: int = 302, **said: Any
) -> str:
    """An act with its letter, dated now."""
    form = {
        "seen": Request.objects.get(uuid=request.bytes).version,
        "channel": "courier",
        "carried_by": "Ms K.",
        "dated": time_text(node.now)[:19],
        "file": SimpleUploadedFile("scan.pdf", SCAN),
        **({} if event in OURS else {"theirs": "yes"}),
        **said,
    }
    return posted(client, f"{page(request)}enter/", status, act=event, **form)


def test_an_authority_without_a_node_is_noted_asked_by_letter_and_answers_by_scan(
    node: Requests,
) -> None:
    legal, analyst, checker = one_with("legal"), one_with("analyst"), one_with("checker")
    where = f"{PAGE}authorities/"
    said: dict[str, Any] = {"name": LAO, "country": "la", "roles": ["asc"], "address": "Vientiane"}
    assert "valid value" in posted(legal, where, 400, **{**said, "country": "1a"})
    posted(legal, where, **said)
    assert "known already" in posted(legal, where, 400, **said)
    opened(analyst, where, 403)
    html = opened(analyst, f"{PAGE}new/")
    assert LAO in html and "by letter" in html
    key = html.partition(LAO)[0].rpartition("to=")[2].partition('"')[0]
    builder = f"{PAGE}new/?to={key}&type=STATUS&basis=house"
    request = made(posted(analyst, builder, step="keep", **STATUS))
    act(analyst, request, "sign")
    html = opened(checker, page(request))
    assert 'value="approve"' not in html and 'value="approve_outside"' in html
    entered(checker, node, request, "approve_outside")
    entered(analyst, node, request, "deliver_outside")
    assert node.view(request).listed.state == "DELIVERED"
    html = opened(checker, page(request))
    assert "Their letter says: Open it" in html
    entered(checker, node, request, "open")
    view = node.view(request)
    assert (view.listed.state, view.outside) == ("RECEIVED", True)
    assert "It goes on paper" in opened(checker, page(request))


def test_no_act_of_the_other_side_is_entered_without_a_letter_and_nothing_typed_is_lost(
    node: Requests,
) -> None:
    checker = one_with("checker")
    request = node.drafted("STATUS", "house")
    node.did("ann", request, "sign")
    html = entered(checker, node, request, "approve_outside", 400, file="", channel="post")
    assert "Choose the letter or its scan." in html and 'value="Ms K."' in html
    text = SimpleUploadedFile("scan.pdf", b"no letter at all")
    assert "no letter or scan" in entered(checker, node, request, "approve_outside", 400, file=text)
    assert "This field is required." in entered(
        checker, node, request, "approve_outside", 400, carried_by=""
    )
    assert "moved it on" in entered(checker, node, request, "approve_outside", 409, seen=77)
    assert node.view(request).listed.state == "REVIEW"


def test_a_scan_is_given_out_in_its_bytes_for_a_purpose_each_time_noted(node: Requests) -> None:
    checker = one_with("checker")
    request = node.drafted("STATUS", "house")
    node.did("ann", request, "sign")
    entered(checker, node, request, "approve_outside")
    n = node.view(request).acts[-1].n
    where = f"{page(request)}paper/{n}/"
    assert where in opened(checker, page(request))
    assert "purpose_asked" in opened(checker, where)
    posted(checker, where, 303, **PURPOSE)
    for _ in range(2):
        answer = checker.get(where, secure=True)
        assert b"".join(answer.streaming_content) == SCAN  # type: ignore[attr-defined]
    assert Access.objects.filter(action="request.paper").count() == 1
    assert Access.objects.filter(action="request.paper.read").count() == 2
    opened(checker, f"{page(request)}paper/99/", 200)  # asks for a purpose of its own
    posted(checker, f"{page(request)}paper/99/", 303, **PURPOSE)
    opened(checker, f"{page(request)}paper/99/", 404)


#: Acts of ours that are entered with a letter.
OURS = ("approve_outside", "deliver_outside", "return_incomplete")
CAME = f"{PAGE}came/"


def noted(node: Requests) -> str:
    """An authority without a node, by its key."""
    with unit_of_work():
        return cooperation.add_authority(node.desk["lek"], LAO, "LA", ["ca", "lea"], "", node.now)


def letter(node: Requests, **said: Any) -> dict[str, Any]:
    """How a letter came, as the page asks for it."""
    return {
        "channel": "diplomatic",
        "carried_by": "Ms K.",
        "dated": time_text(node.now)[:19],
        "file": SimpleUploadedFile("scan.pdf", SCAN),
        **said,
    }


def asked_of_us(node: Requests, **changed: Any) -> dict[str, Any]:
    """The fields of a preservation as the page has them."""
    given = form("PRESERVE", node.now, **changed)
    names = request_fields.names("PRESERVE")
    return request_fields.untouched(request_fields.asked("PRESERVE", BASIS, names, given))


def test_a_request_that_came_as_a_letter_is_entered_step_by_step(node: Requests) -> None:
    duty, key = one_with("duty"), noted(node)
    assert "Enter a letter" in opened(duty, PAGE)
    assert "Enter a letter" not in opened(one_with("analyst"), PAGE)
    html = opened(duty, CAME)
    assert LAO in html and f"from={key}" in html
    html = opened(duty, f"{CAME}?from={key}")
    assert "type=PRESERVE" in html and "type=TIP_REFERRAL" not in html
    html = opened(duty, f"{CAME}?from={key}&type=PRESERVE")
    assert "basis=reciprocity" in html and "By our registry these are no basis today" in html
    where = f"{CAME}?from={key}&type=PRESERVE&basis=reciprocity"
    assert "The letter itself" in opened(duty, where)
    fields = asked_of_us(node, necessity=None)
    html = posted(duty, where, 200, step="look", **fields)
    assert "The letter does not say" in html and "returned as incomplete" in html
    html = posted(duty, where, 400, step="enter", **fields, **letter(node, file="", channel=""))
    assert 'value="Ms K."' in html and "not said wholly" in html
    html = posted(duty, where, 400, step="enter", **fields, **letter(node, file=""))
    assert "Choose the letter or its scan." in html
    request = made(posted(duty, where, step="enter", **fields, **letter(node)))
    view = node.view(request)
    assert (view.listed.side, view.listed.state, view.hold) == (
        "requested",
        "DELIVERED",
        "REQUESTED",
    )
    assert "necessity" not in view.given and view.acts[0].paper is not None
    html = posted(duty, where, 409, step="enter", **fields, **letter(node))
    assert "entered already" in html and str(request) in html
    html = opened(duty, page(request))
    assert "It came on paper" in html and LAO in html


def test_what_we_answer_to_a_letter_is_entered_with_ours_and_what_they_add_with_theirs(
    node: Requests,
) -> None:
    duty, key = one_with("duty"), noted(node)
    where = f"{CAME}?from={key}&type=PRESERVE&basis=reciprocity"
    fields = asked_of_us(node, necessity=None)
    request = made(posted(duty, where, step="enter", **fields, **letter(node)))
    act(duty, request, "open")
    html = opened(duty, page(request))
    assert "Return it as incomplete" in html
    assert "Their letter says: Return it" not in html
    entered(duty, node, request, "return_incomplete", missing=["necessity"])
    html = opened(duty, page(request))
    assert "Their letter says: Complete it" in html and "f-necessity" in html
    more: dict[str, Any] = {"f-necessity": "The log is overwritten in a week."}
    entered(
        duty, node, request, "supplement", file=SimpleUploadedFile("2.pdf", SCAN + b"2"), **more
    )
    view = node.view(request)
    assert view.given["necessity"] == more["f-necessity"] and view.listed.state == "RECEIVED"
    assert [each.side for each in view.acts[-2:]] == ["requested", "requesting"]


def test_what_a_desk_without_a_node_writes_of_money_stands_on_the_page(node: Requests) -> None:
    duty = one_with("duty")
    with unit_of_work():
        desk = cooperation.add_authority(node.desk["lek"], LAO, "LA", ["lea"], "", node.now)
        given = form("STOP_PAYMENT", node.now, amount="1250.00", currency="THB")
        request = cooperation.draft(node.desk["ann"], "STOP_PAYMENT", desk, BASIS, given, node.now)
    node.did("ann", request, "sign")
    entered(one_with("checker"), node, request, "approve_outside")
    entered(duty, node, request, "deliver_outside")
    html = opened(duty, page(request))
    assert "Their letter says: Say what was found" in html and 'id="paper-trace-amount"' in html
    assert "Write it as 1250.00" in entered(duty, node, request, "trace", 400, amount="a lot")
    entered(duty, node, request, "trace", amount="900")
    assert "more than 900 THB" in entered(
        duty, node, request, "hold", 403, amount="901", until="2026-12-01T00:00:00"
    )
    entered(duty, node, request, "hold", amount="900", until="2026-12-01T00:00:00")
    money = node.view(request).money
    assert money is not None and (money.state, money.held) == ("PROVISIONALLY_HELD", "900")
    assert "Amount held for now" in opened(duty, page(request))


def test_who_may_not_enter_letters_is_turned_away(node: Requests) -> None:
    opened(one_with("analyst"), CAME, 403)
    assert "No authority is noted yet" not in opened(one_with("police"), CAME)


def test_a_letter_shows_a_translation_once_another_person_certified_it(node: Requests) -> None:
    analyst, legal = one_with("analyst"), one_with("legal")
    request = node.drafted("STATUS", "house", question="How far is it?")
    translated = {"language": "vi", "translator": "Sworn 12", "t-question": "Đến đâu rồi?"}
    html = posted(analyst, f"{page(request)}translate/", 400, **{**translated, "t-question": " "})
    assert "says nothing" in html and 'value="Sworn 12"' in html
    posted(legal, f"{page(request)}translate/", 302, **translated)
    letter = f"{page(request)}letter/vi/"
    assert "not certified" in opened(analyst, letter, 403)
    assert "checker_is_not_maker" in posted(legal, f"{page(request)}certify/vi/", 403)
    posted(analyst, f"{page(request)}certify/vi/", 403)
    posted(one_with("checker"), f"{page(request)}certify/vi/")
    assert "certified" in text_of(opened(analyst, page(request)))
    answer = analyst.get(letter, secure=True)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert squeezed("Đến đâu rồi?") in words_of(answer.content)
    plain = analyst.get(letter, {"original": "1"}, secure=True)
    assert squeezed("Đến đâu rồi?") not in words_of(plain.content)
    assert Access.objects.filter(action="request.letter").count() == 2
    opened(analyst, f"{page(request)}letter/fr/", 404)


def test_a_referral_offers_no_way_on_paper(node: Requests) -> None:
    other = OtherMember("shelter", roles=("support",))
    node.joined(other)
    node.other = other
    consent = {"how": "by telephone", "at": time_text(node.now), "recipient": "shelter"}
    request = node.drafted(
        "TIP_REFERRAL", "house", by="lek", tlp="RED", chosen_by_person=True, person_consent=consent
    )
    html = opened(one_with("legal"), page(request))
    assert "approve_outside" not in html and 'value="sign"' in html
