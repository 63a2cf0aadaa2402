"""`hueandcry evidence`: from a file to an exhibit and out again, at the command line."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cli_scene
from evidence_scene import CHAT
from hueandcry.apps.evidence.models import Exhibit
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.core.types import DAY, Actor
from hueandcry.doors.cli import checkup
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(database: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a founded node with one policewoman."""
    cli_scene.found()
    with unit_of_work():
        members.add_person("malee", ["police"])

    def one(*words: object, plain: bool = False) -> tuple[int, Any]:
        code, out, err = cli_scene.ended(capsys, *words, *([] if plain else ["--json"]))
        if code or plain:
            return code, err
        lines = [json.loads(line) for line in out.splitlines()]
        return 0, lines[0] if len(lines) == 1 else lines  # a stream of several answers

    return one


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "chat.txt"
    path.write_bytes(CHAT)
    return path


def decided(run: Run, act: str, number: str, *more: str) -> tuple[int, Any]:
    words = ("--authority", "Court of Bangkok", "--reason", "For trial", "--as", "malee")
    return run("evidence", act, number, *words, *more)


def test_files_become_exhibits_one_line_each(run: Run, chat: Path, tmp_path: Path) -> None:
    other = tmp_path / "disk.img"
    other.write_bytes(bytes(3_000_000))
    code, made = run("evidence", "add", chat, other, "--source", "Her telephone")
    assert code == 0
    assert [set(each) for each in made] == [
        {"id", "number", "file", "sha256", "size", "media_type", "log_index"}
    ] * 2
    assert made[0]["sha256"] == hashlib.sha256(CHAT).hexdigest()
    assert [each["size"] for each in made] == [len(CHAT), 3_000_000]
    assert [each["file"] for each in made] == [str(chat), str(other)]
    assert made[0]["log_index"] < made[1]["log_index"]
    _, found = run("evidence", "list")
    assert [each["number"] for each in found] == [made[1]["number"], made[0]["number"]]


def test_stdin_becomes_an_exhibit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(CHAT)))
    _, made = run("evidence", "add", "-", "--name", "dump.txt", "--number", "ex-9")
    assert (made["number"], made["file"], made["size"]) == ("EX-9", "-", len(CHAT))
    _, shown = run("evidence", "show", "EX-9")
    assert shown["name"] == "dump.txt"


def test_what_is_wrongly_asked_for_leaves_nothing(run: Run, chat: Path) -> None:
    wrong = [
        (2, ("add",)),
        (2, ("add", chat, chat, "--number", "EX-1")),
        (2, ("add", chat, "-")),
        (1, ("add", chat, "/no/such/file")),
        (1, ("add", chat, "--number", "../../x")),
        (2, ("add", chat, "--tool", "exiftool")),
        (2, ("add", chat, "--report", "1")),
        (1, ("add", "--report", "1", "--attachment", "1")),
        (1, ("add", chat, "--as", "nobody")),
        (1, ("show", "EX-404")),
        (2, ("event", "EX-404", "stolen", "--reason", "x")),
    ]
    for expected, words in wrong:
        code, said = run("evidence", *words)
        assert code == expected and said, words
    assert not Exhibit.objects.exists() and not Blob.objects.exists()


