"""Files that come with a form, and go out again: within bounds, never on trust, each time noted."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from obstore.store import LocalStore
from PIL import Image

from hueandcry.apps.detection import workshop
from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, NotPermitted
from hueandcry.doors.desk.attachments import Stored, download, preview
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.store import Store
from hueandcry.engine.store.work import unit_of_work
from node_scene import keyring
from pictures_made import noise, stored

PICTURE = stored(noise(60))
SMALL = Limits(files=2, each=50_000, whole=200_000)

Seen = list[Upload]


@pytest.fixture
def folder(database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    keyring()
    place = Store(LocalStore(tmp_path), tmp_path)
    monkeypatch.setattr(blobs, "store", lambda: place)
    return tmp_path


@pytest.fixture
def ended() -> Iterator[None]:
    yield
    workshop.close()


def lying(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def refused(request: HttpRequest, error: HueError) -> HttpResponse:
    return HttpResponse(error.code, status=413)


def post(
    *files: tuple[str, bytes],
    limits: Limits = SMALL,
    act: Callable[[Seen], None] = lambda seen: None,
    **more: Any,
) -> tuple[HttpResponseBase, Seen]:
    """Posts a form with these files to a view; (its answer, what it got)."""
    seen: Seen = []

    @receiving(limits, refused, guarded=more.pop("guarded", False))
    def view(request: HttpRequest) -> HttpResponse:
        seen.extend(received(request, "files"))
        act(seen)
        return HttpResponse(request.POST.get("text", ""))

    data = {"text": "my story", "files": [SimpleUploadedFile(name, body) for name, body in files]}
    request = RequestFactory(**more).post("/report", data)
    return view(request), seen


def keep(seen: Seen) -> None:
    with unit_of_work():
        for each in seen:
            if each.fresh is not None:
                blobs.keep(each.fresh)


# --- in -------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_file_is_kept_as_it_came_under_a_name_that_leads_nowhere(folder: Path) -> None:
    answer, (file,) = post(("../../photo.exe", PICTURE), act=keep)
    assert answer.status_code == 200 and answer.content == b"my story"  # type: ignore[attr-defined]
    assert (file.clean, file.sort, file.size) == ("photo.exe.png", "image/png", len(PICTURE))
    assert file.fresh is not None
    assert blobs.read(file.fresh.id, 1 << 20) == PICTURE
    assert blobs.get(file.fresh.id).sha256 == file.sha256


@pytest.mark.database
def test_what_the_view_does_not_keep_is_gone_when_it_has_answered(folder: Path) -> None:
    post(("a.png", PICTURE), act=lambda seen: None)
    assert lying(folder) == 0


@pytest.mark.database
def test_what_comes_sealed_is_read_by_path_and_lies_nowhere_by_name(folder: Path) -> None:
    read: list[bytes] = []

    def act(seen: Seen) -> None:
        assert lying(folder) == 0
        read.extend(each.path.read_bytes() for each in seen if each.path is not None)

    beside = Limits(files=2, each=50_000, whole=200_000, aside=True, other="x/y")
    _, (whole, large) = post(("a", b"sealed"), ("b", b"x" * 50_001), limits=beside, act=act)
    assert read == [b"sealed"] and whole.path is not None and not whole.path.exists()
    assert large.refused is not None and large.refused.code == "file_too_large"


@pytest.mark.database
def test_what_a_view_that_fails_did_not_keep_is_gone_too(folder: Path) -> None:
    def fail(seen: Seen) -> None:
        assert lying(folder) == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        post(("a.png", PICTURE), act=fail)
    assert lying(folder) == 0


@pytest.mark.database
def test_nothing_of_a_file_lies_on_the_disk_in_plain(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", never)
    secret = b"the words of a victim " * 20_000

    def look(seen: Seen) -> None:
        keep(seen)
        assert all(b"victim" not in p.read_bytes() for p in folder.rglob("*") if p.is_file())

    big = Limits(each=1 << 20, whole=2 << 20)
    _, (file,) = post(("story.txt", secret), limits=big, act=look)
    assert file.sort == "text/plain"


@pytest.mark.database
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html><script>alert(1)</script>", "file_sort"),
        (b"MZ\x90\x00", "file_sort"),
        (b"", "file_empty"),
        (PICTURE + b"<b>and more</b>", "file_two_in_one"),
        (bytes(60_000), "file_too_large"),
    ],
)
def test_a_file_that_is_not_taken_says_why_and_the_rest_of_the_form_is_as_it_was(
    folder: Path, body: bytes, code: str
) -> None:
    answer, (bad, good) = post(("a.png", body), ("b.png", PICTURE), act=keep)
    assert bad.refused is not None and bad.refused.code == code
    assert bad.fresh is None and good.fresh is not None
    assert answer.content == b"my story" and lying(folder) == 1  # type: ignore[attr-defined]


@pytest.mark.database
def test_files_beyond_their_number_are_refused_one_by_one(folder: Path) -> None:
    _, seen = post(*((f"{n}.png", PICTURE) for n in range(4)), act=keep)
    assert [each.refused.code if each.refused else "" for each in seen] == [
        "",
        "",
        "too_many_files",
        "too_many_files",
    ]
    assert lying(folder) == 2


class Endless(io.RawIOBase):
    """A body of whatever length; how much of it was read."""

    taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.taken += max(0, size)
        return b"x" * size


@pytest.mark.database
def test_two_gigabytes_are_refused_before_a_byte_of_them_is_read(folder: Path) -> None:
    called = []

    @receiving(Limits(), refused, guarded=False)
    def view(request: HttpRequest) -> HttpResponse:
        called.append(request)
        return HttpResponse()

    body = Endless()
    multipart = "multipart/form-data; boundary=b"
    request = RequestFactory().generic("POST", "/", b"x", content_type=multipart)
    request.META["CONTENT_LENGTH"] = str(2 << 30)
    request._stream = cast("BinaryIO", body)
    answer = view(request)
    assert answer.status_code == 413 and answer.content == b"request_too_large"  # type: ignore[attr-defined]
    assert body.taken == 0 and called == []
    assert request.POST == {} and lying(folder) == 0


@pytest.mark.database
def test_a_request_that_breaks_off_leaves_nothing(folder: Path) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    data = head + PICTURE[:1_000]
    request = RequestFactory().generic("POST", "/", data, "multipart/form-data; boundary=b")
    seen: Seen = []

    @receiving(SMALL, refused, guarded=False)
    def view(request: HttpRequest) -> HttpResponse:
        seen.extend(received(request, "files"))
        return HttpResponse()

    view(request)
    assert [each for each in seen if each.fresh] == [] and lying(folder) == 0


@pytest.mark.database
def test_a_file_that_is_only_looked_at_stays_in_memory(folder: Path) -> None:
    limits = Limits(files=1, each=50_000, whole=200_000, kept=False)
    _, (file,) = post(("a.png", PICTURE), limits=limits)
    assert file.data == PICTURE and file.fresh is None and lying(folder) == 0
    _, (file,) = post(("a.png", bytes(60_000)), limits=limits)
    assert file.data == b"" and file.refused is not None
    assert file.refused.code == "file_too_large"


@pytest.mark.database
def test_a_forged_form_is_refused_and_its_files_go(folder: Path) -> None:
    answer, seen = post(("a.png", PICTURE), guarded=True, enforce_csrf_checks=True)
    assert answer.status_code == 403 and seen == [] and lying(folder) == 0


# --- out ------------------------------------------------------------------------------------------

NOTE = members.AccessNote("attachment.download", "report 1")


def kept(data: bytes, name: str = "ใบเสร็จ \u202egnp.exe", **more: Any) -> Stored:
    return Stored(blobs.put([data], len(data)).id, name, "image/png", **more)


def body(answer: HttpResponseBase) -> bytes:
    return b"".join(answer)


@pytest.mark.database
def test_a_download_is_kept_by_the_browser_and_never_opened_in_it(folder: Path) -> None:
    answer = download(kept(PICTURE), NOTE)
    assert body(answer) == PICTURE
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Length"] == str(len(PICTURE))
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    said = answer["Content-Disposition"]
    assert said.startswith('attachment; filename="') and said.isascii() and "%E2%80%AE" not in said
    assert said.endswith(".exe.png") and "filename*=UTF-8''%E0%B9%83" in said


@pytest.mark.database
def test_every_look_is_noted_before_the_first_byte(folder: Path) -> None:
    download(kept(PICTURE), NOTE)
    (line,) = members.accesses()
    assert (line.action, line.subject, line.outcome) == (NOTE.action, NOTE.subject, "ok")


@pytest.mark.database
def test_a_preview_is_painted_anew(folder: Path, ended: None) -> None:
    answer = preview(kept(PICTURE), NOTE)
    assert answer["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(body(answer))).size == (60, 60)


@pytest.mark.database
def test_what_is_in_quarantine_is_neither_shown_nor_read_but_handed_to_the_police(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept(PICTURE, quarantined=True)
    with monkeypatch.context() as patched:
        patched.setattr(blobs, "read", lambda *_: pytest.fail("it was read"))
        patched.setattr(blobs, "stream", lambda *_: pytest.fail("it was read"))
        for ask in (preview, download):
            with pytest.raises(NotPermitted) as caught:
                ask(file, NOTE)
            assert caught.value.code == "quarantined"
    assert [line.outcome for line in members.accesses()] == ["refused", "refused"]
    assert body(download(file, NOTE, police=True)) == PICTURE
    assert members.accesses()[0].outcome == "ok"
