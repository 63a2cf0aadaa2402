"""Reports of suspicious transactions at the command line: a file in, a file out, nothing kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hueandcry.doors.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "cooperation" / "goaml.toml"
GOLDEN = ROOT / "tests" / "core" / "golden" / "goaml_v1.xml"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        run(["goaml", *words])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out + told.err


def test_the_worked_example_gives_the_golden_report_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.xml"
    words = (str(EXAMPLE), "--output", str(out), "--zone", "Asia/Bangkok")
    assert said(capsys, *words)[0] == 0
    assert out.read_bytes() == GOLDEN.read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    code, told = said(capsys, *words)  # never over another file
    assert code == 2 and "cannot be written" in told


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('branch = "Head office"\nsub', "sub", "missing required field `branch`"),
        ("entity = 1017", 'entity = "1017"', "$.entity"),
        ('zip = "10200"', 'postcode = "10200"', "A report has no location.postcode"),
        ("02:45:35Z   #", "02:45:35   #", "names no zone"),
        ('swift = "BKKBTHBK"\nbranch = "Head office"', 'swift = "BKKBTHBK"', "branch is missing"),
        ('role = "A"', "role = ", "is no TOML"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, why: str
) -> None:
    text = EXAMPLE.read_text()
    assert text.count(old) >= 1
    file, out = tmp_path / "report.toml", tmp_path / "report.xml"
    file.write_text(text.replace(old, new, 1))
    code, told = said(capsys, str(file), "--output", str(out))
    assert code in (1, 2) and why in told and not out.exists()


def test_a_zone_that_there_is_none_of_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(EXAMPLE), "--output", str(tmp_path / "x"), "--zone", "Bangkok")
    code, told = said(capsys, *words)
    assert code == 2 and "no time zone" in told
