"""*My report*: what the holder of a code is told, adds, and takes back."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, State
from hueandcry.core.types import DAY
from hueandcry.doors.desk.limits import REFUSED
from hueandcry.engine.blobs.store import store
from reports_scene import Reports
from web_reports import code_in, mine, sent


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_a_code_is_only_ever_posted(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words"))
    shown = client.get("/my-report", {"code": code}).content.decode()
    assert "We have received your report." not in shown
    html = mine(client, code.lower().replace("-", " "))
    assert "We have received your report." in html


def test_a_wrong_code_is_one_that_was_never_given(scene: Reports, client: Client) -> None:
    pages = {mine(client, code, 404) for code in ("x", "7" * 28, '"><script>')}
    assert len({re.sub(r"nonce-\S+", "", page) for page in pages}) == 1
    assert "We know no report with this code." in pages.pop()


def test_guessing_ends(scene: Reports, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "hueandcry.doors.desk.limits.rate", lambda setting: 3 if setting is REFUSED else 0
    )
    statuses = [client.post("/my-report", {"code": "x"}).status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]


def test_the_holder_adds_changes_and_takes_back(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words", consents=["signals"]))
    for _ in range(2):  # a page that is loaded again adds nothing
        assert "Your words were added." in mine(client, code, act="add", text="one more thing")
    assert [m.text for m in scene.told(code).messages] == ["one more thing"]
    assert "Your choice was changed." in mine(client, code, act="consent", consents=["police"])
    assert scene.told(code).consents == {Consent.POLICE}
    mine(client, code, act="withdraw")
    assert scene.told(code).stage is reports.Stage.RECEIVED, "only with its confirmation"
    html = mine(client, code, act="withdraw", sure="yes")
    assert "You have taken back your report." in html and "Add something" not in html


def test_a_question_is_shown_and_answered(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="words"))
    scene.read()
    (number,) = scene.numbers()
    scene.did(reports.ask, number, "Which <bank>?")
    html = client.post("/my-report", {"code": code}).content.decode()
    assert "Which &lt;bank&gt;?" in html and "Your answer" in html
    mine(client, code, act="add", text="Kasikorn")
    scene.read()
    assert scene.opened(number).line.state is State.WAITING


def test_what_was_decided_is_told_a_day_late(scene: Reports, client: Client) -> None:
    code = code_in(sent(client, text="see http://evil.example/x", consents=["signals"]))
    scene.read()
    scene.confirmed(scene.numbers()[0])
    reached = re.compile(r'<li class="reached">')
    assert len(reached.findall(mine(client, code))) == 1
    scene.now += 3 * DAY
    assert len(reached.findall(mine(client, code))) == 3


def test_the_holder_adds_files_and_the_same_ones_again_add_nothing(
    scene: Reports, client: Client
) -> None:
    code = code_in(sent(client, text="words"))
    scene.read()
    (number,) = scene.numbers()
    for _ in range(2):
        note = SimpleUploadedFile("note.txt", b"what they wrote then")
        assert "Your files were added." in mine(client, code, act="add", attached=note)
    assert [file.name for file in scene.opened(number).files] == ["note.txt"]
    html = mine(client, code, act="add", text="and this", attached=note_of(b"more"))
    assert "Your words were added." in html and len(scene.opened(number).files) == 2


def note_of(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("note.txt", data)


def test_a_file_that_is_not_taken_adds_nothing_and_leaves_nothing(
    scene: Reports, client: Client
) -> None:
    code = code_in(sent(client, text="words"))
    before = sum(len(part) for part in store().listed())
    bad = SimpleUploadedFile("bad.png", b"MZ" + b"\x00" * 500)
    html = mine(client, code, act="add", text="more", attached=bad)
    assert "We cannot take files of this kind." in html
    assert scene.told(code).messages == []
    mine(client, "7" * 28, 404, act="add", attached=note_of(b"for nobody"))
    assert sum(len(part) for part in store().listed()) == before
