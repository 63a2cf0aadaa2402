"""`hueandcry treaties`: who is bound by what, and whether a file fits; no node, no Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli_scene import ended
from hueandcry.core.law.registry import REGISTRY

FILE = """
instrument = "hanoi"
state = "in force since 1 May 2031"
source = "depositary notification"
checked = 2031-05-02

[[row]]
party = "TH"
in_force_from = 2031-05-01
source = "depositary notification C.N.1.2031"
read = true
checked = 2031-05-02
"""
INSTRUMENT = """
title = "Treaty of Somewhere"
short = "Somewhere"
kind = "treaty"
source = "made up for this test"
form = "hanoi"

[serves]
PRESERVE = ["3"]

[articles]
"3" = "data are preserved"
"""


def test_the_registry_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "treaties", "list", "--json")
    told = json.loads(out)
    assert code == 0 and set(told) == {"treaties", "groups", "places"}
    assert [each["instrument"] for each in told["treaties"]] == list(REGISTRY.treaties)
    rows = [row for each in told["treaties"] for row in each["rows"]]
    assert len(rows) == len(REGISTRY.standings)
    assert all(row["source"] and row["checked"] for row in rows)


def test_people_see_one_country_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ended(capsys, "treaties", "list")
    assert code == 0 and "not in force" in out and "Bangkok" in out
    code, out, _ = ended(capsys, "treaties", "list", "--party", "th", "--json")
    rows = [row for each in json.loads(out)["treaties"] for row in each["rows"]]
    assert code == 0 and {row["party"] for row in rows} == {"TH"}


def test_a_file_is_checked_against_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(FILE)
    code, out, _ = ended(capsys, "treaties", "check", file)
    assert code == 0 and "mine.toml fits: 1 rows, 0 of them not read" in out
    _, out, _ = ended(capsys, "treaties", "check", file, "--json")
    hanoi = next(each for each in json.loads(out)["treaties"] if each["instrument"] == "hanoi")
    assert hanoi["state"] == "in force since 1 May 2031"
    assert [row["party"] for row in hanoi["rows"]] == ["TH"]
    file.write_text(FILE.replace('"TH"', '"KH"'))
    code, out, err = ended(capsys, "treaties", "check", file)
    assert code == 1 and not out and "hanoi is in the registry for KH" in err
    file.write_text(FILE.replace("party", "pary"))
    code, out, err = ended(capsys, "treaties", "check", file)
    assert code == 1 and "mine.toml, row 1" in err
    assert ended(capsys, "treaties", "check", tmp_path / "none.toml")[0] == 2


def test_a_treaty_of_one_s_own_brings_its_instrument_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law, file = tmp_path / "somewhere.toml", tmp_path / "rows.toml"
    law.write_text(INSTRUMENT)
    file.write_text(FILE.replace('"hanoi"', '"somewhere"'))
    assert ended(capsys, "treaties", "check", file)[0] == 1
    assert ended(capsys, "treaties", "check", file, "--law", law)[0] == 0
    code, out, _ = ended(capsys, "treaties", "list", "--with", file, "--law", law)
    assert code == 0 and "somewhere: in force since 1 May 2031" in out


def test_places_are_told_with_what_was_ticked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "places.toml"
    file.write_text(
        '[place.TH.hold_length]\nvalue = "72 hours"\nsource = "decree"\n'
        'checked = 2026-11-29\nchecked_by = "legal desk"\n'
        '[place.VN.channel]\nvalue = "police"\nsource = "hearsay"\n'
    )
    code, out, _ = ended(capsys, "treaties", "list", "--with", file)
    assert code == 0 and "72 hours" in out and "VN: nothing is ticked" in out


def test_no_django_is_loaded_for_it() -> None:
    asked = "import sys, hueandcry.doors.cli.treaties; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
