"""The page of duty: who is on, what nobody acknowledged, and handing over."""

from __future__ import annotations

import pytest
from django.test import Client

from console_reports import opened, posted, url
from console_scene import one_with
from hueandcry.apps.duty import calling
from hueandcry.apps.duty import face as duty
from hueandcry.core.types import DAY, Actor
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    return Requests(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))


@pytest.fixture
def officer(node: Requests) -> Client:
    return one_with("duty")


def called(node: Requests) -> int:
    node.asked("PRESERVE", facts_summary="the account of Somchai")
    calling.take_in()
    return duty.calls()[0].number


def test_the_page_says_who_is_on_where_nobody_is_and_what_waits(
    node: Requests, officer: Client
) -> None:
    empty = opened(officer, url("duty"))
    assert "Nobody is on duty now" in empty and "Nothing waits for an answer." in empty
    with unit_of_work():
        duty.add_shift(Actor(node.fingerprint), "dao", node.now, node.now + DAY, node.now)
    called(node)
    html = opened(officer, url("duty"))
    assert "On duty now: dao" in html and "PRESERVE #" in html
    assert "Somchai" not in html and html.count("Nobody is on duty:") == 1


def test_a_call_is_acknowledged_by_one_button_once(node: Requests, officer: Client) -> None:
    number = called(node)
    assert "Acknowledge</button>" not in opened(one_with("analyst"), url("duty"))
    posted(officer, url("duty_acknowledge", number), 302)
    assert duty.calls() == []
    assert "answered" in posted(officer, url("duty_acknowledge", number), 409)
    posted(one_with("checker"), url("duty_acknowledge", number), 403)


def test_a_note_is_left_by_one_and_taken_over_by_another(node: Requests, officer: Client) -> None:
    called(node)
    assert "required" in posted(officer, url("duty_note"), 400, words="  ")
    posted(officer, url("duty_note"), 302, words="Call the bank.\n<b>at nine</b>")
    html = officer.get(url("duty"), secure=True).content.decode()
    assert "Call the bank.<br>&lt;b&gt;at nine" in html and "Take over</button>" not in html
    [note] = duty.notes()
    assert [each.type for each in note.open] == ["PRESERVE"]
    other = one_with("duty", "legal")
    assert "Take over</button>" in opened(other, url("duty"))
    posted(other, url("duty_take", note.number), 302)
    assert duty.notes()[0].taken_by == "duty-legal"
    assert "Taken over by duty-legal" in opened(officer, url("duty"))
