"""Large files in the console: pieces over a line that breaks, and the form that ends them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.test import Client

from console_reports import opened, posted, text_of
from console_scene import one_with
from evidence_scene import Evidence
from hueandcry.apps.evidence import face, uploading
from hueandcry.engine.blobs.models import Blob

NEW, UPLOADS = "/console/exhibits/new/", "/console/exhibits/uploads/"
DATA = b"0123456789" * 30
FILE = {"name": "disk <1>.img", "size": len(DATA), "modified": 7}


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


@pytest.fixture
def analyst(node: Evidence) -> Client:
    return one_with("analyst")


def began(client: Client, **more: Any) -> dict[str, Any]:
    answer = client.post(UPLOADS, {**FILE, **more}, secure=True)
    assert answer.status_code == 201, answer.content
    said: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == said["url"] and "Upload-Offset" in answer.headers
    return said


def patched(client: Client, url: str, data: bytes, offset: object) -> Any:
    return client.patch(
        url, data, "application/partial-upload", secure=True, headers={"Upload-Offset": str(offset)}
    )


def test_a_file_that_came_in_pieces_becomes_an_exhibit(node: Evidence, analyst: Client) -> None:
    url = began(analyst)["url"]
    patched(analyst, url, DATA[:100], 0)
    html = opened(analyst, NEW)
    assert "disk &lt;1&gt;.img" in analyst.get(NEW, secure=True).content.decode()
    assert "100 bytes of 300 bytes are here." in html.replace("\xa0", " ")
    assert "is kept until 2026-09-24" in text_of(html)
    answer = patched(analyst, url, DATA[100:], 100)
    assert answer.headers["Upload-Offset"] == "300"
    assert not analyst.get(url, secure=True).json()["whole"], "until the loop has joined it"
    uploading.join()
    said = analyst.get(url, secure=True).json()
    assert said["whole"] and "All of it is here." in opened(analyst, NEW)
    posted(analyst, NEW, upload=said["id"], description="A disk")
    [(_, view)] = face.exhibits()
    assert (view.sha256, view.name) == (hashlib.sha256(DATA).hexdigest(), FILE["name"])
    assert "Choose the file again." in posted(analyst, NEW, 400, upload=said["id"], description="x")


def test_a_wrong_form_keeps_the_file_that_came(node: Evidence, analyst: Client) -> None:
    said = began(analyst, size=3)
    patched(analyst, said["url"], b"abc", 0)
    uploading.join()
    html = posted(analyst, NEW, 400, upload=said["id"], description="")
    assert "This field is required." in html and f'name="upload" value="{said["id"]}"' in html
    assert 'type="file"' not in html
    posted(analyst, NEW, upload=said["id"], description="Three bytes")


@pytest.mark.parametrize(
    ("offset", "data", "status", "code"),
    [
        (0, b"x", 409, "upload_offset"),
        (101, b"x", 409, "upload_offset"),
        (100, b"", 400, "upload_piece"),
        (100, DATA, 400, "upload_piece"),
        ("", b"x", 400, "upload_offset"),
        ("-1", b"x", 400, "upload_offset"),
        ("1e2", b"x", 400, "upload_offset"),
    ],
)
def test_a_piece_that_does_not_fit_is_told_as_json(
    node: Evidence, analyst: Client, offset: object, data: bytes, status: int, code: str
) -> None:
    url = began(analyst)["url"]
    patched(analyst, url, DATA[:100], 0)
    answer = patched(analyst, url, data, offset)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert analyst.get(url, secure=True).headers["Upload-Offset"] == "100"
    assert Blob.objects.count() == 1


def test_a_piece_has_its_bound(
    node: Evidence, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face, "MOST_PIECE", 10)
    assert patched(analyst, began(analyst)["url"], DATA[:11], 0).status_code == 413
    assert Blob.objects.count() == 0


def test_uploads_are_for_who_may_and_each_sees_their_own(node: Evidence, analyst: Client) -> None:
    url = began(analyst)["url"]
    legal, auditor = one_with("legal"), one_with("auditor")
    assert auditor.post(UPLOADS, FILE, secure=True).status_code == 403
    assert legal.get(url, secure=True).status_code == 404
    assert patched(legal, url, b"x", 0).status_code == 404
    assert legal.post(f"{url}drop/", secure=True).status_code == 404
    posted(analyst, f"{url}drop/")
    assert analyst.get(url, secure=True).status_code == 404
    assert legal.post(UPLOADS, {"name": "x", "size": 0}, secure=True).status_code == 400
