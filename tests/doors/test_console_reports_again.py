"""Decided reports that come back to the desk, and those that a legal hold keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from console_reports import THAI, Intake, act, opened, posted, rows, text_of, url
from console_scene import one_with
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.models import Report
from hueandcry.apps.signals.models import Claim
from hueandcry.apps.signals.rules import LIVE
from hueandcry.core.types import DAY, SECOND
from hueandcry.engine.store.work import unit_of_work
from node_scene import Node
from other_member import NOW


@pytest.fixture
def intake(database: None, monkeypatch: pytest.MonkeyPatch) -> Intake:
    return Intake(Node(monkeypatch))


@pytest.fixture
def analyst(intake: Intake) -> Client:
    return one_with("analyst")


@pytest.fixture
def taken_back(intake: Intake, analyst: Client) -> int:
    sent = intake.submitted(THAI)
    reports.read_some(intake.node.now)
    told = intake.opened(sent.number)
    form = {"version": told.version, "tick": [v.number for v in told.values], "step": "confirm"}
    posted(analyst, url("report_confirm", sent.number), 302, **form)
    with unit_of_work():
        reports.withdraw(sent.code or "", intake.node.now)
    return sent.number


def test_what_was_taken_back_after_claims_has_a_list_with_its_number(
    taken_back: int, analyst: Client
) -> None:
    html = opened(analyst, url("reports"))
    assert rows(html) == [] and "Taken back after claims were made 1" in text_of(html)
    assert rows(opened(analyst, url("reports"), lane="withdrawn")) == [taken_back]
    today = text_of(opened(analyst, url("today")))
    assert "1 reports were taken back after claims were made" in today


def test_its_claims_stand_for_a_reason_by_one_key(taken_back: int, analyst: Client) -> None:
    html = opened(analyst, url("report", taken_back))
    assert 'data-key="s"' in html and html.count('data-key="u"') == 1
    act(analyst, taken_back, "stand", 400, reason="because")
    act(analyst, taken_back, "stand", reason="danger-goes-on")
    html = opened(analyst, url("report", taken_back))
    assert "The danger goes on" in html and 'data-key="s"' not in html
    assert rows(opened(analyst, url("reports"), lane="withdrawn")) == []
    assert Claim.objects.filter(state=LIVE).exists()


def test_its_claims_are_withdrawn_by_the_other_key(taken_back: int, analyst: Client) -> None:
    act(analyst, taken_back, "undo")
    assert not Claim.objects.filter(state=LIVE).exists()
    assert rows(opened(analyst, url("reports"), lane="withdrawn")) == []


# --- added to after the decision -----------------------------------------------------------------


@pytest.fixture
def added(intake: Intake, analyst: Client) -> int:
    """A rejected report whose reporter wrote something more."""
    sent = intake.submitted("they wrote something strange to me")
    reports.read_some(intake.node.now)
    act(analyst, sent.number, "reject", reason="nothing-to-act-on")
    with unit_of_work():
        reports.add(sent.code or "", "and now this", intake.node.now)
    return sent.number


def test_what_was_added_after_the_decision_is_put_back_by_one_key(
    added: int, analyst: Client
) -> None:
    assert rows(opened(analyst, url("reports"))) == []
    assert rows(opened(analyst, url("reports"), lane="added")) == [added]
    html = opened(analyst, url("report", added))
    assert "Does this change the decision?" in html and 'data-key="o"' in html
    act(analyst, added, "reopen")
    assert rows(opened(analyst, url("reports"))) == [added]
    assert rows(opened(analyst, url("reports"), lane="added")) == []


def test_what_was_added_may_also_change_nothing(added: int, analyst: Client) -> None:
    act(analyst, added, "stand", reason="nothing-new")
    assert rows(opened(analyst, url("reports"), lane="added")) == []
    act(analyst, added, "reopen", 409)
    assert "It shows nothing new" in opened(analyst, url("report", added))


# --- legal holds ---------------------------------------------------------------------------------

ORDER = {"reason": "evidence", "authority": "court of Nan, case 7"}


def in_days(days: int) -> str:
    return f"{datetime.fromtimestamp(NOW / SECOND, UTC) + timedelta(days=days):%Y-%m-%d}"


def test_the_legal_desk_holds_a_report_and_releases_it(intake: Intake) -> None:
    number, legal = intake.waiting(THAI), one_with("legal")
    page = url("report_hold", number)
    wrongs: tuple[dict[str, str], ...]
    wrongs = ({}, {**ORDER, "review": "soon"}, {**ORDER, "review": in_days(500)})
    for wrong in wrongs:
        html = posted(legal, page, 400, **wrong)
        assert 'role="alert"' in html or "error" in html
    assert rows(opened(legal, url("reports"), lane="held")) == []
    posted(legal, page, 302, **ORDER, review=in_days(60))
    html = opened(legal, url("report", number))
    assert "Held for a legal reason" in html and "court of Nan, case 7: evidence" in html
    assert rows(opened(legal, url("reports"), lane="held")) == [number]
    posted(legal, page, 400, act="release", reason="")
    posted(legal, page, act="release", reason="case closed")
    assert rows(opened(legal, url("reports"), lane="held")) == []


def test_a_hold_past_its_review_stands_on_the_first_page(intake: Intake) -> None:
    number, legal = intake.waiting(THAI), one_with("legal")
    posted(legal, url("report_hold", number), 302, **ORDER, review=in_days(60))
    assert "past their review" not in opened(legal, url("today"))
    Report.objects.update(review_at=intake.node.now - DAY)
    assert "1 legal holds are past their review" in text_of(opened(legal, url("today")))


@pytest.mark.parametrize("role", ["administrator", "analyst", "duty", "checker"])
def test_nobody_else_holds_a_report(intake: Intake, role: str) -> None:
    number, client = intake.waiting(THAI), one_with(role)
    posted(client, url("report_hold", number), 403, **ORDER, review=in_days(60))
    assert Report.objects.get().review_at is None
    if role != "administrator":
        assert "Hold it" not in opened(client, url("report", number))
