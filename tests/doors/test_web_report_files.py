"""Files of a report: taken as they arrive, sealed, or refused in words; nothing else is left."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import pictures_made
from hueandcry.apps.reports import face as reports
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.store import store
from reports_scene import Reports
from web_reports import code_in, sent, token


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def _small(writer: Callable[[int], blobs.Writer], limit: int) -> blobs.Writer:
    """The store's writer, for files of a few thousand bytes only."""
    return writer(min(limit, 5_000))


def stored() -> int:
    return sum(len(part) for part in store().listed())


def picture() -> bytes:
    return pictures_made.stored(pictures_made.noise())


def test_files_are_kept_sealed_with_their_report(scene: Reports, client: Client) -> None:
    data = picture()
    files = [SimpleUploadedFile("../../a b.exe", data), SimpleUploadedFile("note.txt", b"my note")]
    code_in(sent(client, text="words", attached=files))
    scene.read()
    told = scene.opened(scene.numbers()[0])
    assert {(file.name, file.media_type) for file in told.files} == {
        ("a b.exe.png", "image/png"),
        ("note.txt", "text/plain"),
    }
    kept = next(file for file in told.files if file.media_type == "image/png")
    assert kept.blob and blobs.read(kept.blob, len(data)) == data


def test_a_picture_alone_is_a_report(scene: Reports, client: Client) -> None:
    code_in(sent(client, attached=SimpleUploadedFile("a.png", picture())))


def test_intimate_files_are_quarantined(scene: Reports, client: Client) -> None:
    sent(client, text="words", intimate="on", attached=SimpleUploadedFile("a.png", picture()))
    scene.read()
    (file,) = scene.opened(scene.numbers()[0]).files
    assert file.state == "quarantined"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"MZ" + b"\x00" * 500, "We cannot take files of this kind."),
        (b"", "We cannot take files of this kind."),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "Something is hidden in a file."),
        (b"words " * 1_000, "A file is too large."),
    ],
)
def test_a_refused_file_refuses_the_report_and_leaves_nothing(
    scene: Reports, client: Client, monkeypatch: pytest.MonkeyPatch, data: bytes, says: str
) -> None:
    before = stored()
    monkeypatch.setattr(blobs, "writer", partial(_small, blobs.writer))
    files = [SimpleUploadedFile("good.txt", b"words"), SimpleUploadedFile("bad.png", data)]
    html = sent(client, 422, text="my words", attached=files)
    assert says in html and "my words</textarea>" in html
    assert "Please choose your files once more." in html
    assert stored() == before


def test_more_files_than_a_report_has_are_refused(scene: Reports, client: Client) -> None:
    before = stored()
    files = [SimpleUploadedFile(f"{n}.txt", b"words") for n in range(reports.MAX_FILES + 1)]
    assert "These are too many files." in sent(client, 422, text="words", attached=files)
    assert stored() == before


def test_a_form_that_comes_twice_keeps_its_files_once(scene: Reports, client: Client) -> None:
    before = stored()
    form = token(client)
    for _ in range(2):
        sent(client, text="words", token=form, attached=SimpleUploadedFile("a.txt", b"words"))
    assert stored() == before + 1
