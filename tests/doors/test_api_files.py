"""Files of reports over the JSON API: the body as it is, streamed, by what its bytes are."""

from __future__ import annotations

import io
from typing import Any

import pytest

from api_scene import Scene
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.models import Act, Attachment, Report
from hueandcry.core.types import Actor
from hueandcry.engine.blobs import models as blobs
from hueandcry.engine.store.work import unit_of_work

pytestmark = pytest.mark.database

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(64) + b"\0\0\0\0IEND\xaeB`\x82"
TEXT = b"what they wrote to me\n"
NAMED = {"Content-Disposition": "attachment; filename*=UTF-8''%E0%B8%AA%20screen.png"}


@pytest.fixture
def scene(database: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(monkeypatch)


@pytest.fixture
def files(scene: Scene) -> str:
    """Where the files of a report are added."""
    made = scene.post("/reports", {"text": "look", "consents": ["signals"], "wording": "p-1"})
    return f"/reports/{made['id']}/files"


def sent(scene: Scene, path: str, data: bytes, **more: Any) -> Any:
    more.setdefault("CONTENT_TYPE", "application/octet-stream")
    return scene.ask("POST", path, raw=data, **more)


def refused(scene: Scene, path: str, data: bytes, **more: Any) -> tuple[int, str]:
    answer = sent(scene, path, data, **more)
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status, answer.json()["code"]


def stored() -> int:
    return blobs.Blob.objects.count()


def test_a_file_is_kept_under_its_name_and_shown_with_its_report(scene: Scene, files: str) -> None:
    answer = sent(scene, files, PNG, headers=NAMED)
    assert answer.status == 201 and answer.json()["again"] is False
    told = scene.get(files.removesuffix("/files"))["files"]
    assert told == [answer.json()["file"]]
    assert (told[0]["name"], told[0]["media_type"], told[0]["state"]) == (
        *("ส screen.png", "image/png"),
        "kept",
    )
    assert (told[0]["size"], len(told[0]["sha256"])) == (len(PNG), 64)
    assert list(Act.objects.values_list("kind", flat=True)) == ["submit", "add"]


def test_the_same_bytes_again_are_the_same_file(scene: Scene, files: str) -> None:
    first, second = sent(scene, files, PNG), sent(scene, files, PNG)
    assert (first.json()["again"], second.json()["again"]) == (False, True)
    assert first.json()["file"] == second.json()["file"]
    assert (Attachment.objects.count(), stored()) == (1, 1)


def test_a_request_that_is_repeated_by_its_key_stores_nothing_more(
    scene: Scene, files: str
) -> None:
    key = {"Idempotency-Key": "file-1"}
    first, second = (sent(scene, files, PNG, headers=key) for _ in range(2))
    assert first.body == second.body and second.headers["Idempotency-Replayed"] == "true"
    assert stored() == 1
    assert refused(scene, files, TEXT, headers=key) == (422, "key_reused")
    assert stored() == 1


@pytest.mark.parametrize(
    ("data", "environ", "refusal"),
    [
        (b"", {}, (422, "file_empty")),
        (b"PK\3\4" + bytes(100), {}, (422, "file_sort")),
        (PNG + b"PK\5\6" + bytes(18), {}, (422, "file_two_in_one")),
        (TEXT, {"CONTENT_TYPE": "multipart/form-data; boundary=x"}, (415, "content_type")),
        (b"{}", {"CONTENT_TYPE": "application/json"}, (415, "content_type")),
        (TEXT, {"CONTENT_LENGTH": "100"}, (400, "cut_short")),
        (TEXT, {"CONTENT_LENGTH": str(1 << 31)}, (413, "too_large")),
        (TEXT, {"HTTP_TRANSFER_ENCODING": "chunked"}, (400, "content_length")),
    ],
)
def test_what_is_no_file_that_is_taken_leaves_nothing(
    scene: Scene, files: str, data: bytes, environ: dict[str, str], refusal: tuple[int, str]
) -> None:
    assert refused(scene, files, data, **environ) == refusal
    assert (Attachment.objects.count(), stored()) == (0, 0)


class Endless(io.RawIOBase):
    """A body that counts what is asked of it at once."""

    def __init__(self) -> None:
        self.most = 0

    def read(self, size: int = -1) -> bytes:
        self.most = max(self.most, size)
        return b"a" * size


def test_a_large_file_is_read_in_pieces(scene: Scene, files: str) -> None:
    body = Endless()
    answer = sent(scene, files, b"", CONTENT_LENGTH=str(5 << 20), **{"wsgi.input": body})
    assert answer.status == 201 and answer.json()["file"]["size"] == 5 << 20
    assert 0 < body.most <= 1 << 16


def test_a_report_has_ten_files_and_no_more(scene: Scene, files: str) -> None:
    for number in range(reports.MAX_FILES):
        assert sent(scene, files, TEXT + bytes([65 + number])).status == 201
    assert refused(scene, files, PNG) == (413, "report_files")
    assert stored() == reports.MAX_FILES


def test_quarantine_is_asked_for_or_follows_from_the_report(scene: Scene, files: str) -> None:
    locked = sent(scene, f"{files}?quarantine=true", PNG).json()["file"]
    assert (locked["state"], locked["sha256"]) == ("quarantined", "")
    made = scene.post("/reports", {"text": "they threaten me", "marks": ["intimate"]})
    path = f"/reports/{made['id']}/files"
    assert sent(scene, path, PNG).json()["file"]["state"] == "quarantined"


def test_a_file_that_is_sent_again_for_quarantine_goes_there(scene: Scene, files: str) -> None:
    assert sent(scene, files, PNG).json()["file"]["state"] == "kept"
    again = sent(scene, f"{files}?quarantine=true", PNG).json()
    assert again["again"] and again["file"]["state"] == "quarantined"
    assert "lock" in Act.objects.values_list("kind", flat=True)


def test_reports_of_others_and_of_nobody_take_no_file(scene: Scene, files: str) -> None:
    nothing = "/reports/01890a5d-ac96-774b-bcce-b302099a8057/files"
    other = scene.new_token()
    assert refused(scene, nothing, PNG)[0] == refused(scene, files, PNG, token=other)[0] == 404
    reads = scene.new_token(scopes=["reports:read"])
    assert refused(scene, files, PNG, token=reads) == (403, "scope")
    assert stored() == 0


def test_a_report_that_was_taken_back_takes_no_file(scene: Scene) -> None:
    made = scene.post("/reports", {"text": "look", "receipt": True})
    with unit_of_work():
        reports.withdraw(made["code"], scene.node.now)
    assert refused(scene, f"/reports/{made['id']}/files", PNG) == (409, "withdrawn")
    assert stored() == 0


def test_a_file_that_comes_after_the_decision_asks_for_a_second_look(
    scene: Scene, files: str
) -> None:
    while reports.read_some(scene.node.now):
        continue
    number = Report.objects.get().pk
    with unit_of_work():
        reports.reject(Actor(scene.node.fingerprint), number, "other", scene.node.now)
    assert sent(scene, files, TEXT).status == 201
    assert reports.looked_at_again(10)[reports.Flag.ADDED] == 1
    assert scene.get(files.removesuffix("/files"))["report"]["state"] == "rejected"
