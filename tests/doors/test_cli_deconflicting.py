"""`hueandcry deconflict`: asking a peer, putting items up, seeing what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cli_scene
from hueandcry.apps.deconfliction.models import Offer, Session
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core import matching
from hueandcry.doors.cli import checkup
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW, OtherMember

pytestmark = pytest.mark.database

Run = Callable[..., tuple[int, Any]]

LINES = """# numbers of case 7
081-234 5678
+66 81 234 5678

bank-account: BKKBTHBK 123-4-56789-0
"""


@pytest.fixture
def run(database: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a founded node with a peer and one person."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cli_scene.found()
    other = OtherMember("hanoi", roles=("asc",))
    with unit_of_work():
        members.add_person("ann", ["analyst"])
        peers.add(other.signed_card(), other.card.url, "standard", NOW, expected=other.fingerprint)

    def one(*words: object, plain: bool = False) -> tuple[int, Any]:
        code, out, err = cli_scene.ended(capsys, *words, *([] if plain else ["--json"]))
        return code, err if code else out if plain else json.loads(out)

    return one


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "items.txt"
    path.write_text(LINES)
    return path


def test_a_peer_is_asked_by_a_request_that_names_the_committed_set(run: Run, file: Path) -> None:
    code, view = run("deconflict", "hanoi", "--case", "C-7", file, "--as", "ann")
    assert code == 0, view
    assert (view["state"], view["role"], view["items"], view["size"]) == ("open", "asking", 2, 100)
    _, request = run("request", "show", view["request"])
    assert (request["type"], request["state"]) == ("DECONFLICT", "DRAFT")
    assert request["given"]["set_commitment"] == view["commitment"]
    assert request["given"]["contact"] == "Centre"
    _, opening = run("deconflict", "show", view["request"], "--set")
    root = matching.commitment(bytes.fromhex(opening["key"]), opening["whole"])
    assert root.hex() == opening["commitment"] == view["commitment"]
    _, [listed] = run("deconflict", "list")
    assert listed == view
    for words in (("list",), ("show", view["request"], "--wait", 0)):
        code, out = run("deconflict", *words, plain=True)
        assert code == 0 and "hanoi" in out and view["request"] in out


def test_items_are_put_up_for_a_case_until_a_day_and_withdrawn(run: Run, file: Path) -> None:
    words = ("deconflict", "offer", file, "--case", "C-7", "--as", "ann")
    code, [made] = run(*words, "--until", "2026-12-01T00:00:00Z")
    assert code == 0 and made["count"] == 2
    assert made["items"] == ["bank-account:BKKBTHBK:1234567890", "phone:+66812345678"]
    code, out = run("deconflict", "offers", plain=True)
    assert code == 0 and "C-7" in out
    code, _ = run("deconflict", "withdraw", made["number"], "--as", "ann", plain=True)
    assert code == 0 and Offer.objects.get().sealed == ""
    _, [over] = run("deconflict", "offers")
    assert over["withdrawn_at"] and over["items"] == [] and over["case"] is None


def test_a_list_that_cannot_be_read_names_its_lines_and_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("081-234 5678\nscam.example\nnot a value\n")
    words = ("deconflict", "hanoi", path, "--case", "C-7", "--as", "ann")
    code, said = run(*words)
    assert code == 1 and "line 2: This is a domain" in said and "line 3" in said
    path.write_text("# nothing\n")
    code, said = run(*words)
    assert code == 1 and "no item" in said
    code, said = run("deconflict", "hanoi", tmp_path / "none", "--case", "C-7", "--as", "ann")
    assert code == 2 and "cannot be read" in said
    code, said = run("deconflict", "nobody", path, "--case", "C-7", "--as", "ann")
    assert code == 1
    code, said = run("deconflict", "show", "7")
    assert code == 2 and "no id" in said
    assert not Session.objects.exists()


def test_doctor_shows_a_session_that_is_out_of_the_usual(run: Run, file: Path) -> None:
    _, view = run("deconflict", "hanoi", file, "--case", "C-7", "--as", "ann")
    assert not [each for each in checkup.findings() if each.check == "deconfliction"]
    Session.objects.update(alarm="differs", state="differs", ended_at=NOW)
    [found] = [each for each in checkup.findings() if each.check == "deconfliction"]
    assert found.result == "warning" and view["request"] in found.do
