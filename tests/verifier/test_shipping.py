"""Sealed, opened and unpacked packages with the note beside them: checks 1 to 3; the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

import packages_made as made
from hueandcry.core import packages
from hueandcry.core.policies import Policy
from hueandcry.core.types import DAY
from hueandcry.doors.cli.main import run
from hueandcry.verifier import opening
from hueandcry.verifier.examining import examine
from hueandcry.verifier.results import Report, Result
from packages_made import COURT, OTHER, VIET


class Sealed:
    """A sealed package with its note in a folder, and the age key that opens it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = pyrage.x25519.Identity.generate()
        self.package = made.handed_on()
        self.tar = self.package.tar
        self.path = folder / "evidence.tar.age"
        self.path.write_bytes(pyrage.encrypt(self.tar, [self.identity.to_public()]))
        self.note = folder / "evidence.tar.age.jws"
        self.note.write_bytes(self.package.note(self.path.read_bytes(), self.tar))
        self.key = folder / "key.txt"
        self.key.write_text(f"# created: today\n{self.identity}\n")
        self.policy = folder / "policy.txt"
        self.policy.write_text(made.policy().text())

    def examine(self, path: Path | None = None, policy: Policy | None = None) -> Report:
        keys = [str(self.identity)]
        return examine(path or self.path, policy=policy or made.policy(), keys=keys)


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path)


def codes(report: Report) -> dict[int, str]:
    return {each.n: each.code for each in report.checks if each.result is Result.FAIL}


def unchecked(report: Report) -> dict[int, str]:
    return {each.n: each.code for each in report.checks if each.result is Result.NOT_CHECKED}


def unpack(sealed: Sealed) -> Path:
    top = sealed.folder / "unpacked"
    for path, data in sealed.package.files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(data)
    (sealed.folder / "unpacked.tar.age.jws").write_bytes(sealed.note.read_bytes())
    return top


def test_a_sealed_package_passes_nine_checks(sealed: Sealed) -> None:
    report = sealed.examine()
    assert report.accepted and unchecked(report) == {8: "no_stamp"}


def test_the_opened_tar_and_its_folder_pass_by_the_digest_of_the_tar(sealed: Sealed) -> None:
    tar = sealed.folder / "evidence.tar"
    tar.write_bytes(sealed.tar)
    assert sealed.examine(tar).accepted
    folder = unpack(sealed)
    assert sealed.examine(folder).accepted
    (folder / "provenance/checkpoint").write_bytes(b"another")
    assert codes(sealed.examine(folder))[1] == "file_changed"


def test_a_link_or_a_pipe_in_an_unpacked_folder_is_refused(sealed: Sealed) -> None:
    folder = unpack(sealed)
    (folder / "data/more").symlink_to("/etc/passwd")
    assert codes(sealed.examine(folder))[4] == "tar_link"
    (folder / "data/more").unlink()
    os.mkfifo(folder / "data/pipe")
    assert codes(sealed.examine(folder))[4] == "tar_device"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:-40_000],
        lambda data: data[:200],
        lambda data: data + b"\x00",
        lambda data: data[:-20] + bytes(20),
        lambda data: data[:100] + bytes((data[100] ^ 1,)) + data[101:],
    ],
)
def test_a_sealed_file_that_was_damaged_is_refused_before_anything_in_it_is_read(
    sealed: Sealed, damage: Callable[[bytes], bytes]
) -> None:
    sealed.path.write_bytes(damage(sealed.path.read_bytes()))
    report = sealed.examine()
    assert codes(report)[1] in ("file_size", "file_changed")
    assert codes(report)[3] in ("sealed_file", "not_for_us")
    assert set(unchecked(report)) == {4, 5, 6, 7, 8, 9, 10}


def test_chunks_of_a_sealed_file_in_another_order_are_refused(tmp_path: Path) -> None:
    """age seals 64 KiB at a time; each chunk is bound to its place."""
    identity = pyrage.x25519.Identity.generate()
    plain = bytes(3 * 65_536)
    whole = pyrage.encrypt(plain, [identity.to_public()])
    body = len(whole) - 3 * (65_536 + 16)
    one, two, rest = whole[body:][:65_552], whole[body:][65_552:131_104], whole[body + 131_104 :]
    path = tmp_path / "x.tar.age"
    path.write_bytes(whole[:body] + two + one + rest)
    report = examine(path, policy=made.policy(), keys=[str(identity)])
    assert codes(report) == {3: "sealed_file"}


