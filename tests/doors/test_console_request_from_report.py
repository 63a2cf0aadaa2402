"""From a report to a request of another member: what is suggested, to whom, and what stays here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from console_reports import PURPOSE, Intake, loss, opened, posted, text_of, url
from console_scene import one_with
from doors.test_console_requests import PAGE, STOP, act, made
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.members.models import Access
from hueandcry.apps.reports.face import Consent, GivenValue
from hueandcry.core.types import Kind
from other_member import NOW, OtherMember
from requests_scene import Requests

pytestmark = pytest.mark.database
ACCOUNT = "MKNGVNV0:0000123456"
STORY = "They said they were my bank. I sent 25,000 THB to their account and called 081-234-5678."
AGREED = frozenset({Consent.SIGNALS, Consent.POLICE})


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    other = OtherMember("hanoi", roles=("ca", "p24", "asc", "lea", "telco", "protection"))
    return Requests(monkeypatch, other, ("ca", "p24", "asc", "lea"))


@pytest.fixture
def duty(node: Requests) -> Client:
    return one_with("duty")


def reported(node: Requests, *, consents: frozenset[Consent] = AGREED, text: str = STORY) -> int:
    given = (GivenValue(ACCOUNT),)
    sent = loss("25000.50", to=ACCOUNT, to_kind=Kind.BANK_ACCOUNT, at=NOW, reference="FT-99")
    return Intake(node).waiting(text, given=given, losses=(sent,), consents=consents)


def builder(node: Requests, report: int, type: str, basis: str = "house", of: int = 0) -> str:
    chosen = f"to={node.other.fingerprint}&type={type}&basis={basis}"
    return f"{PAGE}new/?{chosen}&report={report}&of={of}"


def filled(client: Client, where: str) -> str:
    """The form, by one who says for which purpose."""
    posted(client, where, 303, **PURPOSE)
    return opened(client, where)


def test_a_stopped_payment_is_filled_in_from_the_loss_and_the_number_of_the_report_stays_here(
    node: Requests, duty: Client
) -> None:
    report = reported(node)
    html = filled(duty, builder(node, report, "STOP_PAYMENT"))
    for name, value in {
        "account": ACCOUNT,
        "amount": "25000.5",
        "currency": "THB",
        "payment_reference": "FT-99",
    }.items():
        assert f'name="f-{name}" value="{value}"' in html
    assert 'name="f-value_time" value=""' not in html
    assert 'name="f-liability_statement"' in html and "Filled in from report" in html
    request = made(posted(duty, builder(node, report, "STOP_PAYMENT"), step="keep", **STOP))
    assert node.view(request).report == report
    act(duty, request, "send_on_duty")
    assert f"Report {report}" in text_of(opened(duty, f"{PAGE}{request}/"))
    assert f"{PAGE}{request}/" in opened(duty, url("report", report))
    for sent in node.on_the_way():
        assert "report" not in sent.body and "report" not in sent.body.get("given", {})


def test_nothing_is_filled_in_before_a_purpose_was_given_which_is_noted(
    node: Requests, duty: Client
) -> None:
    report = reported(node)
    where = builder(node, report, "STOP_PAYMENT")
    html = opened(duty, where)
    assert "purpose_asked" in html and ACCOUNT not in html
    assert ACCOUNT in filled(duty, where)
    assert Access.objects.filter(action="report.request", subject=f"report {report}").count() == 1
    posted(one_with("police"), where, 403, **PURPOSE)


def test_a_complaint_is_offered_and_written_only_where_the_reporter_agreed_to_it(
    node: Requests, duty: Client
) -> None:
    agreed = reported(node)
    assert "type=COMPLAINT" in opened(duty, url("report", agreed))
    assert STORY in filled(duty, builder(node, agreed, "COMPLAINT", "reciprocity"))
    silent = reported(node, consents=frozenset(), text=f"{STORY} And then again.")
    html = opened(duty, url("report", silent))
    assert "type=COMPLAINT" not in html and "needs a ground of its own" in html
    where = builder(node, silent, "COMPLAINT", "reciprocity")
    posted(duty, where, 303, **PURPOSE)
    assert "did not agree" in opened(duty, where, 403)
    posted(duty, where, 403, step="keep", **STOP)
    assert not Request.objects.exists()


def test_what_is_ticked_is_preserved_and_each_thing_is_disrupted_by_itself(
    node: Requests, duty: Client
) -> None:
    report = reported(node)
    html = filled(duty, builder(node, report, "PRESERVE", "reciprocity"))
    assert f'name="f-items-0-value" value="{ACCOUNT}"' in html
    assert 'value="money was sent to it"' in html
    html = opened(duty, builder(node, report, "DISRUPT"))
    assert f'name="f-target" value="{ACCOUNT}"' in html and 'value="account" selected' in html
    assert 'name="f-target" value=""' in opened(duty, builder(node, report, "DISRUPT", of=999))


def test_a_referral_suggests_signs_but_no_person_and_no_consent_and_keeps_no_number(
    node: Requests, duty: Client
) -> None:
    text = (
        "Hiring customer service in Myawaddy, 2,000 USD a month, no experience needed. Flights and "
        "visa are free, enter on a tourist visa. Send your passport at once on Telegram."
    )
    report = reported(node, text=text)
    assert "type=TIP_REFERRAL" not in opened(one_with("analyst"), url("report", report))
    assert "type=TIP_REFERRAL" in opened(duty, url("report", report))
    html = filled(duty, builder(node, report, "TIP_REFERRAL"))
    assert "You are to enter the country as a tourist" in html
    assert 'name="f-person_consent-0-how" value=""' in html
    assert 'name="f-persons-0-pseudonym" value=""' in html
    referral: dict[str, Any] = {
        **{f"f-{name}": "as stated" for name in ("authority_name", "contact", "case_ref")},
        "f-language": "en",
        "f-indicators": "passport taken away",
        "f-persons-rows": "1",
        "f-persons-0-pseudonym": "P-1",
        "f-danger": "held in a compound",
        "f-tlp": "RED",
        "f-life_at_risk": "no",
        "f-chosen_by_person": "yes",
        "f-person_consent-0-how": "by telephone",
        "f-person_consent-0-at": "2026-01-02T03:04:05",
        "f-person_consent-0-recipient": "hanoi",
    }
    where = builder(node, report, "TIP_REFERRAL")
    request: UUID = made(posted(duty, where, step="keep", **referral))
    assert node.view(request).report is None
    assert f"{PAGE}{request}/" not in opened(duty, url("report", report))


def test_of_the_members_only_those_are_there_that_may_be_asked_for_it(
    node: Requests, duty: Client
) -> None:
    bank = OtherMember("mekong-bank", roles=("bank",))
    node.joined(bank)
    html = opened(duty, f"{PAGE}new/?type=MLA_STORED")
    assert f"to={node.other.fingerprint}" in html and f"to={bank.fingerprint}" not in html
    assert f"to={bank.fingerprint}" in opened(duty, f"{PAGE}new/?type=STATUS")
