"""Requests in the console: made by two people, listed by their clocks, acted upon by who may."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console_reports import opened, posted, text_of
from console_scene import one_with
from hueandcry.apps.cooperation import timing
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.members import face as members
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, MINUTE
from other_member import OtherMember
from requests_scene import Requests

pytestmark = pytest.mark.database
PAGE = "/console/requests/"
PRESERVE: dict[str, Any] = {
    "f-authority_name": "Cyber police",
    "f-contact": "+66 2 123 4567",
    "f-case_ref": "C-17/2026",
    "f-language": "en",
    "f-facts_summary": "Victims were called by a false bank.",
    "f-offence_provision": "Criminal Code 341",
    "f-items-rows": "2",
    "f-items-0-kind": "account",
    "f-items-0-value": "shop-17",
    "f-items-0-relation": "took the money",
    "f-necessity": "Logs are kept for a week.",
    "f-mla_intended": "yes",
    "f-no_user_notice": "yes",
    "f-rights_screen-0-political": "no",
    "f-rights_screen-0-discrimination": "no",
    "f-rights_screen-0-reviewer": "M. Reviewer",
}
STOP: dict[str, Any] = {
    "f-authority_name": "Anti-scam centre",
    "f-contact": "+66 2 123 4567",
    "f-case_ref": "P-4",
    "f-language": "en",
    "f-victim_institution": "Bank of the Plain",
    "f-beneficiary_institution": "Bank of the River",
    "f-account": "VN 0123",
    "f-amount": "25,000.50",
    "f-currency": "THB",
    "f-value_time": "2026-01-02T03:04:05",
    "f-payment_reference": "97ed4827-7b6f-4491-a06f-b548d5a7512d",
    "f-fraud_type": "bank-impersonation",
    "f-no_user_notice": "yes",
    "f-liability_statement": "The centre answers for it.",
    "f-urgency": "urgent",
}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc", "lea"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc", "lea"))


@pytest.fixture
def analyst(node: Requests) -> Client:
    return one_with("analyst")


@pytest.fixture
def checker(node: Requests) -> Client:
    return one_with("checker")


@pytest.fixture
def duty(node: Requests) -> Client:
    return one_with("duty")


def builder(node: Requests, type: str = "", basis: str = "") -> str:
    chosen = {"to": node.other.fingerprint, "type": type, "basis": basis}
    return f"{PAGE}new/?" + "&".join(f"{k}={v}" for k, v in chosen.items() if v)


def page(request: UUID) -> str:
    return f"{PAGE}{request}/"


def act(client: Client, request: UUID, event: str, status: int = 302, **said: Any) -> str:
    """The act, from the page as it is now unless `seen` is another version."""
    seen = said.pop("seen", Request.objects.get(uuid=request.bytes).version)
    return posted(client, f"{page(request)}act/", status, act=event, seen=seen, **said)


def made(where: str) -> UUID:
    return UUID(where.rstrip("/").rpartition("/")[2])


def order(html: str) -> list[UUID]:
    return [
        UUID(found) for found in re.findall(r'<a href="/console/requests/([0-9a-f-]{36})/', html)
    ]


# --- the builder ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "basis", "form"),
    [("PRESERVE", "reciprocity", PRESERVE), ("STOP_PAYMENT", "house", STOP)],
)
def test_a_request_is_built_step_by_step_signed_by_one_and_sent_by_another(
    node: Requests,
    analyst: Client,
    checker: Client,
    type: str,
    basis: str,
    form: dict[str, Any],
) -> None:
    assert node.other.fingerprint in opened(analyst, f"{PAGE}new/")
    assert f"type={type}" in opened(analyst, builder(node))
    assert f"basis={basis}" in opened(analyst, builder(node, type))
    whole = builder(node, type, basis)
    assert 'name="f-case_ref"' in opened(analyst, whole)
    request = made(posted(analyst, whole, step="keep", **form))
    assert 'value="send_on_duty"' not in opened(analyst, page(request))
    act(analyst, request, "sign")
    act(checker, request, "approve")
    view = node.view(request)
    assert view.listed.state == "SENT" and len(view.signers) == 2
    assert "On its way" in opened(analyst, page(request))


def test_what_a_form_says_is_kept_in_the_form_of_the_law(node: Requests, analyst: Client) -> None:
    stop = made(posted(analyst, builder(node, "STOP_PAYMENT", "house"), step="keep", **STOP))
    given = node.view(stop).given
    assert (given["amount"], given["no_user_notice"]) == ("25000.50", True)
    assert given["value_time"] == "2026-01-02T03:04:05.000000Z"
    kept = made(posted(analyst, builder(node, "PRESERVE", "reciprocity"), step="keep", **PRESERVE))
    given = node.view(kept).given
    assert given["items"] == [{"kind": "account", "value": "shop-17", "relation": "took the money"}]
    assert given["rights_screen"]["political"] is False


def test_a_missing_field_is_named_with_its_article_and_nothing_typed_is_lost(
    node: Requests, analyst: Client
) -> None:
    form = PRESERVE | {"f-necessity": "", "f-facts_summary": "They called at night."}
    whole = builder(node, "PRESERVE", "reciprocity")
    html = posted(analyst, whole, 200, step="look", **form)
    assert "Missing: Hanoi 42(3)(e) asks for it." in html
    assert "They called at night." in html and "shop-17" in html
    assert not Request.objects.exists()
    request = made(posted(analyst, whole, step="keep", **form))
    html = opened(analyst, page(request))
    assert "Hanoi 42(3)(e)" in html and "They called at night." in html
    act(analyst, request, "sign", 400)
    said: dict[str, Any] = {"f-necessity": "They delete daily.", "f-facts_summary": ""}
    act(analyst, request, "revise", **said)
    view = node.view(request)
    assert view.given["necessity"] == "They delete daily." and "facts_summary" not in view.given


def test_what_is_known_to_be_unlawful_is_shown_before_it_is_kept(
    node: Requests, analyst: Client
) -> None:
    whole, form = builder(node, "PRESERVE", "reciprocity"), PRESERVE | {"f-mla_intended": "no"}
    html = posted(analyst, whole, 200, step="look", **form)
    assert "It cannot be sent like this" in html and "Hanoi 42(3)(f)" in html
    assert "Nothing stands against it." in posted(analyst, whole, 200, step="look", **PRESERVE)
    request = made(posted(analyst, whole, step="keep", **form))
    act(analyst, request, "sign", 403)


def test_a_list_gets_more_rows_and_keeps_those_that_are_filled(
    node: Requests, analyst: Client
) -> None:
    html = posted(analyst, builder(node, "PRESERVE", "reciprocity"), 200, more="items", **PRESERVE)
    assert 'name="f-items-3-kind"' in html and 'value="shop-17"' in html
    assert "not right yet" not in html


def test_only_open_bases_are_offered_and_of_the_others_it_is_told_why(
    node: Requests, analyst: Client
) -> None:
    html = opened(analyst, builder(node, "PRESERVE"))
    assert "basis=reciprocity" in html and "basis=hanoi" not in html
    assert "the registry has it not in force on that day" in html
    assert 'name="f-case_ref"' not in opened(analyst, builder(node, "PRESERVE", "hanoi"))


def test_a_new_request_is_written_from_an_old_one(node: Requests, analyst: Client) -> None:
    old = node.drafted("PRESERVE", facts_summary="The false bank of May.")
    assert f"from={old}" in opened(analyst, page(old))
    html = opened(analyst, f"{builder(node, 'PRESERVE', 'reciprocity')}&from={old}")
    assert "The false bank of May." in html


# --- acts ----------------------------------------------------------------------------------------


def test_who_signed_it_reads_why_another_has_to_send_it(node: Requests) -> None:
    legal = one_with("legal")
    request = node.drafted("PRESERVE")
    act(legal, request, "sign")
    html = opened(legal, page(request))
    assert "You signed it as its maker" in html
    assert "checker_is_not_maker" in act(legal, request, "approve", 403)
    assert node.view(request).listed.state == "REVIEW"


def test_one_duty_officer_sends_what_cannot_wait_and_another_countersigns(
    node: Requests, duty: Client
) -> None:
    request = node.drafted("PRESERVE")
    act(duty, request, "send_on_duty")
    html = opened(duty, page(request))
    assert "One signature" in html and "You signed it as its maker" in html
    assert "checker_is_not_maker" in act(duty, request, "countersign", 403)
    legal = one_with("legal")
    act(legal, request, "countersign")
    html = opened(legal, page(request))
    assert "One signature" not in html and 'value="countersign"' not in html


def test_a_result_is_named_by_its_digest_and_accepted_by_the_same_alone(
    node: Requests, analyst: Client
) -> None:
    ours, sent = node.delivered_to("STATUS", "house"), "ab" * 32
    for event, source in (
        *(("open", "DELIVERED"), ("take_up", "RECEIVED"), ("accept", "UNDER_DECISION")),
        *(("execute", "ACCEPTED"), ("complete", "EXECUTING")),
    ):
        node.they(ours, event, source)
    node.they(ours, "send_result", "EXECUTED", package=sent)
    assert "Enter a valid value." in act(analyst, ours, "accept_result", 400, package="no digest")
    assert "hash_verified" in act(analyst, ours, "accept_result", 409, package="cd" * 32)
    act(analyst, ours, "accept_result", package=sent)
    act(analyst, ours, "close")
    assert "It has ended." in opened(analyst, page(ours))


def test_an_act_upon_what_somebody_moved_on_changes_nothing_and_loses_nothing(
    node: Requests, duty: Client
) -> None:
    request = node.asked("MLA_STORED")
    node.did("lek", request, "open")
    node.did("lek", request, "take_up")
    seen = node.view(request).listed.version
    node.did("som", request, "accept")
    html = act(duty, request, "consult", 409, seen=seen, reasons="Which account do you mean?")
    assert "Somebody moved it on." in html and "Request accepted" in text_of(html)
    assert "Which account do you mean?" in html
    assert node.view(request).listed.state == "ACCEPTED"


def test_a_form_that_is_still_open_keeps_what_was_typed_when_somebody_acted_since(
    node: Requests, duty: Client
) -> None:
    request = node.asked("PRESERVE", signers=("p-theirs-1",))
    node.did("lek", request, "open")
    seen = node.view(request).listed.version
    node.they(request, "countersign", "RECEIVED")
    html = act(duty, request, "forward", 409, seen=seen, holder="Ministry of Posts")
    assert "Somebody moved it on." in html
    assert re.search(r'<input[^>]*value="Ministry of Posts"', html)


def test_a_refusal_asks_for_a_code_of_the_type_and_its_article(
    node: Requests, duty: Client
) -> None:
    request = node.asked("STOP_PAYMENT", "house")
    act(duty, request, "open")
    act(duty, request, "take_up")
    html = opened(duty, page(request))
    assert "NO-FUNDS: Nothing of the traced amount is there. (Policy fast-lane)" in html
    assert "NEEDS_DOMESTIC_ORDER" not in html
    assert "This field is required." in act(duty, request, "refuse", 400, code="NO-FUNDS")
    act(duty, request, "refuse", code="NO-FUNDS", reasons="It went on an hour ago.")
    html = opened(duty, page(request))
    assert "Request refused" in html and "It went on an hour ago." in html


def test_assistance_is_refused_only_after_the_consultation_that_the_page_shows(
    node: Requests, duty: Client
) -> None:
    request = node.asked("MLA_STORED")
    act(duty, request, "open")
    act(duty, request, "take_up")
    assert 'value="refuse"' not in opened(duty, page(request))
    answer_by = time_text(node.now + DAY)[:19]
    act(duty, request, "consult", reasons="Whose account is it?", answer_by=answer_by)
    html = opened(duty, page(request))
    assert "Consultation" in html and "Whose account is it?" in html and answer_by[:10] in html
    assert "heard" in act(duty, request, "refuse", 409, code="NATIONAL-GROUND", reasons="No")


def test_what_is_missing_is_named_and_only_that_can_be_completed(
    node: Requests, duty: Client, analyst: Client
) -> None:
    theirs = node.asked("MLA_STORED")
    act(duty, theirs, "open")
    act(duty, theirs, "return_incomplete", missing=["purpose", "period"])
    assert node.view(theirs).acts[-1].said.missing == ("purpose", "period")
    ours = node.delivered_to("MLA_STORED")
    node.they(ours, "open", "DELIVERED")
    node.they(ours, "return_incomplete", "RECEIVED", missing=("purpose",))
    html = opened(analyst, page(ours))
    assert 'name="f-purpose"' in html and 'name="f-facts_summary"' not in html
    said: dict[str, Any] = {"f-purpose": "Trial", "f-facts_summary": "Other"}
    act(analyst, ours, "supplement", **said)
    given = node.view(ours).given
    assert (given["purpose"], given["facts_summary"]) == ("Trial", "as stated")


def test_data_are_held_until_the_least_end_that_the_form_offers(
    node: Requests, duty: Client
) -> None:
    request = node.asked("PRESERVE")
    least = node.view(request).least_until
    assert least is not None
    shown = time_text(least)[:19]
    assert f'value="{shown}"' in opened(duty, page(request))
    act(duty, request, "hold", until=shown)
    assert node.view(request).hold_until == least
    html = opened(duty, page(request))
    assert "Data held" in html and "Under legal hold here" in html


def test_a_draft_that_was_signed_is_handed_back_and_corrected(
    node: Requests, analyst: Client
) -> None:
    request = node.drafted("PRESERVE")
    act(analyst, request, "sign")
    said: dict[str, Any] = {"f-necessity": "They delete daily."}
    act(analyst, request, "revise", **said)
    view = node.view(request)
    assert (view.listed.state, view.given["necessity"]) == ("DRAFT", "They delete daily.")
    assert view.given["facts_summary"] == "as stated"


def test_who_may_not_gets_no_button_and_is_refused(node: Requests, analyst: Client) -> None:
    request = node.asked("PRESERVE")
    html = opened(analyst, page(request))
    assert 'value="open"' not in html and "Open it (Checker, Duty officer, Legal, Police)" in html
    act(analyst, request, "open", 403)
    assert node.view(request).listed.state == "DELIVERED"
    assert one_with("auditor").get(page(request), secure=True).status_code == 403
    assert one_with("checker").get(builder(node), secure=True).status_code == 403


def test_who_looked_at_a_request_is_in_the_access_log(node: Requests, analyst: Client) -> None:
    request = node.asked("PRESERVE")
    opened(analyst, page(request))
    line = members.accesses(limit=1)[0]
    assert (line.login, line.action) == ("analyst", "request.view")
    assert line.subject == f"request {request}"


def test_the_timeline_tells_entry_receipt_and_what_the_other_node_refused(
    node: Requests, analyst: Client
) -> None:
    request = node.delivered_to("MLA_STORED")
    html = text_of(opened(analyst, page(request)))
    assert "Signed receipt" in html and "entry" in html
    assert "Request delivered" in html


# --- lists ---------------------------------------------------------------------------------------


def test_what_is_due_first_stands_on_top_and_what_is_over_is_marked(
    node: Requests, analyst: Client
) -> None:
    status = node.asked("STATUS", "house")
    mla = node.asked("MLA_STORED")
    stop = node.asked("STOP_PAYMENT", "house")
    html = opened(analyst, PAGE)
    assert order(html)[0] == stop and set(order(html)) == {status, mla, stop}
    assert "Overdue</span>" not in html
    node.now += 20 * MINUTE
    timing.ring()
    html = opened(analyst, PAGE)
    assert "Overdue</span>" in html and order(opened(analyst, PAGE, overdue="yes")) == [stop]


def test_filters_leave_what_fits_and_pages_follow_the_clock(
    node: Requests, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.console.request_list.LIMIT", 2)
    ours = node.delivered_to("MLA_STORED")
    theirs = [node.asked("STATUS", "house") for _ in range(3)]
    assert order(opened(analyst, PAGE, side="requesting")) == [ours]
    assert order(opened(analyst, PAGE, type="MLA_STORED")) == [ours]
    assert order(
        opened(analyst, PAGE, peer=node.other.fingerprint, state="DELIVERED", type="nonsense")
    )
    first = opened(analyst, PAGE, side="requested")
    after = re.search(r"after=([0-9.]+)", first)
    assert after is not None
    second = opened(analyst, PAGE, side="requested", after=after[1])
    assert [*order(first), *order(second)] == theirs
    assert "No request is like this." in opened(analyst, PAGE, type="EPOC")


def test_empty_lists_say_what_would_stand_there(node: Requests, analyst: Client) -> None:
    assert "There are no requests that are open." in opened(analyst, PAGE)
    assert "No member asks anything of us" in opened(analyst, PAGE, side="requested")
    assert "Nothing has come in" in opened(analyst, "/console/desk/")


def test_a_longer_list_takes_no_more_statements(node: Requests, analyst: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as taken:
            opened(analyst, PAGE)
            opened(analyst, "/console/desk/")
        return sum("cooperation_" in each["sql"] for each in taken)

    node.asked("PRESERVE")
    one = statements()
    for _ in range(3):
        node.asked("STATUS", "house")
    assert statements() == one


def test_the_navigation_counts_what_waits_for_us(node: Requests, analyst: Client) -> None:
    node.asked("PRESERVE")
    node.drafted("STATUS", "house")
    node.sent("MLA_STORED")
    assert re.search(r'Requests <span class="count">2</span>', opened(analyst, PAGE))


# --- the desk ------------------------------------------------------------------------------------


def test_the_desk_shows_what_was_not_opened_what_is_due_and_what_rang(
    node: Requests, duty: Client
) -> None:
    waiting = node.asked("STOP_PAYMENT", "house")
    opened_one = node.asked("PRESERVE")
    node.did("dao", opened_one, "open")
    html = opened(duty, "/console/desk/")
    incoming, _, due = html.partition('id="due"')
    assert str(waiting) in incoming and str(opened_one) not in incoming
    assert str(opened_one) in due and 'id="rung"' not in html
    node.now += 20 * MINUTE
    timing.ring()
    assert 'id="rung"' in opened(duty, "/console/desk/")


def test_the_pulse_changes_with_the_desk_and_rings_for_what_cannot_wait(
    node: Requests, duty: Client
) -> None:
    def pulse() -> dict[str, list[str]]:
        return dict(duty.get("/console/desk/pulse/", secure=True).json())

    assert pulse() == {"state": [], "rings": []}
    calm = node.asked("STATUS", "house", urgency="routine")
    first = pulse()
    assert first["state"] and first["rings"] == []
    stop = node.asked("STOP_PAYMENT", "house")
    assert pulse()["rings"] == [str(stop)]
    node.did("dao", stop, "open")
    node.did("dao", calm, "open")
    assert pulse()["rings"] == []
    node.asked("EMERGENCY")
    node.now += 20 * MINUTE
    timing.ring()
    assert [each for each in pulse()["rings"] if each.startswith("alarm ")]


def test_a_referral_is_neither_listed_nor_opened_for_who_has_no_business_with_it(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Requests(monkeypatch, OtherMember("shelter", roles=("asc",)), ("protection",))
    referral = node.asked("TIP_REFERRAL", "house", tlp="RED")
    places = (PAGE, "/console/desk/")
    for role, sees in (("duty", True), ("legal", True), ("analyst", False), ("police", False)):
        client = one_with(role)
        assert [str(referral) in opened(client, each) for each in places] == [sees, sees], role
        assert client.get(page(referral), secure=True).status_code == (200 if sees else 404)
        assert ('Requests <span class="count">' in opened(client, PAGE)) == sees
        if not sees:
            act(client, referral, "open", 404)
            assert "as stated" not in opened(client, f"{builder(node)}&from={referral}")