def test_nothing_that_was_decrypted_is_left_behind(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    assert sealed.examine().accepted
    sealed.path.write_bytes(sealed.path.read_bytes()[:-1])
    assert not sealed.examine().accepted
    assert list(room.iterdir()) == []


def test_without_a_key_or_with_that_of_another_it_stays_closed(sealed: Sealed) -> None:
    report = examine(sealed.path, policy=made.policy())
    assert set(unchecked(report)) == {3, 4, 5, 6, 7, 8, 9, 10} and not report.accepted
    other = str(pyrage.x25519.Identity.generate())
    report = examine(sealed.path, policy=made.policy(), keys=[other])
    assert codes(report) == {3: "not_for_us"}


def test_where_age_is_not_installed_it_says_how_to_go_on(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    report = sealed.examine()
    assert unchecked(report)[3] == "no_age" and "age -d" in report.checks[2].reason


def test_without_a_note_the_first_three_checks_are_not_made(sealed: Sealed) -> None:
    sealed.note.unlink()
    report = sealed.examine()
    assert unchecked(report) == {1: "no_note", 2: "no_note", 3: "no_note", 8: "no_stamp"}
    assert not report.accepted


def test_a_note_of_another_package_or_hand_is_refused(sealed: Sealed) -> None:
    data = sealed.path.read_bytes()
    sealed.note.write_bytes(sealed.package.note(data, b"another tar"))
    assert codes(sealed.examine())[3] == "file_size"
    sealed.note.write_bytes(sealed.package.note(b"other bytes", sealed.tar))
    assert codes(sealed.examine())[1] == "file_size"
    sealed.note.write_bytes(sealed.package.note(data, sealed.tar, by=OTHER))
    assert codes(sealed.examine()) == {5: "statement_note"}
    sealed.note.write_bytes(b"not a note")
    assert {1, 2, 3} <= codes(sealed.examine()).keys()
    sealed.note.write_bytes(sealed.package.files[packages.STATEMENT])
    assert codes(sealed.examine())[2] == "document_type"


def test_every_byte_of_the_note_matters(sealed: Sealed) -> None:
    whole = bytearray(sealed.note.read_bytes())
    unnoticed = []
    for at in range(0, len(whole), 7):
        whole[at] ^= 1
        sealed.note.write_bytes(bytes(whole))
        if examine(sealed.path, policy=made.policy()).checks[1].result is Result.PASS:
            unnoticed.append(at)
        whole[at] ^= 1
    assert unnoticed == []


def test_a_note_is_judged_by_whether_its_key_was_good_then(sealed: Sealed) -> None:
    signed = made.START + 200 * DAY
    for since, until, code in (
        (signed + DAY, signed + 2 * DAY, None),
        (signed - DAY, signed + DAY, "disputed"),
        (signed - 2 * DAY, signed - DAY, "key_revoked"),
    ):
        report = sealed.examine(policy=made.failing_key(VIET, since, until))
        assert codes(report).get(2) == code
    nobody = made.policy()
    nobody = replace(nobody, members={COURT.fingerprint: "court"}, keys=())
    assert codes(sealed.examine(policy=nobody))[2] == "key_unknown"


# --- the command ----------------------------------------------------------------------------------


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["verify", *map(str, arguments)])
    return int(ended.value.code or 0)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


@pytest.fixture(autouse=True)
def _no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUEANDCRY_DATA", raising=False)


def test_the_command_answers_in_json_with_ten_checks(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (sealed.path, "--policy", sealed.policy, "--key", sealed.key, "--json")
    assert command(*given) == 0
    said = answer(capsys)
    assert said["outcome"] == "accepted"
    assert [check["n"] for check in said["checks"]] == list(range(1, 11))
    assert all(
        check.keys() >= {"n", "name", "result", "reason", "meaning"} for check in said["checks"]
    )


def test_without_a_policy_the_command_refuses_with_exit_code_1(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(sealed.path, "--key", sealed.key, "--json") == 1
    said = answer(capsys)
    assert said["outcome"] == "refused"
    open_ = {check["n"] for check in said["checks"] if check["result"] == "NOT CHECKED"}
    assert {2, 5, 7, 8, 9} <= open_


def test_the_command_tells_people_what_each_result_means(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(sealed.path, "--policy", sealed.policy) == 1
    words = capsys.readouterr().out
    assert "NOT CHECKED" in words and "give the age key" in words and "REFUSED" in words


def test_wrong_arguments_are_told_apart_from_wrong_packages(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 2
    assert command(sealed.path, "--nonsense") == 2
    assert command(sealed.folder / "absent") == 1
    sealed.policy.write_text("trust everybody\n")
    assert command(sealed.path, "--policy", sealed.policy) == 1
    assert "Line 1 of the policy" in capsys.readouterr().err


def test_a_folder_of_a_node_gives_its_policy(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`policy.txt` in the folder; the age key of a node is tried in the tests of its keyring."""
    monkeypatch.setenv("HUEANDCRY_DATA", str(sealed.folder))
    assert command(sealed.path, "--key", sealed.key) == 0
    capsys.readouterr()


def test_the_rules_of_case_are_asked_for_only_where_something_knows_them(
    sealed: Sealed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = sealed.folder / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(sys, "executable", str(sealed.folder / "python"))
    given = (sealed.path, "--policy", sealed.policy, "--key", sealed.key, "--case", "--json")
    assert command(*given) == 1
    assert answer(capsys)["checks"][9]["code"] == "no_case_utils"
    program = tools / "case_validate"
    for code, result in ((0, "PASS"), (1, "FAIL")):
        program.write_text(f"#!/bin/sh\necho Conforms: said\nexit {code}\n")
        program.chmod(0o755)
        command(*given)
        assert answer(capsys)["checks"][9]["result"] == result


def test_the_command_loads_no_django_no_database_and_no_network(sealed: Sealed) -> None:
    asked = (
        "import sys; from hueandcry.doors.cli.main import run\n"
        "try: run(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'django', 'sqlite3', 'psycopg', 'socket', 'msgspec', 'cryptography', 'typer'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    given = [str(sealed.path), "--policy", str(sealed.policy), "--key", str(sealed.key)]
    done = subprocess.run(
        [sys.executable, "-c", asked, "verify", *given], capture_output=True, text=True, check=True
    )
    assert "ACCEPTED" in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_key_file_without_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("# nothing\n")
    for path in (tmp_path / "key", tmp_path / "absent"):
        with pytest.raises(Exception, match="key"):
            opening.read_keys(path)
