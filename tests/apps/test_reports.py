"""Reports: accepted, read, decided, taken back; and what comes of them."""

from __future__ import annotations

import pytest

from hueandcry.apps.reports import face
from hueandcry.apps.reports.face import State
from hueandcry.core.errors import Conflict
from reports_scene import Reports

pytestmark = pytest.mark.database


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def test_a_confirmed_report_becomes_claims_that_look_ups_know(reports: Reports) -> None:
    sent = reports.waiting("they sent me a link", "https://fake-bank.example/login")
    assert reports.numbers() == [sent.number]
    confirmed = reports.confirmed(sent.number)
    assert [made.outcome for made in confirmed.claims] == ["raised"]
    assert reports.verdict("https://fake-bank.example/login") == "scam"
    assert reports.opened(sent.number).line.state is State.CONFIRMED


def test_a_decision_that_is_undone_leaves_no_claim(reports: Reports) -> None:
    sent = reports.waiting("a link", "https://fake-bank.example/login")
    reports.confirmed(sent.number)
    assert reports.did(face.undo, sent.number) == "confirm"
    assert reports.verdict("https://fake-bank.example/login") == "unknown"
    assert reports.numbers() == [sent.number]
    with pytest.raises(Conflict):
        reports.did(face.undo, sent.number)
