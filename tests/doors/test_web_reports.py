"""*Report*: without an account, without script, in one go."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Flag, Role
from hueandcry.core.types import DAY
from hueandcry.doors.desk.hotlines import Purpose, of
from hueandcry.doors.web.report_form import ReportForm, wording
from reports_scene import Reports
from web_reports import code_in, sent, token


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_a_report_needs_one_word_and_gives_a_code(scene: Reports, client: Client) -> None:
    html = sent(client, text="They took my money")
    told = reports.by_code(code_in(html), scene.now)
    assert told.stage is reports.Stage.RECEIVED and told.consents == frozenset()
    assert "Do this now" not in html


def test_everything_that_is_said_is_kept(scene: Reports, client: Client) -> None:
    sent(
        client,
        text="It began with a call",
        values="https://evil.example/pay\n081-234-5678",
        role="called",
        method="phone",
        market="VN",
        happened_on="2026-09-20",
        amount="๒๕,๐๐๐.50",
        currency="thb",
        rail="wallet",
        paid="yesterday",
        paid_to="PromptPay 0812345678",
        child="on",
        name="Somchai",
        safe_way="only by message",
        consents=["signals", "police"],
    )
    scene.read()
    told = scene.opened(scene.numbers()[0])
    assert told.text == "It began with a call"
    assert {value.signal.value for value in told.values} >= {"evil.example/pay"}
    # The number that was called is the one that was paid to, which says more of it.
    assert {value.role for value in told.values if value.role} == {Role.PAID}
    (loss,) = told.losses
    assert (float(loss.amount), loss.currency, loss.rail) == (25000.5, "THB", "wallet")
    assert loss.at == scene.now - DAY
    assert told.line.market == "VN" and told.line.method == "phone"
    assert Flag.CHILD in told.line.flags
    assert {c.purpose for c in told.consents} == {Consent.SIGNALS, Consent.POLICE}
    assert {c.wording for c in told.consents} == {wording()}


def test_a_form_posted_twice_is_one_report_with_one_code(scene: Reports, client: Client) -> None:
    form = token(client)
    first, second = (sent(client, text="They took my money", token=form) for _ in range(2))
    assert code_in(first) == code_in(second)
    scene.read()
    assert len(scene.numbers()) == 1


def test_the_same_words_on_another_form_are_another_report(scene: Reports, client: Client) -> None:
    codes = {code_in(sent(client, text="They took my money")) for _ in range(2)}
    assert len(codes) == 2


def test_an_old_form_is_shown_again_with_all_that_it_held(scene: Reports, client: Client) -> None:
    form = token(client)
    scene.now += 3 * DAY
    html = sent(client, 422, text="They took my money", name="Somchai", token=form)
    assert "This page was open for too long." in html
    assert "They took my money</textarea>" in html and 'value="Somchai"' in html
    (fresh,) = re.findall(r'name="token" value="([^"]+)"', html)
    code_in(sent(client, text="They took my money", token=fresh))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Write what happened, or at least one link, number or account."),
        ({"text": "a", "amount": "much", "currency": "THB"}, "Write only digits"),
        ({"text": "a", "amount": "5", "currency": "฿"}, "Write the currency in letters"),
        ({"text": "a", "happened_on": "2030-01-01"}, "This day lies in the future."),
        ({"text": "a", "values": "a.example\n" * 1 + "x" * 3_000}, "One line is too long."),
        ({"values": "\n".join(f"n{n}.example" for n in range(300))}, "These are too many lines."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    scene: Reports, client: Client, fields: dict[str, str], says: str
) -> None:
    html = sent(client, 422, **fields)
    assert says in html and "Please look at this again" in html
    scene.read()
    assert scene.numbers() == []


def test_no_field_can_hold_markup(scene: Reports, client: Client) -> None:
    bad = '"><script>alert(1)</script>'
    names = [name for name in ReportForm.base_fields if name not in ("attached", "token")]
    response = client.post("/report", {**dict.fromkeys(names, bad), "token": token(client)})
    assert response.status_code == 422
    assert b"<script>alert" not in response.content
    assert b"&lt;script&gt;alert" in response.content


def test_a_story_that_is_too_long_is_cut_and_the_page_says_so(
    scene: Reports, client: Client
) -> None:
    html = sent(client, text="very much " * 10_000)
    assert f"Your text was longer than {reports.MAX_STORY} characters." in html
    code_in(html)


def test_what_was_checked_is_there_when_it_is_raised(scene: Reports, client: Client) -> None:
    of_values = client.post("/report", {"begin": "1", "about": "evil.example\n+66812345678"})
    assert "evil.example\n+66812345678</textarea>" in of_values.content.decode()
    of_words = client.post("/report", {"begin": "1", "about": "words & <b>"}).content.decode()
    assert "words &amp; &lt;b&gt;</textarea>" in of_words
    scene.read()
    assert scene.numbers() == []


def test_another_language_keeps_what_was_filled_in(scene: Reports, client: Client) -> None:
    fields = {"text": "my words", "amount": "abc", "consents": ["signals", "contact"]}
    again = dict.fromkeys(re.findall(r'type="hidden" name="(\w+)"', sent(client, 422, **fields)))
    assert {"begin", "text", "amount", "consents"} <= set(again)
    other = client.post("/report?lang=vi", {"begin": "1", **fields}).content.decode()
    assert '<html lang="vi">' in other and "my words</textarea>" in other
    assert len(re.findall(r'name="consents"[^>]* checked', other)) == 2


def test_another_language_shows_the_same_code_once_more(scene: Reports, client: Client) -> None:
    html = sent(client, text="They took my money")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    other = client.post("/report?lang=th", hidden).content.decode()
    assert '<html lang="th">' in other and code_in(other) == code_in(html)


def test_another_site_cannot_send_a_report_for_somebody(scene: Reports, client: Client) -> None:
    fields = {"text": "words", "token": token(client)}
    response = client.post("/report", fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    for made_up in ("made-up", ""):
        assert client.post("/report", {**fields, "token": made_up}).status_code == 422


# --- what cannot wait ----------------------------------------------------------------------------


def test_money_lost_a_day_ago_shows_what_to_do_now_in_that_country(
    scene: Reports, client: Client
) -> None:
    html = sent(client, text="a", amount="5000", currency="SGD", paid="yesterday", market="SG")
    assert "Do this now: money can still be stopped" in html
    assert all(line.number in html for line in of("SG", Purpose.SCAM))


def test_money_lost_long_ago_is_not_called_urgent(scene: Reports, client: Client) -> None:
    html = sent(client, text="a", amount="5000", currency="THB", paid="longer")
    assert "Do this now" not in html


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        ({"paying": "on"}, "paying"),
        ({"forced": "on"}, "forced"),
        ({"text": "I want to die, I cannot go on"}, "distress"),
    ],
)
def test_signs_of_need_open_the_right_page(
    scene: Reports, client: Client, fields: dict[str, str], page: str
) -> None:
    said: dict[str, Any] = {"text": "words", **fields}
    html = sent(client, **said)
    assert f'href="/help/{page}"' in html