def test_an_exhibit_from_the_first_hash_to_its_destruction(
    run: Run, chat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, made = run("evidence", "add", chat, "--collected-by", "Officer Somchai", "--place", "Trat")
    number = made["number"]
    assert run("evidence", "take", number, "--authority", "x", "--reason", "y")[0] == 1  # the shell
    assert decided(run, "take", number)[1]["state"] == "taken"
    code, said = run(
        *("evidence", "event", number, "analysed", "--reason", "Metadata"),
        *("--tool", "exiftool 12.57 -a -G1", "--as", "malee"),
    )
    assert code == 0 and said["events"] == 4
    review = "2030-01-01T00:00:00Z"
    _, held = decided(run, "hold", number, "--review", review)
    assert decided(run, "destroy", number)[0] == 1
    _, (standing,) = run("evidence", "holds")
    assert standing["authority"] == "Court of Bangkok" and standing["number"] == number
    _, shown = run("evidence", "show", number)
    assert [each["action"] for each in shown["custody"]] == [
        *("collected", "acquired", "sealed", "analysed")
    ]
    assert shown["custody"][3]["tool"] == {
        "name": "exiftool",
        "version": "12.57",
        "settings": "-a -G1",
    }
    assert shown["hold_list"][0]["hold"] == held["hold"]
    assert run("evidence", "review", held["hold"], "--reason", "x", "--review", "soon")[0] == 2
    later = clock.now() + 3_650 * DAY
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        [finding] = [each.value() for each in checkup._held_exhibits()]
    assert finding["result"] == "warning" and "1 of 1" in finding["what"]
    _, again = run(
        *("evidence", "review", held["hold"], "--reason", "Still needed"),
        *("--review", "2031-01-01T00:00:00Z", "--as", "malee"),
    )
    assert again["hold"] == held["hold"]
    assert decided(run, "unhold", held["hold"])[1]["outcome"] == "ended"
    assert decided(run, "release", number)[1]["state"] == "released"
    assert decided(run, "destroy", number)[1]["state"] == "destroyed"
    _, gone = run("evidence", "show", number)
    assert gone["custody"][-1]["action"] == "destroyed"
    assert run("evidence", "list")[1] == []


def test_an_exhibit_is_written_out_whole_and_that_is_an_event(
    run: Run, chat: Path, tmp_path: Path
) -> None:
    _, made = run("evidence", "add", chat)
    out = tmp_path / "out.txt"
    words = ("evidence", "export", made["number"], "--output", out, "--reason", "For the expert")
    assert run(*words, plain=True)[0] == 0
    assert out.read_bytes() == CHAT and out.stat().st_mode & 0o077 == 0
    assert run(*words, plain=True)[0] == 2  # never over a file
    assert out.read_bytes() == CHAT and [p.name for p in tmp_path.iterdir()].count("out.txt") == 1
    _, shown = run("evidence", "show", made["number"])
    assert [each["action"] for each in shown["custody"]] == ["acquired", "accessed"]


def test_a_child_is_made_and_a_restriction_follows_it(run: Run, chat: Path, tmp_path: Path) -> None:
    _, made = run("evidence", "add", chat)
    black = tmp_path / "black.txt"
    black.write_bytes(b"black bars")
    _, child = run("evidence", "derive", made["number"], black, "--changes", "Names")
    words = ("--authority", "Court", "--words", "Not abroad", "--as", "malee")
    _, said = run("evidence", "restrict", made["id"], *words)
    _, shown = run("evidence", "show", child["id"])
    assert shown["parent"] == made["id"]
    assert [each["kind"] for each in shown["restrictions"]] == ["onward"]
    both = ("--purpose", "prosecution", "--to", "22" * 32)
    assert run("evidence", "restrict", made["id"], *words, *both)[0] == 2
    assert run("evidence", "restrict", made["id"], *words, "--to", "22" * 32)[0] == 1
    lift = ("evidence", "lift", said["restriction"], "--authority", "Court", "--as", "malee")
    assert run(*lift)[1]["outcome"] == "lifted"


def test_a_file_of_a_report_becomes_an_exhibit_that_outlives_it(run: Run) -> None:
    report, file = reported()
    _, made = run("evidence", "add", "--report", report, "--attachment", file)
    assert (made["file"], made["sha256"]) == ("slip.txt", hashlib.sha256(CHAT).hexdigest())
    _, shown = run("evidence", "show", made["id"])
    assert shown["source"].startswith("Report ") and not shown["quarantined"]
    assert Blob.objects.count() == 2  # each under a key of its own


def test_what_lies_in_quarantine_is_taken_by_the_police_alone(run: Run) -> None:
    report, file = reported()
    us = members.us().fingerprint
    with unit_of_work():
        reports.lock_file(Actor(us), report, file, clock.now())
    words = ("evidence", "add", "--report", report, "--attachment", file)
    assert run(*words)[0] == 1 and Blob.objects.count() == 1
    _, made = run(*words, "--as", "malee")
    _, shown = run("evidence", "show", made["id"])
    assert shown["quarantined"]
    export = ("evidence", "export", made["id"], "--output", "-", "--reason", "x")
    assert run(*export, plain=True)[0] == 1


def reported() -> tuple[int, int]:
    """A report with one file; (its number, the file's)."""
    fresh = blobs.take([CHAT], 1 << 20)
    new = reports.NewReport(
        source=reports.Source.PUBLIC,
        market="TH",
        text="They wrote to me",
        files=(reports.GivenFile("slip.txt", "text/plain", fresh),),
        wording="test-1",
    )
    actor = Actor(members.us().fingerprint, None, frozenset({"analyst"}))
    with unit_of_work():
        sent = reports.submit(actor, new, clock.now())
        told = reports.open_report(sent.number, actor, "test", clock.now())
    return sent.number, told.files[0].number


def test_a_chat_is_read_message_by_message_and_cited(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text("25/12/2025, 21:05 - Chan: send it\ntoday\n25/12/2025, 21:06 - Mali: why?\n")
    _, made = run("evidence", "add", path)
    number = made["number"]
    code, said = run("evidence", "chat", number, "--reason", "For the charge", "--sender", "Chan")
    assert code == 0
    assert (said["cite"], said["text"]) == (f"{number}, line 1", "send it\ntoday")
    assert (said["stamp"], said["at"]) == ("25/12/2025, 21:05", "2025-12-25T21:05")
    _, later = run("evidence", "chat", number, "--reason", "Again", "--from", 2)
    assert later["cite"] == f"{number}, line 3"
    _, shown = run("evidence", "show", number)
    assert [event["action"] for event in shown["custody"]][-2:] == ["accessed", "accessed"]
    code, said = run("evidence", "chat", number, "--reason", "x", "--sender", "Nobody")
    assert code == 1 and "Chan, Mali" in said


def test_what_is_no_chat_is_said_to_be_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear madam\n")
    _, made = run("evidence", "add", path)
    code, said = run("evidence", "chat", made["number"], "--reason", "x")
    assert code == 1 and "Export one chat" in said
