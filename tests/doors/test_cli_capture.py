"""`hueandcry evidence capture`: what the operator's own program made of a page, or why nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

import cli_scene
from hueandcry.apps.evidence.models import CustodyEvent, Exhibit
from hueandcry.engine.blobs.models import Blob

URL = "https://fake-bank.example/login?a=1&b=$(id)"
WARC = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)

Capture = Callable[..., tuple[int, Any]]

#: Leaves what stands beside it in the folder that it is given, and notes how it was called.
PROGRAM = """#!/bin/sh
here=$(dirname "$0")
if [ "$1" = --version ]; then echo "Crawler of ours 2.1"; exit 0; fi
printf '%s\\n' "$1" > "$here/asked"
env > "$here/environment"
cp "$here"/made/* "$2"/
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder of what the program leaves."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "page.warc.gz").write_bytes(gzip.compress(WARC))
    (folder / "page.png").write_bytes(PNG)
    (folder / "log.txt").write_text("of no interest")
    return folder


@pytest.fixture
def capture(
    database: None,
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Capture:
    """Captures a page by a program with this text; exit code, and what was said."""
    cli_scene.found()

    def one(program: str = PROGRAM, url: str = URL, *more: str) -> tuple[int, Any]:
        path = tmp_path / "program"
        path.write_text(program)
        path.chmod(0o700)
        monkeypatch.setattr(settings, "CAPTURE", str(path) if program else "")
        code, out, err = cli_scene.ended(capsys, "evidence", "capture", url, *more, "--json")
        if code:
            return code, " ".join(err.split())
        return 0, [json.loads(line) for line in out.splitlines()]

    return one


def test_archive_and_picture_become_exhibits_of_one_address(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUEANDCRY_TSA_URL", "https://never.shown/")
    code, said = capture(PROGRAM, URL, "--description", "The login page", "--place", "TH")
    assert code == 0, said
    assert [each["file"] for each in said] == ["page.warc.gz", "page.png"]
    assert (tmp_path / "asked").read_text() == URL + "\n"
    assert "HUEANDCRY" not in (tmp_path / "environment").read_text()
    for row, what in zip(
        Exhibit.objects.order_by("pk"), ("Web archive", "Screenshot"), strict=True
    ):
        (event,) = CustodyEvent.objects.filter(exhibit=row)
        record = json.loads(bytes(event.log_record or b""))
        assert record["description"] == f"The login page\n{what} of {URL}\nSource: {URL}"
        assert record["tool"] == {"name": "Crawler of ours", "version": "2.1", "settings": ""}
        assert record["place"] == "TH"


def test_without_a_program_no_page_is_fetched(capture: Capture) -> None:
    code, said = capture("")
    assert code == 1 and "HUEANDCRY_CAPTURE" in said


@pytest.mark.parametrize("url", ["fake-bank.example", "file:///etc/passwd", "https://a b"])
def test_what_is_no_address_is_not_asked_for(capture: Capture, tmp_path: Path, url: str) -> None:
    code, _ = capture(PROGRAM, url)
    assert code == 2 and not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("#!/bin/sh\necho broken pipe; exit 3", "ended with 3: broken pipe"),
        ("#!/bin/sh\necho nameless", "not a name and a version"),
        ("#!/nowhere/at/all", "captured nothing"),
        ("#!/bin/sh\necho A 1", "left no"),
    ],
)
def test_a_program_that_fails_is_quoted(capture: Capture, program: str, why: str) -> None:
    code, said = capture(program)
    assert code == 1 and why in said
    assert not Exhibit.objects.exists() and not Blob.objects.exists()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.png", b"GIF89a"),
        ("page.warc.gz", b"no gzip"),
        ("page.warc.gz", gzip.compress(b"x", mtime=0)),
    ],
)
def test_what_is_not_what_its_name_says_is_no_exhibit(
    capture: Capture, made: Path, name: str, data: bytes
) -> None:
    (made / name).write_bytes(data)
    code, said = capture()
    assert code == 1 and name in said
    assert not Exhibit.objects.exists() and not Blob.objects.exists()


def test_nothing_is_taken_through_a_link(capture: Capture) -> None:
    linked = 'ln -s "$here"/made/page.png "$2"/page.png; cp "$here"/made/*.gz "$2"/'
    code, said = capture(PROGRAM.replace('cp "$here"/made/* "$2"/', linked))
    assert code == 1 and "left no screenshot" in said
