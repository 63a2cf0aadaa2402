"""`hueandcry scan` and `hueandcry train`: one line out for each line in, whatever it holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCAM = "URGENT: your DBS account is suspended. Verify at http://dbs-login.top within 24 hours"


def run(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "hueandcry", *arguments, "--data", str(folder)],
        input=given,
        capture_output=True,
        check=False,
    )


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_text_is_answered_with_every_field_of_the_contract(tmp_path: Path) -> None:
    (answer,) = answers(run(tmp_path, "scan", SCAM, "--json"))
    fields = {"id", "language", "likelihood", "verdict", "lure", "method", "signals", "reasons"}
    assert fields <= set(answer)
    assert answer["verdict"] == "scam" and answer["language"] == "en"
    assert answer["signals"][0]["kind"] == "url"
    assert set(answer["signals"][0]) == {"kind", "value", "start", "end", "confidence"}
    assert not any(tmp_path.iterdir())


def test_every_line_has_its_answer_in_order_also_a_bad_one(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "first", "text": SCAM}).encode(),
        b"{no json",
        json.dumps("see you at seven, bring the kids along").encode(),
        b"",
        json.dumps({"id": 7, "text": 5}).encode(),
        b"\xff\xfe",
        json.dumps({"id": {"odd": 1}, "text": "are you coming home for dinner tonight"}).encode(),
        b'"' + b"a" * 5_000_000 + b'"',
        b"[" * 100_000,
        json.dumps(
            {"id": "last", "text": "\ud800 hello".encode("utf-8", "replace").decode()}
        ).encode(),
    ]
    found = answers(run(tmp_path, "scan", "--jsonl", "-", "--json", given=b"\n".join(lines)))
    assert [answer["id"] for answer in found] == ["first", 2, 3, 4, 7, 6, 7, 8, 9, "last"]
    bad = [n for n, answer in enumerate(found) if answer["reasons"][0]["code"] == "not_a_message"]
    assert bad == [1, 3, 4, 5, 7, 8]
    assert all(found[n]["verdict"] == "unknown" for n in bad)
    assert found[0]["verdict"] == "scam" and found[2]["verdict"] == "ordinary"


def test_a_file_of_lines_is_read_as_a_stream_is(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(json.dumps({"id": n, "text": SCAM}) for n in range(300)))
    found = answers(run(tmp_path, "scan", "--jsonl", str(file), "--json"))
    assert [answer["id"] for answer in found] == list(range(300))


@pytest.mark.parametrize(
    "arguments",
    [("scan",), ("scan", "a", "--jsonl", "b"), ("scan", "a", "--as", "poem"), ("train",)],
)
def test_wrong_use_is_said_and_nothing_is_done(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and done.stderr and not done.stdout


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    assert run(tmp_path, "scan", "--jsonl", str(tmp_path / "none")).returncode == 2


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"text,label\nhello,maybe\n"),
        ("a.csv", b"words,label\nhello,scam\n"),
        ("a.csv", b"text,label\n\xff\xfe\n"),
        ("a.jsonl", b'{"text": "hello", "label": "scam"}\nno json\n'),
        ("a.jsonl", b'["text"]\n'),
        ("a.jsonl", b'{"text": "' + b"a" * 200_000 + b'", "label": "scam"}\n'),
        ("a.jsonl", b""),
    ],
)
def test_a_file_that_is_no_labelled_messages_changes_nothing(
    tmp_path: Path, name: str, data: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    done = run(tmp_path, "train", "--messages", str(file))
    assert done.returncode == 1 and done.stderr
    assert not (tmp_path / "models").exists()


def test_a_damaged_model_of_a_member_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "messages.model").write_bytes(b"hueandcry model 1 abc\n{}\n")
    done = run(tmp_path, "scan", SCAM)
    assert done.returncode == 1 and b"messages.model" in done.stderr
