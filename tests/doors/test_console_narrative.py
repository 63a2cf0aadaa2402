"""A reporter's words in pieces: nothing is lost, and nothing that was found is left readable."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.reports.face import ValueView
from hueandcry.core.types import Kind, Signal
from hueandcry.doors.console import narrative

LETTERS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Nd"], exclude_characters=".:@"), max_size=60
)


def value(number: int, kind: Kind, text: str, span: tuple[int, int]) -> ValueView:
    return ValueView(
        number, Signal(kind, text), "story", span, 1.0, "", True, None, "unknown", "", 1
    )


def shown(pieces: list[narrative.Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def reasons(*spans: tuple[int, int]) -> dict[str, object]:
    return {"reasons": [{"code": "hurry", "params": {}, "spans": [list(s) for s in spans]}]}


@given(LETTERS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=6))
def test_words_in_which_nothing_was_found_come_out_as_they_went_in(
    text: str, spans: list[tuple[int, int]]
) -> None:
    told = reasons(*((min(s), min(max(s), len(text))) for s in spans))
    assert shown(narrative.pieces(text, (), told, whole=False)) == text


@given(LETTERS, st.text("0123456789", min_size=6, max_size=30), LETTERS)
def test_no_long_run_of_digits_is_left_readable(before: str, digits: str, after: str) -> None:
    text = f"{before}{digits}{after}"
    found = shown(narrative.pieces(text, (), {}, whole=False))
    assert not re.search(r"\d{3}", found)
    assert shown(narrative.pieces(text, (), {}, whole=True)) == text


def test_digits_of_other_scripts_are_masked_and_sums_of_money_are_not() -> None:
    text = "รหัส ๑๒๓๔๕๖ จำนวน 250000 บาท"
    start = text.index("250000")
    sums = {"amounts": [{"value": "250000", "currency": "THB", "span": [start, start + 6]}]}
    assert shown(narrative.pieces(text, (), sums, whole=False)) == "รหัส …๕๖ จำนวน 250000 บาท"


def test_a_value_is_one_piece_that_names_its_number_and_a_persons_is_masked() -> None:
    text = "Call 081-234-5678 or open https://evil.example/x now"
    phone = value(7, Kind.PHONE, "+66812345678", (5, 17))
    link = value(8, Kind.URL, "evil.example/x", (26, 48))
    pieces = narrative.pieces(text, (phone, link), reasons((0, 4), (20, 52)), whole=False)
    by_value = {piece.value: piece for piece in pieces if piece.value}
    assert by_value[7].masked and "8123456" not in by_value[7].text
    assert by_value[8].text == "hxxps://evil[.]example/x" and by_value[8].reason
    told = [piece.text for piece in pieces if piece.reason and not piece.value]
    assert told == ["Call", " open ", " now"]


def test_of_two_values_that_overlap_the_longer_one_is_shown() -> None:
    text = "t.me/helper_one"
    link = value(1, Kind.URL, "t.me/helper_one", (0, 15))
    handle = value(2, Kind.HANDLE, "telegram:helper_one", (5, 15))
    (piece,) = narrative.pieces(text, (handle, link), {}, whole=False)
    assert piece.value == 1


def test_answers_are_masked_without_anything_having_been_found_in_them() -> None:
    said = narrative.plain("Write to ann.lee@mail.example or 081 234 5678, see evil.example")
    assert said == "Write to …[at]… or …78, see evil[.]example"
