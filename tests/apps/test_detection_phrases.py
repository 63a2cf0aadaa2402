"""The tables of phrases: every pattern finds what it spells, in every language."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.apps.detection.folding import fold
from hueandcry.apps.detection.language import LANGUAGES
from hueandcry.apps.detection.phrases import find_phrases
from hueandcry.apps.detection.reasons import PHRASES

FOLDER = files("hueandcry.apps.detection") / "phrases"
TABLES = {
    code: json.loads((FOLDER / f"{code}.json").read_text("utf-8")) for code in sorted(LANGUAGES)
}
PATTERNS = [
    (language, code, pattern)
    for language, table in TABLES.items()
    for code, patterns in table.items()
    for pattern in patterns
]


def _spelt(pattern: str) -> str:
    """The first spelling of a pattern, with nothing in its gaps."""
    first = re.sub(r"\[([^\]|]*)[^\]]*\]", r"\1", pattern).replace("?", "").replace("…", " ")
    return first.replace("http", "http://a.example/b")


def test_every_language_has_phrases_for_every_code() -> None:
    assert {language: set(table) for language, table in TABLES.items()} == {
        language: set(PHRASES) for language in LANGUAGES
    }


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_pattern_finds_what_it_spells(language: str) -> None:
    lost = [
        (code, pattern)
        for spoken, code, pattern in PATTERNS
        if spoken == language
        and code not in {found.code for found in find_phrases(fold(_spelt(pattern)))}
    ]
    assert lost == []


def test_a_phrase_is_found_with_words_in_its_gap_and_not_with_a_page() -> None:
    near, far = "send us quickly the otp", f"send {'word ' * 30} otp"
    assert "asks_for_code" in {found.code for found in find_phrases(fold(near))}
    assert "asks_for_code" not in {found.code for found in find_phrases(fold(far))}


def test_latin_phrases_are_found_as_whole_words_only() -> None:
    assert find_phrases("unhurrying") == []


@given(st.text(max_size=300))
def test_places_of_phrases_lie_in_the_folded_text(text: str) -> None:
    folded = fold(text)
    for found in find_phrases(folded):
        assert found.code in PHRASES and 0 <= found.start < found.end <= len(folded)


@pytest.mark.parametrize("unit", ["send otp ", "transfer money now ", "转钱", "โอนเงิน", "hurry "])
def test_a_text_made_of_phrases_alone_gives_a_bounded_answer(unit: str) -> None:
    assert 1 <= len(find_phrases(fold(unit * 10_000))) <= 2_000
