"""Files that come piece by piece: what was acknowledged stays, and ends as one exhibit."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from uuid import UUID

import pytest

from evidence_scene import Evidence
from hueandcry.apps.evidence import face, uploading
from hueandcry.apps.evidence.face import UploadView
from hueandcry.apps.evidence.models import Piece, Upload
from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound, TooLarge, TooMany
from hueandcry.core.types import Actor
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs.models import Blob
from hueandcry.engine.store.work import unit_of_work
from other_member import NOW

pytestmark = pytest.mark.database

DATA = bytes(range(256)) * 40
CUTS = (0, 3_000, 3_001, 10_000, len(DATA))


@pytest.fixture
def node(database: None, monkeypatch: pytest.MonkeyPatch) -> Evidence:
    return Evidence(monkeypatch)


def somebody(node: Evidence, login: str = "anong") -> Actor:
    with unit_of_work():
        person, _ = members.add_person(login, ["analyst"])
    return Actor(node.fingerprint, person.pk, frozenset({"analyst"}))


def began(
    who: Actor, size: int = len(DATA), name: str = "disk.img", modified: int = 7
) -> UploadView:
    with unit_of_work():
        return face.begin_upload(who, name, size, modified, NOW)


def brought(who: Actor, id: UUID, start: int, data: bytes, at: int = NOW) -> UploadView:
    fresh = blobs.take([data], len(data) + 1)
    try:
        with unit_of_work():
            return face.take_piece(who, id, start, fresh, at)
    finally:
        blobs.discard_unkept([fresh])


def whole(who: Actor) -> UploadView:
    found = began(who)
    for start, end in pairwise(CUTS):
        found = brought(who, found.id, start, DATA[start:end])
    uploading.join()
    return face.upload(who, found.id)


def test_pieces_become_one_exhibit_and_nothing_else_is_left(node: Evidence) -> None:
    who = somebody(node)
    found = whole(who)
    assert found.whole and found.offset == len(DATA)
    assert not Piece.objects.exists() and Blob.objects.count() == 1
    with unit_of_work():
        added = face.add(who, face.uploaded(who, found.id), face.Told(description="A disk"), NOW)
    assert added.exhibit.sha256 == hashlib.sha256(DATA).hexdigest()
    assert b"".join(face.stream(added.exhibit.id)) == DATA
    assert face.uploads(who) == [] and Blob.objects.count() == 1


def test_an_upload_goes_on_where_the_line_broke(node: Evidence) -> None:
    who = somebody(node)
    first = began(who)
    brought(who, first.id, 0, DATA[:3_000])
    again = began(who)
    assert (again.id, again.offset) == (first.id, 3_000)
    assert began(who, modified=8).id != first.id, "a file that changed is another one"
    assert began(who, name="other.img").id != first.id


@pytest.mark.parametrize(
    ("start", "size", "error"),
    [
        *((start, 10, Conflict) for start in (0, 2_999, 3_001)),
        *((3_000, size, Malformed) for size in (0, len(DATA))),
    ],
)
def test_a_piece_of_another_place_is_refused_and_nothing_of_it_stays(
    node: Evidence, start: int, size: int, error: type[HueError]
) -> None:
    who = somebody(node)
    found = began(who)
    brought(who, found.id, 0, DATA[:3_000])
    before = Blob.objects.count()
    with pytest.raises(error):
        brought(who, found.id, start, bytes(size))
    assert face.upload(who, found.id).offset == 3_000
    assert Blob.objects.count() == before


def test_nobody_else_sees_it_or_brings_a_piece(node: Evidence) -> None:
    who, other = somebody(node), somebody(node, "somchai")
    found = began(who)
    assert face.uploads(other) == []
    for act in (
        lambda: face.upload(other, found.id),
        lambda: brought(other, found.id, 0, b"x"),
        lambda: face.drop_upload(other, found.id),
        lambda: face.uploaded(other, found.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_what_is_not_whole_becomes_no_exhibit(node: Evidence) -> None:
    who = somebody(node)
    found = began(who)
    brought(who, found.id, 0, DATA[:3_000])
    uploading.join()
    with pytest.raises(Conflict), unit_of_work():
        face.uploaded(who, found.id)


def test_what_is_dropped_or_out_of_time_is_shredded(node: Evidence) -> None:
    who = somebody(node)
    kept = began(who, name="kept.img")
    found = began(who)
    brought(who, found.id, 0, DATA[:3_000])
    with unit_of_work():
        face.drop_upload(who, found.id)
    assert not Blob.objects.exists()
    whole(who)
    late = brought(who, kept.id, 0, b"x", NOW + uploading.KEPT)
    node.now = NOW + uploading.KEPT
    uploading.join()
    assert [each.id for each in face.uploads(who)] == [late.id], "going on with it keeps it"
    assert Blob.objects.count() == 1


def test_a_broken_piece_leaves_the_others_alone(node: Evidence) -> None:
    who = somebody(node)
    bad = began(who, size=1, name="bad")
    brought(who, bad.id, 0, b"x")
    Blob.objects.filter(name=bytes.fromhex(Piece.objects.get().blob)).update(sha256=bytes(32))
    good = whole(who)
    assert good.whole and not face.upload(who, bad.id).whole
    assert Blob.objects.count() == 2, "nothing is left of the attempt"


def test_what_no_upload_can_be_is_refused(node: Evidence) -> None:
    who = somebody(node)
    for size, name, error in (
        (0, "x", Malformed),
        (1, "", Malformed),
        (blobs.MOST + 1, "x", TooLarge),
    ):
        with pytest.raises(error):
            began(who, size=size, name=name)
    with pytest.raises(Malformed):
        face.uploads(Actor(node.fingerprint))
    for n in range(uploading.AT_ONCE):
        began(who, name=f"{n}")
    with pytest.raises(TooMany):
        began(who, name="one more")
    assert Upload.objects.count() == uploading.AT_ONCE
