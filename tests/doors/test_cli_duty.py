"""`hueandcry duty`: the roster by the clocks of the node's zone, calls, and handing over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli_scene import ended
from hueandcry.apps.cooperation.settings import ZONE
from hueandcry.apps.duty import calling
from hueandcry.core.times import read_time
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember
from requests_scene import Requests

START = read_time("2026-10-05T08:00:00.000000Z")


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Requests:
    found = Requests(monkeypatch, OtherMember("hanoi", roles=("ca", "p24")), ("ca", "p24"))
    found.now = START
    with unit_of_work():
        policy.change(ZONE.name, "Asia/Bangkok", None, found.now)
    return found


def said(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    found, out, err = ended(capsys, "duty", *words, "--json")
    assert found == code, err
    return json.loads(out)


def done(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    code, out, err = ended(capsys, "duty", *words)
    assert code == 0, err
    return out


def test_the_roster_is_entered_by_the_clocks_of_the_node_and_its_gaps_are_told(
    node: Requests, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, "add", "dao", "--from", "2026-10-05T08:00", "--to", "2026-10-12T08:00")
    assert (made["from"], made["to"]) == (
        "2026-10-05T01:00:00.000000Z",
        "2026-10-12T01:00:00.000000Z",
    )
    [shift] = said(capsys, "list", "--week")
    assert (shift["login"], shift["second"], shift["stands"]) == ("dao", False, True)
    [gap] = said(capsys, "gaps", code=1)
    assert gap == {"from": "2026-10-12T01:00:00.000000Z", "to": "2026-10-12T08:00:00.000000Z"}
    assert said(capsys, "gaps", "--days", "6") == []
    assert "dao" in done(capsys, "list")
    done(capsys, "remove", made["shift"])
    assert said(capsys, "list") == []
    code, _, err = ended(capsys, "duty", "add", "dao", "--from", "noon", "--to", "midnight")
    assert code == 2 and "noon" in err


def test_contacts_are_given_or_cleared(node: Requests, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = ended(capsys, "duty", "contact", "dao")
    assert code == 2
    done(capsys, "contact", "dao", "--email", "dao@desk.example")
    assert said(capsys, "test", "dao", code=1) == []  # no channel is set up
    done(capsys, "contact", "dao", "--clear")


def test_a_call_is_listed_and_acknowledged_and_a_note_taken_over(
    node: Requests, capsys: pytest.CaptureFixture[str]
) -> None:
    node.asked("PRESERVE")
    calling.take_in()
    [call] = said(capsys, "calls")
    assert (call["type"], call["clock"], call["notices"]) == ("PRESERVE", None, [])
    assert "nobody" in done(capsys, "calls")
    code, _, err = ended(capsys, "duty", "ack", str(call["call"]))
    assert code == 1 and "--as" in err
    done(capsys, "ack", call["call"], "--as", "dao")
    assert said(capsys, "calls") == []
    number = said(capsys, "note", "The bank calls back.", "--as", "dao")["note"]
    code, _, err = ended(capsys, "duty", "take", str(number), "--as", "dao")
    assert code == 1 and "themselves" in err
    [note] = said(capsys, "notes")
    assert (note["words"], note["open"][0]["type"]) == ("The bank calls back.", "PRESERVE")
    assert "nobody yet" in done(capsys, "notes")
