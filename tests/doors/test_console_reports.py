"""The pages of reports in the console: what each shows, to whom, and what it refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import databases
from console_reports import (
    PURPOSE,
    THAI,
    Intake,
    act,
    loss,
    opened,
    posted,
    rows,
    text_of,
    url,
)
from console_scene import one_with
from hueandcry.apps.members.models import Access
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Flag, GivenReporter, Role
from hueandcry.apps.signals.models import Claim
from hueandcry.core.types import DAY
from node_scene import Node
from other_member import OtherMember

BANK = OtherMember("bank")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Node:
    node = Node(monkeypatch)
    node.joined(BANK)
    return node


@pytest.fixture
def intake(node: Node) -> Intake:
    return Intake(node)


@pytest.fixture
def analyst(node: Node) -> Client:
    return one_with("analyst")


def confirmed(client: Client, intake: Intake, number: int, **fields: Any) -> str:
    """Confirms with what is ticked, as the page's own two steps do."""
    told = intake.opened(number)
    ticks = fields.pop("tick", [value.number for value in told.values if value.ticked])
    form = {"version": told.version, "tick": ticks, "step": "confirm", **fields}
    return posted(client, url("report_confirm", number), 302, **form)


# --- the queue -----------------------------------------------------------------------------------


def test_an_empty_queue_says_so(analyst: Client) -> None:
    assert "Nothing waits." in opened(analyst, url("reports"))


def test_the_queue_is_by_harm_and_payments_that_may_be_stopped_stand_above(
    intake: Intake, analyst: Client
) -> None:
    plain = intake.waiting("somebody wrote me a strange word")
    child = intake.waiting("they wrote to my daughter", flags=Flag.CHILD)
    money = intake.waiting("they took my money by a shop", losses=(loss(),))
    html = opened(analyst, url("reports"))
    assert rows(html) == [money, child, plain]
    lane = html[html.index('id="lane"') : html.index('class="filters"')]
    assert rows(lane) == [money] and "72 hours left" in lane


def test_near_identical_reports_are_one_row_with_their_number(
    intake: Intake, analyst: Client
) -> None:
    text = "Your parcel waits at the depot, please pay the customs fee of twenty today"
    numbers = [intake.waiting(f"{text} {name}") for name in ("Ann", "Bo", "Cy")]
    html = opened(analyst, url("reports"))
    assert len(rows(html)) == 1 and rows(html)[0] in numbers
    assert "3 alike" in html


def test_filters_stand_in_the_address_and_nonsense_is_no_filter(
    intake: Intake, analyst: Client
) -> None:
    thai = intake.waiting(THAI)
    forced = intake.waiting("they hold us and we must write messages", flags=Flag.FORCED)
    assert rows(opened(analyst, url("reports"), language="th")) == [thai]
    assert rows(opened(analyst, url("reports"), desk="protection")) == [forced]
    assert rows(opened(analyst, url("reports"), flag="forced")) == [forced]
    assert rows(opened(analyst, url("reports"), lost="yes")) == []
    assert len(rows(opened(analyst, url("reports"), desk="nobody", lure="x", flag="y"))) == 2
    assert "No report is like this." in opened(analyst, url("reports"), state="rejected")


