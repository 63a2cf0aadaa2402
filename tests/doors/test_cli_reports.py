"""`hueandcry reports`: from the first word to the claim, at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import cli_scene
from hueandcry.apps.reports import face as reports
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(database: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands in this process, on a founded node; (exit code, JSON or the complaint)."""
    cli_scene.found()

    def one(*words: object) -> tuple[int, Any]:
        code, out, err = cli_scene.ended(capsys, *words, "--json")
        return code, json.loads(out) if out else err

    return one


def added(run: Run, *words: str) -> int:
    code, said = run("reports", "add", *words)
    assert code == 0 and len(said["code"]) == 34
    return int(said["number"])


def test_a_report_goes_from_the_first_word_to_the_claim_and_back(run: Run) -> None:
    number = added(run, "They sent me this link", "--value", "https://fake-bank.example/login")
    _, (line,) = run("reports", "list")
    assert (line["number"], line["state"], line["source"]) == (number, "waiting", "cli")
    _, told = run("reports", "show", number, "--purpose", "test")
    assert told["text"] == "They sent me this link"
    assert [value["value"] for value in told["values"]] == ["fake-bank.example/login"]
    code, done = run("reports", "confirm", number)
    assert code == 0 and [made["outcome"] for made in done["claims"]] == ["raised"]
    _, verdict = run("check", "https://fake-bank.example/login")
    assert verdict["verdict"] == "scam"
    _, hops = run("trace", "https://fake-bank.example/login")
    assert {"reported", "read", "triaged", "raised"} <= {hop["name"] for hop in hops}
    assert run("reports", "undo", number) == (0, {"report": number, "done": "undone: confirm"})
    _, verdict = run("check", "https://fake-bank.example/login")
    assert verdict["verdict"] == "unknown"


def test_a_report_of_lost_money_says_where_it_went(run: Run) -> None:
    number = added(run, "gone", "--lost", "1500.50 thb", "--to", "DE89370400440532013000")
    _, told = run("reports", "show", number, "--purpose", "test")
    (loss,) = told["losses"]
    assert (loss["amount"], loss["currency"]) == ("1500.50000000", "THB")
    assert loss["value"] == told["values"][0]["number"] and told["report"]["desk"] == "money"


def test_a_private_report_raises_nothing(run: Run) -> None:
    number = added(run, "quiet", "--value", "evil.example", "--private")
    code, said = run("reports", "confirm", number)
    assert code == 1 and "did not agree" in said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "x", "--lost", "1500"), 2),
        (("add", " "), 1),
        (("list", "--state", "lost"), 2),
        (("show", 999, "--purpose", "test"), 1),
        (("reject", 1, "--reason", "because"), 1),
        (("undo", 999), 1),
        (("import", "/nowhere.csv", "--format", "xml"), 2),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    run: Run, words: tuple[Any, ...], code: int
) -> None:
    ended, said = run("reports", *words)
    assert ended == code and said.startswith("hueandcry: ")


def test_a_file_of_cases_is_taken_with_an_account_of_every_row(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,story,amount,currency\nA,one,5,THB\nB,two,x,THB\n", "utf-8")
    code, said = run("reports", "import", path, "--format", "bank")
    assert code == 0
    assert (said["rows"], said["accepted"], said["merged"], said["rejected"]) == (2, 1, 0, 1)
    (wrong,) = map(json.loads, Path(said["rejects_file"]).read_text("utf-8").splitlines())
    assert (wrong["line"], wrong["code"]) == (3, "amount")
    _, again = run("reports", "import", path, "--format", "bank")
    assert (again["accepted"], again["merged"], again["rejected"]) == (0, 1, 1)
    path.write_text("case,amount\n,1\n", "utf-8")
    assert run("reports", "import", path, "--format", "hotline")[0] == 1


def test_an_email_is_taken_and_read(run: Run, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Bank <help@fake-bank.example>", "Locked"
    mail.set_content("Log in at https://fake-bank.example/login or lose your account")
    path = tmp_path / "scam.eml"
    path.write_bytes(mail.as_bytes())
    code, said = run("reports", "import", path, "--format", "eml")
    assert (code, said["again"]) == (0, False)
    _, told = run("reports", "show", said["number"], "--purpose", "test")
    assert "fake-bank.example/login" in [value["value"] for value in told["values"]]
    assert run("reports", "import", path, "--format", "eml")[1]["again"]


def test_a_report_is_held_listed_and_released(run: Run) -> None:
    number = run("reports", "add", "pay at https://evil.example/pay")[1]["number"]
    order = ("--reason", "evidence", "--authority", "court of Nan, case 7", "--review")
    assert run("reports", "hold", number, *order, "soon")[0] == 2
    assert run("reports", "hold", number, *order, "2001-01-01T00:00:00Z")[0] == 1
    assert run("reports", "list", "--held") == (0, [])
    review = time_text(clock.now() + 90 * DAY)
    assert run("reports", "hold", number, *order, review)[1]["done"] == "held"
    assert [line["number"] for line in run("reports", "list", "--held")[1]] == [number]
    assert run("reports", "release", number, "--reason", "case closed")[1]["done"] == "released"
    assert run("reports", "list", "--held") == (0, [])


def test_a_report_that_was_taken_back_is_listed_and_its_claims_stand_once(run: Run) -> None:
    _, made = run("reports", "add", "pay at https://evil.example/pay")
    run("reports", "confirm", made["number"])
    with unit_of_work():
        reports.withdraw(made["code"], clock.now())
    assert [line["number"] for line in run("reports", "list", "--taken-back")[1]] == [
        made["number"]
    ]
    assert run("reports", "stand", made["number"], "--reason", "because")[0] == 1
    code, said = run("reports", "stand", made["number"], "--reason", "seen-by-us")
    assert (code, said["done"]) == (0, "stays as it was decided")
    assert run("reports", "list", "--taken-back") == (0, [])
    assert run("check", "https://evil.example/pay")[1]["verdict"] == "scam"
