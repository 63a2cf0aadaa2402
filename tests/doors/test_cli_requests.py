"""`hueandcry request types`: what can be asked of other members, with no node and no Django."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli_scene import ended
from hueandcry.core.law import LAW
from law_made import INSTRUMENT

FIELDS = {
    *("type", "group", "fields", "from", "to", "instruments", "clocks", "refusals"),
    *("secrecy", "output"),
}


def types(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    code, out, _ = ended(capsys, "request", "types", *words, "--json")
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_every_type_is_one_line_of_json_of_the_promised_shape(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = types(capsys)
    assert [each["type"] for each in found] == list(LAW.types)
    for each in found:
        assert set(each) >= FIELDS
        assert each["from"] and each["to"] and each["output"] and each["refusals"]
        assert all(field["serves"] for field in each["fields"])
        assert {field["mandatory"] for field in each["fields"]} == {True, False}


def test_one_type_is_told_with_its_articles(capsys: pytest.CaptureFixture[str]) -> None:
    (each,) = types(capsys, "PRESERVE")
    assert {"code": "hanoi", "articles": ["42", "25"]}.items() <= each["instruments"][1].items()
    necessity = next(field for field in each["fields"] if field["name"] == "necessity")
    assert {"hanoi": "42(3)(e)", "budapest": "29(2)(e)"}.items() <= {
        source["instrument"]: source["article"] for source in necessity["serves"]
    }.items()


def test_people_get_tables_and_a_type_that_there_is_not_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = ended(capsys, "request", "types")
    assert code == 0 and "PROTECT_PAYER" in out and "any" in out
    for name in ("STOP_PAYMENT", "MLA_STORED"):
        code, out, _ = ended(capsys, "request", "types", name)
        assert code == 0 and LAW.types[name].asks in out
    code, out, err = ended(capsys, "request", "types", "PLEASE")
    assert code == 1 and not out and "PLEASE" in err


def test_a_file_of_one_more_instrument_is_checked_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "somewhere.toml"
    file.write_text(INSTRUMENT)
    (each,) = types(capsys, "PRESERVE", "--with", str(file))
    assert "somewhere" in {instrument["code"] for instrument in each["instruments"]}
    file.write_text(INSTRUMENT.replace("[articles]", "[artikles]"))
    code, out, err = ended(capsys, "request", "types", "--with", file)
    assert code == 1 and not out and "somewhere.toml" in err
    assert ended(capsys, "request", "types", "--with", tmp_path / "none.toml")[0] == 2


def test_no_django_is_loaded_for_it() -> None:
    asked = "import sys, hueandcry.doors.cli.requesting; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