def test_pages_of_the_queue_follow_each_other_without_gap(
    intake: Intake, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hueandcry.doors.console.report_queue.LIMIT", 2)
    words = ("apple orchard", "blue mountain", "cold river", "dark forest", "early bird")
    numbers = [intake.waiting(f"{word} {word[::-1]} is all") for word in words]
    seen: list[int] = []
    page = url("reports")
    while page:
        html = opened(analyst, page)
        seen += rows(html)
        link = re.search(r'rel="next" href="([^"]+)"', html)
        page = url("reports") + link[1] if link else ""
    whole = reports.queue(reports.Filters(), intake.node.now).lines
    assert seen == [line.number for line in whole] and sorted(seen) == sorted(numbers)


def test_a_longer_queue_costs_no_more_statements(intake: Intake, analyst: Client) -> None:
    def statements() -> int:
        databases.forget_caches()  # else it hangs on the clock what is read again
        with CaptureQueriesContext(connection) as caught:
            opened(analyst, url("reports"))
        return len(caught)

    intake.waiting("a first word about something")
    few = statements()
    for word in ("apple orchard", "blue mountain", "cold river", "dark forest"):
        intake.waiting(f"{word} {word[::-1]} is all")
    assert statements() == few


def test_what_waits_is_counted_in_the_navigation(intake: Intake, analyst: Client) -> None:
    assert '<span class="count">' not in opened(analyst, url("account"))
    intake.waiting("a first word about something")
    assert '<span class="count">1</span>' in opened(analyst, url("account"))
    assert '<span class="count">' not in opened(one_with("auditor"), url("account"))


def test_today_says_what_waits_and_what_may_still_be_stopped(
    intake: Intake, analyst: Client
) -> None:
    intake.waiting("they took my money by a shop", losses=(loss(),))
    intake.waiting("somebody wrote me a strange word")
    html = text_of(opened(analyst, url("today")))
    assert "2 reports wait for a decision" in html and "1 payments may still be stopped" in html


# --- one report ----------------------------------------------------------------------------------


def test_what_names_somebody_is_masked_and_the_opening_is_logged(
    intake: Intake, analyst: Client
) -> None:
    number = intake.waiting(THAI)
    html = opened(analyst, url("report", number))
    for secret in ("081-234-5678", "812345678", "123-4-56789-0", "1234567890", "482913"):
        assert secret not in html, secret
    assert "hxxps://thai-post[.]evil[.]example/pay" in html and "25,000" in html
    assert Access.objects.filter(action="report.open", subject=f"report {number}").exists()


def test_whoever_says_why_sees_all_of_it(intake: Intake, analyst: Client) -> None:
    number = intake.waiting(THAI)
    page = url("report_whole", number)
    assert "Why do you need this?" in opened(analyst, page)
    assert posted(analyst, page, 303, **PURPOSE) is not None
    html = opened(analyst, page)
    assert "482913" in html and "Nothing is masked." in html
    noted = Access.objects.get(action="report.whole")
    assert noted.purpose == "victim: case 7"


def test_nothing_that_a_reporter_writes_is_markup(intake: Intake, analyst: Client) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    number = intake.waiting(evil, f"https://x.example/{evil}", reporter=GivenReporter(name=evil))
    response = analyst.get(url("report", number), secure=True)
    assert b"<script>alert" not in response.content and b"<img src=x" not in response.content


def test_who_reported_is_shown_for_a_purpose_only(intake: Intake, analyst: Client) -> None:
    who = GivenReporter(name="Somchai", phone="+66811112222", safe_way="only by message")
    number = intake.waiting("they wrote to me", reporter=who)
    assert "Somchai" not in opened(analyst, url("report", number))
    page = url("report_reporter", number)
    assert "Somchai" not in opened(analyst, page)
    posted(analyst, page, 303, **PURPOSE)
    html = opened(analyst, page)
    assert "Somchai" in html and "only by message" in html
    assert Access.objects.filter(action="report.reporter").count() == 2


def test_legal_and_checkers_read_a_report_and_decide_nothing(intake: Intake) -> None:
    number = intake.waiting(THAI)
    for role in ("legal", "checker"):
        client = one_with(role)
        html = opened(client, url("report", number))
        assert "thai-post" in html and 'name="tick"' not in html
        posted(client, url("report_confirm", number), 403, step="confirm", version=2)
        act(client, number, "reject", 403, reason="test")
    assert intake.opened(number).line.state == "waiting"


# --- confirming ----------------------------------------------------------------------------------


def test_before_it_is_confirmed_it_is_said_what_is_claimed_and_who_gets_it(
    intake: Intake, analyst: Client
) -> None:
    number = intake.waiting("they wrote", "https://evil.example/x", "+66812345678")
    told = intake.opened(number)
    fields = {"version": told.version, "tick": [value.number for value in told.values]}
    html = text_of(posted(analyst, url("report_confirm", number), 200, **fields))
    assert "2 claims will be made, in one go." in html
    assert "A displayed number may be anybody’s" in html
    assert re.search(r"bank 1 of 2", html), html
    assert not Claim.objects.exists()


def test_what_is_ticked_becomes_claims_in_one_go_and_undo_withdraws_them(
    intake: Intake, analyst: Client
) -> None:
    number = intake.waiting("they wrote", "evil.example", "worse.example")
    keep, drop = intake.opened(number).values
    confirmed(analyst, intake, number, tick=[keep.number])
    assert [row.signal.value for row in Claim.objects.all()] == [keep.signal.value]
    html = opened(analyst, url("report", number))
    assert "Confirmed: 1 claim is on its way" in html and "On its way" in html
    act(analyst, number, "undo")
    assert [row.state for row in Claim.objects.all()] == [1]
    assert intake.opened(number).line.state == "waiting"
    assert drop.claim is None


def test_how_a_number_was_met_is_set_with_the_decision(intake: Intake, analyst: Client) -> None:
    number = intake.waiting("they called me", "+66812345678")
    (value,) = intake.opened(number).values
    confirmed(analyst, intake, number, **{f"role-{value.number}": Role.CALLED.value})
    (after,) = intake.opened(number).values
    assert (after.role, after.verdict) == (Role.CALLED, "scam")


def test_nothing_is_claimed_without_consent(intake: Intake, analyst: Client) -> None:
    number = intake.waiting("they wrote", "evil.example", consents=frozenset())
    told = intake.opened(number)
    fields = {"version": told.version, "tick": [told.values[0].number]}
    html = posted(analyst, url("report_confirm", number), 200, **fields)
    assert "The reporter did not agree that links and numbers are shared." in html
    html = posted(analyst, url("report_confirm", number), 403, step="confirm", **fields)
    assert "no_consent" in html and not Claim.objects.exists()


def test_what_was_changed_meanwhile_is_not_confirmed(intake: Intake, analyst: Client) -> None:
    number = intake.waiting("they wrote", "evil.example")
    told = intake.opened(number)
    act(analyst, number, "adjust", lure="loan", method="", language="en")
    fields = {"version": told.version, "tick": [told.values[0].number], "step": "confirm"}
    assert "report_changed" in posted(analyst, url("report_confirm", number), 409, **fields)
    assert not Claim.objects.exists()


# --- other acts ----------------------------------------------------------------------------------


def test_lure_and_a_value_that_nobody_found_are_set_right_and_that_is_undone(
    intake: Intake, analyst: Client
) -> None:
    number = intake.waiting("they wrote something strange to me")
    before = intake.opened(number).line.lure
    act(analyst, number, "adjust", lure="loan", language="en", value="hxxps://evil[.]example/x")
    told = intake.opened(number)
    assert told.line.lure == "loan"
    assert [value.signal.value for value in told.values] == ["evil.example/x"]
    act(analyst, number, "undo")
    told = intake.opened(number)
    assert (told.line.lure, told.values) == (before, [])


def test_a_value_that_cannot_be_read_is_an_error_of_its_field(
    intake: Intake, analyst: Client
) -> None:
    number = intake.waiting("they wrote something strange to me")
    html = act(analyst, number, "adjust", 400, language="en", value="not anything")
    assert 'class="problem"' in html
    assert intake.opened(number).version == 2


def test_merged_rejected_and_asked_reports_leave_the_queue_and_come_back(
    intake: Intake, analyst: Client
) -> None:
    stays = intake.waiting("blue mountain and a cold river")
    number = intake.waiting("apple orchard in the early morning")
    for what, fields, state in (
        ("merge", {"into": stays}, "merged"),
        ("reject", {"reason": "not-a-scam"}, "rejected"),
        ("ask", {"question": "Which shop was it?"}, "asked"),
    ):
        act(analyst, number, what, **fields)
        assert intake.opened(number).line.state == state
        assert rows(opened(analyst, url("reports"))) == [stays]
        act(analyst, number, "undo")
        assert sorted(rows(opened(analyst, url("reports")))) == [stays, number]
    html = opened(analyst, url("report", number))
    assert html.count("(undone)") == 3 and "Which shop was it?" in html


@pytest.mark.parametrize(
    ("what", "fields", "status"),
    [
        ("merge", {"into": "x"}, 400),
        ("merge", {"into": "999999"}, 404),
        ("reject", {"reason": "because"}, 400),
        ("ask", {"question": "  "}, 400),
        ("undo", {}, 409),
        ("dance", {}, 400),
    ],
)
def test_an_act_that_makes_no_sense_changes_nothing(
    intake: Intake, analyst: Client, what: str, fields: dict[str, str], status: int
) -> None:
    number = intake.waiting("they wrote something strange to me")
    act(analyst, number, what, status, **fields)
    assert intake.opened(number).version == 2


def test_the_next_report_is_named_with_the_filters_of_the_queue(
    intake: Intake, analyst: Client
) -> None:
    last = intake.waiting("blue mountain and a cold river")
    intake.waiting("ภูเขาสีน้ำเงินและแม่น้ำเย็นมาก ๆ ในตอนเช้า")
    first = intake.waiting("apple orchard in the early morning", flags=Flag.CHILD)
    html = opened(analyst, url("report", first), language="en")
    assert f'rel="next" href="{url("report", last)}?language=en"' in html
    assert 'rel="prev"' not in html


def test_a_purged_or_unknown_report_is_said_plainly(intake: Intake, analyst: Client) -> None:
    assert "There is no report 999999" in opened(analyst, url("report", 999_999), 404)


# --- consent to see files ------------------------------------------------------------------------


def test_every_consent_stands_with_its_words(intake: Intake, analyst: Client) -> None:
    consents = frozenset({Consent.SIGNALS, Consent.POLICE})
    number = intake.waiting("they wrote something strange to me", consents=consents)
    html = opened(analyst, url("report", number))
    assert "May be passed to the police as a complaint" in html and "test-1" in html


def test_old_money_is_no_payment_to_stop(intake: Intake, analyst: Client) -> None:
    now = intake.node.now
    number = intake.waiting("they took it", losses=(loss(at=now - 5 * DAY),))
    html = opened(analyst, url("report", number))
    assert "25,000 THB" in html and "Stop this payment." not in html


def test_unread_reports_are_no_lines_of_the_queue(intake: Intake, analyst: Client) -> None:
    intake.submitted("they wrote something strange to me")
    assert "Nothing waits." in opened(analyst, url("reports"))
    assert reports.standing(intake.node.now).unread == 1
