"""Times as text: one spelling for ours, any RFC 3339 spelling for others'."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Malformed
from hueandcry.core.times import read_rfc3339, read_time, time_text

FIRST, LAST = read_time("0001-01-01T00:00:00.000000Z"), read_time("9999-12-31T23:59:59.999999Z")


@given(st.integers(FIRST, LAST))
def test_every_instant_survives_being_written_and_read(micros: int) -> None:
    text = time_text(micros)
    assert read_time(text) == read_rfc3339(text) == micros
    assert text == (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat(
        timespec="microseconds"
    ).replace("+00:00", "Z")


@given(st.integers(FIRST, LAST), st.integers(FIRST, LAST))
def test_texts_sort_as_their_instants_do(one: int, other: int) -> None:
    assert (time_text(one) < time_text(other)) == (one < other)


@pytest.mark.parametrize("micros", [FIRST - 1, LAST + 1, 10**30, -(10**30)])
def test_an_instant_outside_the_calendar_is_refused(micros: int) -> None:
    with pytest.raises(Malformed):
        time_text(micros)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24T00:00:00Z",
        "2026-11-24T00:00:00.000Z",
        "2026-11-24T00:00:00.0000000Z",
        "2026-11-24T00:00:00.000000z",
        "2026-11-24t00:00:00.000000Z",
        "2026-11-24 00:00:00.000000Z",
        "2026-11-24T00:00:00.000000+00:00",
        "2026-11-24T00:00:00.000000Z\n",
        "2026-02-30T00:00:00.000000Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-11-24T00:00:60.000000Z",
        "٢٠٢٦-11-24T00:00:00.000000Z",
        "-026-11-24T00:00:00.000000Z",
        "0000-11-24T00:00:00.000000Z",
    ],
)
def test_our_own_times_have_one_spelling(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_time(text)
    assert caught.value.code == "time"


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.sampled_from("Tt "),
)
def test_others_times_are_read_with_any_offset(moment: datetime, minutes: int, t: str) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (zoned - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_rfc3339(zoned.isoformat().replace("T", t)) == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-24T00:00:00Z", "2026-11-24T00:00:00.000000Z"),
        ("2026-11-24T00:00:00.5z", "2026-11-24T00:00:00.500000Z"),
        ("2026-11-24T00:00:00.123456999Z", "2026-11-24T00:00:00.123456Z"),
        ("2026-11-24T07:00:00+07:00", "2026-11-24T00:00:00.000000Z"),
        ("2026-11-23T23:30:00-00:30", "2026-11-24T00:00:00.000000Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
    ],
)
def test_spellings_of_one_instant_meet(text: str, same: str) -> None:
    assert time_text(read_rfc3339(text)) == same


@pytest.mark.parametrize(
    "text",
    ["", "2026-11-24", "2026-11-24T00:00:00", "2026-11-24T00:00Z", "2026-13-01T00:00:00Z",
     "2026-11-24T00:00:00.Z", "2026-11-24T00:00:00+24:00", "2026-11-24T00:00:00+00:60",
     "2026-11-24T00:00:61Z", "2026-11-24T00:00:00Z\n", "2026-W48-2T00:00:00Z"],
)  # fmt: skip
def test_what_is_not_rfc_3339_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_rfc3339(text)
