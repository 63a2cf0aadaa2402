"""Sets that are compared without being shown: items, padding, commitments, turns, limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import matching, tlog
from hueandcry.core.errors import Malformed, NotPermitted, TooLarge
from hueandcry.core.matching import Alarm, Role, State
from hueandcry.core.normal import examples
from hueandcry.core.types import Kind

keys = st.binary(min_size=32, max_size=32)
items = st.sets(st.from_regex(r"phone:\+66[0-9]{9}", fullmatch=True), max_size=40)


# --- items ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", matching.KINDS)
def test_every_spelling_of_an_item_is_one_item(kind: Kind) -> None:
    found = [each for each in examples() if each.kind is kind]
    assert len(found) > 5
    for each in found:
        assert matching.read_item(f"{kind}: {each.text}", each.market) == f"{kind}:{each.value}"


def test_the_kind_is_part_of_an_item_and_may_be_left_to_the_form() -> None:
    assert matching.read_item("081 234 5678", "TH") == "phone:+66812345678"
    assert matching.read_item("PHONE:081 234 5678", "TH") == "phone:+66812345678"
    assert matching.read_item("BKKBTHBK:1234567890") == "bank-account:BKKBTHBK:1234567890"


def test_what_is_not_compared_is_named_by_its_line() -> None:
    with pytest.raises(Malformed) as caught:
        matching.read_items(["+66812345678", "scam.example", "", "# 1", "?"])
    assert "line 2" in str(caught.value) and "line 5" in str(caught.value)
    many = ["scam.example"] * 9
    with pytest.raises(Malformed, match="and 4 more"):
        matching.read_items(many)
    with pytest.raises(Malformed, match="no item"):
        matching.read_items(["# nothing", " "])


@given(st.integers(0, 10**9 - 1_000), st.integers(1, 10), st.integers(1, 200))
def test_a_range_is_refused_at_twenty_numbers_within_two_hundred(
    first: int, gap: int, many: int
) -> None:
    numbers = [f"phone:+66{first + n * gap:09d}" for n in range(many) if first + n * gap < 10**9]
    swept = len(numbers) >= 20 and 19 * gap < 200
    if swept:
        with pytest.raises(NotPermitted) as caught:
            matching.check_not_swept(reversed(numbers))
        assert caught.value.code == "sequential"
    else:
        matching.check_not_swept(reversed(numbers))


def test_check_digits_do_not_hide_a_range_of_accounts() -> None:
    # Of 97 numbers in a row no two have the same check digits.
    swept = [f"bank-account:GB{n % 97:02d}WEST123456987654{n:02d}" for n in range(20)]
    with pytest.raises(NotPermitted):
        matching.check_not_swept(swept)
    matching.check_not_swept(
        [f"wallet:0x52908400098527886e0f7030069857d2e4{n:06d}" for n in range(40)]
    )


def test_numbers_of_several_series_are_no_range() -> None:
    matching.check_not_swept([f"phone:+66{n:02d}1234567" for n in range(99)])
    mixed = [f"phone:+6681234567{n}" for n in range(10)]
    mixed += [f"bank-account:BKKBTHBK:6681234567{n}" for n in range(10)]
    matching.check_not_swept(mixed)


# --- sets -----------------------------------------------------------------------------------------


@given(keys, items)
def test_a_padded_set_has_its_step_and_every_item_once(key: bytes, some: set[str]) -> None:
    whole = matching.padded(key, some, matching.size_for(len(some)))
    assert len(whole) == len(set(whole)) == 100
    assert {item for item in whole if not matching.is_dummy(item)} == some
    assert matching.padded(key, sorted(some), 100) == whole


@given(keys, keys, items.filter(bool))
def test_a_commitment_opens_to_one_set_under_one_key(
    key: bytes, other: bytes, some: set[str]
) -> None:
    root = matching.commitment(key, matching.padded(key, some, 100))
    assert matching.commitment(key, matching.padded(key, sorted(some), 100)) == root
    less = some - {next(iter(some))}
    assert matching.commitment(key, matching.padded(key, less, 100)) != root
    if other != key:
        assert matching.commitment(other, matching.padded(other, some, 100)) != root
        shared = {*matching.padded(key, some, 100)} & {*matching.padded(other, some, 100)}
        assert shared == some


def test_a_commitment_says_nothing_to_who_guesses_the_item() -> None:
    item = "phone:+66812345678"
    whole = matching.padded(bytes(32), [item], 100)
    guessed = {tlog.leaf_hash(item.encode()), tlog.root([tlog.leaf_hash(item.encode())])}
    assert matching.commitment(bytes(32), whole) not in guessed


def test_sizes_are_steps_and_end() -> None:
    assert [matching.size_for(n) for n in (0, 100, 101, 1_000, 1_001, 5_000)] == [
        *(100, 100, 1_000, 1_000, 5_000, 5_000)
    ]
    with pytest.raises(TooLarge, match="5,001"):
        matching.size_for(5_001)


# --- turns ----------------------------------------------------------------------------------------


def test_the_two_sides_speak_in_turn_and_the_answering_one_first() -> None:
    said = [matching.speaker(word) for word in range(1, matching.LAST + 1)]
    assert said[::2] == [Role.ANSWERING] * 3 and said[1::2] == [Role.ASKING] * 2


@given(st.integers(1, 5), st.integers(0, 3), st.integers(0, 3))
def test_both_sides_see_the_same_end(word: int, asking: int, answering: int) -> None:
    state = matching.after(word, asking, answering)
    assert state == matching.after(word, answering, asking)
    if word < 4:
        assert state is State.OPEN
    elif asking != answering:
        assert state is State.DIFFERS
    else:
        assert state is (State.OPEN if asking and word == 4 else State.DONE)


@pytest.mark.parametrize("size", matching.SIZES)
def test_a_request_says_the_kind_of_session_and_how_large_its_set_looks(size: int) -> None:
    assert matching.read_method(matching.method(size)) == size


@pytest.mark.parametrize(
    "text", [None, "", "ecdh-psi-raw-1, both ways, 101 elements", "ecdh-psi-raw-2, both ways, 100"]
)
def test_a_session_of_another_kind_is_refused(text: str | None) -> None:
    with pytest.raises(Malformed):
        matching.read_method(text)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 200))
def test_a_budget_is_never_passed(day: int, month: int, size: int) -> None:
    fits = day + size <= 100 and month + size <= 150
    try:
        matching.check_budget("hanoi", size, day, month, (100, 150))
    except NotPermitted as refused:
        assert refused.code == "budget" and not fits
    else:
        assert fits


def test_what_is_out_of_the_usual() -> None:
    assert matching.unusual(6, 6, 100, 6) is Alarm.MANY
    assert matching.unusual(4, 4, 100, 4) is None  # too few to say
    assert matching.unusual(100, 50, 100, 50) is None
    assert matching.unusual(100, 51, 100, 51) is Alarm.MANY
    assert matching.unusual(0, 0, 20_000, 1) is Alarm.SELDOM
    assert matching.unusual(0, 0, 20_000, 2) is None
    assert matching.unusual(0, 0, 19_999, 0) is None
