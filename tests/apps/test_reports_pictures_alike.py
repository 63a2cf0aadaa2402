"""Reports that are a picture and no word are grouped by it, as others are by their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.reports import face, files, following, likeness
from hueandcry.apps.reports.face import Consent, Flag, GivenFile, State
from hueandcry.apps.reports.models import Band, Group, Report
from hueandcry.core.types import DAY
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.purge import face as purge
from pictures_made import noise, stored
from reports_scene import AGREED, Reports, loss

MASK = bytes(range(32))


# --- sketches ------------------------------------------------------------------------------------

DIGESTS = st.binary(min_size=32, max_size=32)


@given(DIGESTS, st.sets(st.integers(0, 255), max_size=likeness.NEAR))
def test_a_picture_within_the_distance_is_always_found_and_is_alike(
    pdq: bytes, flipped: set[int]
) -> None:
    other = int.from_bytes(pdq, "big")
    for bit in flipped:
        other ^= 1 << bit
    one = likeness.picture_sketch(pdq, MASK)
    near = likeness.picture_sketch(other.to_bytes(32, "big"), MASK)
    assert likeness.distance(one, near) == len(flipped)
    assert not set(likeness.near_keys(near)).isdisjoint(likeness.picture_keys(one))
    assert likeness.alike(one, near) > 0.8


@given(DIGESTS, st.sets(st.integers(0, 255), min_size=likeness.NEAR + 1))
def test_a_picture_beyond_the_distance_is_not_alike(pdq: bytes, flipped: set[int]) -> None:
    mask = sum(1 << bit for bit in flipped)
    other = (int.from_bytes(pdq, "big") ^ mask).to_bytes(32, "big")
    assert likeness.alike(pdq, other) == 0


def test_a_picture_is_never_like_a_text() -> None:
    assert likeness.alike(MASK, likeness.sketch("some words of somebody", 7)) == 0


# --- reports -------------------------------------------------------------------------------------


@pytest.fixture
def reports(database: None, monkeypatch: pytest.MonkeyPatch) -> Reports:
    return Reports(monkeypatch)


def picture(seed: int = 1, quality: int = 0, **more: bool) -> GivenFile:
    """A picture; with a quality as somebody else's phone has stored it again."""
    shown = noise(seed=seed)
    data = stored(shown, "JPEG", quality=quality) if quality else stored(shown)
    sort = "image/jpeg" if quality else "image/png"
    return GivenFile("screen", sort, blobs.take([data], 1 << 20), **more)


def brought(reports: Reports, *given: GivenFile, text: str = "", **more: object) -> int:
    sent = reports.waiting(text, files=given, **more)
    while files.read_next(reports.now):
        pass
    return sent.number


@pytest.mark.database
def test_pictures_alone_that_are_alike_are_one_line(reports: Reports) -> None:
    first = brought(reports, picture())
    brought(reports, picture(quality=60))
    other = brought(reports, picture(seed=2))
    lines = {line.number: line.alike for line in face.queue(face.Filters(), reports.now).lines}
    assert lines == {first: 2, other: 1}


@pytest.mark.database
def test_what_is_decided_of_the_first_is_decided_of_its_like(reports: Reports) -> None:
    first, second = brought(reports, picture()), brought(reports, picture(quality=60))
    reports.did(face.reject, first, "spam")
    following.settle_some(reports.now)
    assert Report.objects.get(pk=second).state == State.MERGED


@pytest.mark.database
def test_who_lost_money_or_wants_a_call_or_brought_more_stands_for_themselves(
    reports: Reports,
) -> None:
    numbers = [
        brought(reports, picture()),
        brought(reports, picture(quality=60), losses=(loss(),)),
        brought(reports, picture(quality=70), consents=AGREED | {Consent.CONTACT}),
        brought(reports, picture(quality=80), picture(seed=2)),
    ]
    assert set(reports.numbers()) == set(numbers)
    assert Group.objects.filter(size=4).exists()


@pytest.mark.database
def test_words_group_by_words_whatever_picture_comes_with_them(reports: Reports) -> None:
    words = "Your parcel waits at the depot, please pay the customs fee of twenty today"
    one = brought(reports, picture(), text=words)
    two = brought(reports, picture(quality=60), text="an entirely different story of somebody")
    assert set(reports.numbers()) == {one, two}
    assert all(len(group.sketch) != likeness.PICTURE for group in Group.objects.all())


@pytest.mark.database
def test_a_picture_in_quarantine_is_compared_with_nothing(reports: Reports) -> None:
    one = brought(reports, picture(quarantined=True))
    two = brought(reports, picture(quarantined=True))
    threat = brought(reports, picture(), flags=Flag.INTIMATE)
    assert set(reports.numbers()) == {one, two, threat} and not Group.objects.exists()


@pytest.mark.database
def test_a_picture_that_goes_into_quarantine_later_is_compared_with_no_more(
    reports: Reports,
) -> None:
    one = brought(reports, picture())
    (file,) = reports.opened(one).files
    reports.did(face.lock_file, one, file.number)
    assert not Band.objects.exists() and Group.objects.get().sketch == b""
    two = brought(reports, picture(quality=60))
    assert set(reports.numbers()) == {one, two}


@pytest.mark.database
def test_no_digest_of_a_picture_stands_in_the_clear(reports: Reports) -> None:
    number = brought(reports, picture())
    (value,) = reports.opened(number).values
    pdq = bytes.fromhex(value.signal.value.removeprefix("pdq:"))
    assert Group.objects.get().sketch != pdq


@pytest.mark.database
def test_pictures_are_forgotten_when_none_came_for_long(reports: Reports) -> None:
    brought(reports, picture())
    reports.now += 31 * DAY
    purge.run(reports.now)
    assert not Band.objects.exists()
