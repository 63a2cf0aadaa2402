"""Places in a text: what is marked begins and ends where it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.syllables import head, may_part, widened

#: Letters, vowels and marks of the scripts that put no blanks, others with marks, flags, joiners.
SIGNS = st.text(
    st.one_of(
        st.characters(min_codepoint=0x0E01, max_codepoint=0x0EDF),
        st.characters(min_codepoint=0x1000, max_codepoint=0x109F),
        st.characters(min_codepoint=0x1780, max_codepoint=0x17F9),
        st.sampled_from("ab é\u0301\u200d\ufe0f\r\n👩🏽👧🇹🇭🇻🇳中文"),
    ),
    max_size=40,
)
PLACES = st.tuples(st.integers(0, 45), st.integers(0, 45))


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("โอนเงินด่วน", "อ", "โอ"),  # a vowel before its consonant
        ("น้ำใจ", "น", "น้ำ"),  # tone and vowel after it
        ("เงิน", "เ", "เงิ"),
        ("ເງິນດ່ວນ", "ເ", "ເງິ"),
        ("ខ្មែរ", "ខ", "ខ្មែ"),  # a consonant below another
        ("မြန်မာ", "မြ", "မြန်"),  # a consonant without its vowel ends a syllable
        ("ဗုဒ္ဓ", "ဗု", "ဗုဒ္ဓ"),
        ("cafe\u0301 noir", "cafe", "cafe\u0301"),
        ("a👩🏽\u200d👧b", "👩", "👩🏽\u200d👧"),
        ("🇹🇭🇻🇳", "🇹", "🇹🇭"),
        ("pay at once", "ay", "ay"),
    ],
)
def test_a_part_of_a_syllable_is_widened_to_all_of_it(text: str, part: str, whole: str) -> None:
    start = text.index(part)
    first, last = widened(text, (start, start + len(part)))
    assert text[first:last] == whole


@given(SIGNS, PLACES)
def test_a_span_is_widened_to_the_next_places_and_no_further(
    text: str, place: tuple[int, int]
) -> None:
    start, end = sorted(min(at, len(text)) for at in place)
    first, last = widened(text, (start, end))
    assert first <= start <= end <= last
    if start < end:
        assert may_part(text, first) and may_part(text, last)
        assert not any(may_part(text, at) for at in range(first + 1, start + 1))
        assert not any(may_part(text, at) for at in range(end, last))
    assert widened(text, (first, last)) == (first, last)


@given(SIGNS)
def test_no_mark_is_parted_from_its_letter(text: str) -> None:
    for at in range(1, len(text)):
        if text[at] in "\u0e31\u0e33\u0e48\u0eb1\u1031\u103b\u17b6\u17d2\u0301\ufe0f":
            assert text[at - 1].isspace() or not may_part(text, at)


@given(SIGNS, st.integers(0, 50))
def test_a_text_is_cut_where_it_can_be_read(text: str, most: int) -> None:
    begun = head(text, most)
    assert text.startswith(begun) and len(begun) <= most
    assert not any(may_part(text, at) for at in range(len(begun) + 1, min(most, len(text)) + 1))
