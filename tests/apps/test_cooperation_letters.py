"""A request as a letter: what stands in it, under which article, on which basis. Pure."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as property_of
from hypothesis import settings
from hypothesis import strategies as st

import databases
from hueandcry.apps.cooperation import letter
from hueandcry.apps.cooperation.letter import Correspondent, Ground, Letter, Translated
from hueandcry.apps.cooperation.letter_words import words
from hueandcry.core.errors import Broken, NotFound
from hueandcry.core.law import LAW
from hueandcry.engine import sheets
from other_member import NOW
from requests_made import filled, form
from sheet_text import squeezed, words_of

HANOI = LAW.instruments["hanoi"]
#: Type → the paragraph of the Hanoi Convention that says what such a request contains.
CONTAINS = {code: "40(15)" for code, each in LAW.types.items() if each.article_40} | {
    "PRESERVE": "42(3)"
}
BANGKOK = Correspondent("Anti-Scam Centre", "TH", "ab" * 32)
VIENTIANE = Correspondent("Ministry of Justice", "LA", "", "Lane Xang Avenue")


def basis_of(type: str) -> str:
    """An instrument that serves the type without being the Convention."""
    return next(each.code for each in LAW.bases(type) if each.code != "hanoi")


def made(type: str, instrument: str = "", **more: Any) -> Letter:
    instrument = instrument or basis_of(type)
    articles = tuple(each.number for each in LAW.instruments[instrument].serves[type])
    return replace(
        Letter(
            request=UUID("01890000-0000-7000-8000-000000000001"),
            type=type,
            given=form(type, NOW),
            ground=Ground(instrument, "2026-09-21", "as the registry has it", articles),
            sender=BANGKOK,
            recipient=VIENTIANE,
            state="SENT",
            signers=("p-first", "p-second"),
            document="ef" * 32,
            entry=42,
            at=NOW,
        ),
        **more,
    )


def says(shown: Letter, language: str = "en") -> str:
    return words_of(letter.sheet(shown, language))


@cache
def standard(type: str, instrument: str = "") -> str:
    """The text of the letter of a type, as it was sent."""
    return says(made(type, instrument))


@pytest.mark.parametrize("type", list(LAW.types))
def test_every_type_has_a_letter_with_every_field_that_it_states(type: str) -> None:
    names = (*LAW.mandatory(type), *LAW.optional(type))
    shown = made(type, given={name: filled(name, NOW) for name in names})
    text = says(shown)
    for name in names:
        assert squeezed(LAW.fields[name].what)[1:] in text, name
    assert LAW.types[type].code in text
    assert squeezed(LAW.instruments[shown.ground.instrument].title) in text


@pytest.mark.parametrize("type", list(LAW.types))
def test_every_field_of_a_type_stands_in_exactly_one_section(type: str) -> None:
    placed = [name for _, fields in letter._sections(type) for name in fields]
    assert sorted(placed) == sorted((*LAW.mandatory(type), *LAW.optional(type)))


@pytest.mark.parametrize("type", CONTAINS)
def test_all_that_the_convention_names_stands_in_the_letter_whatever_the_basis(type: str) -> None:
    text = standard(type)
    for each in "abcdefg":
        assert f"Hanoi{CONTAINS[type]}({each})" in text
        assert squeezed(words("en").section[f"{CONTAINS[type]}({each})"]) in text
    for name in (*LAW.mandatory(type), *LAW.optional(type)):
        if any(a.number.startswith(CONTAINS[type]) for a in HANOI.fields.get(name, ())):
            assert squeezed(LAW.fields[name].what)[1:] in text, name


def test_a_field_is_labelled_with_the_article_of_the_basis_or_of_its_form() -> None:
    under = {each.code: standard("MLA_STORED", each.code) for each in LAW.bases("MLA_STORED")}
    for code, text in under.items():
        article = letter._cited(words("en"), made("MLA_STORED", code), "purpose")
        assert squeezed(article) in text
    assert len({letter._cited(words("en"), made("MLA_STORED", c), "purpose") for c in under}) > 1


@pytest.mark.parametrize("type", ["PRESERVE", "MLA_STORED", "FREEZE"])
def test_the_convention_is_called_a_form_and_no_basis_where_another_one_is(type: str) -> None:
    not_the_basis = squeezed("Hanoi is a form here, and not the basis of this request.")
    assert not_the_basis in standard(type)
    assert not_the_basis not in standard(type, "hanoi")
    basis = squeezed("made on the basis of: United Nations Convention")
    assert basis not in standard(type)
    assert basis in standard(type, "hanoi")


def test_a_basis_that_the_other_side_names_is_told_as_its_claim_with_what_our_registry_says() -> (
    None
):
    why = "the registry has it not in force on that day for LA"
    text = says(made("MLA_STORED", ground=Ground("hanoi", "2026-09-21", why, claimed=True)))
    assert squeezed("The asking side names as the basis: United Nations Convention") in text
    assert squeezed(why) in text
    assert squeezed("made on the basis of") not in text


def test_what_is_missing_is_named_and_a_draft_says_that_it_is_none() -> None:
    shown = made("MLA_STORED", state="DRAFT", signers=(), document="", entry=None)
    given = {name: each for name, each in shown.given.items() if name != "purpose"}
    text = says(replace(shown, given=given))
    assert squeezed("MISSING, and needed") in text
    assert squeezed("DRAFT. Nobody has signed it") in text
    assert squeezed("MISSING") not in standard("MLA_STORED")


def test_a_letter_for_paper_has_room_for_the_hand_and_one_of_a_signed_document_its_digest() -> None:
    by_hand = squeezed("Signed and sealed by hand")
    paper = says(made("MLA_STORED", state="REVIEW", document="", entry=7))
    assert by_hand in paper
    assert by_hand not in standard("MLA_STORED") and "ef" * 32 in standard("MLA_STORED")
    for text in (paper, standard("MLA_STORED")):
        assert "p-first" in text and letter.content(*_content(made("MLA_STORED"))) in text


def _content(shown: Letter) -> tuple[UUID, str, str, Any]:
    return shown.request, shown.type, shown.ground.instrument, shown.given


@pytest.mark.parametrize(
    ("type", "says_form"),
    [
        ("PRESERVE", "preservation request"),
        ("SUBSCRIBER_DIRECT", "voluntary disclosure request"),
        ("EMERGENCY", "emergency disclosure request"),
    ],
)
def test_the_three_model_forms_are_named_and_their_order_is_not_claimed(
    type: str, says_form: str
) -> None:
    text = standard(type)
    assert squeezed(f"Office on Drugs and Crime: {says_form}") in text
    assert squeezed("The order of the sections is that of this letter") in text
    assert squeezed("Office on Drugs and Crime") not in standard("MLA_STORED")


def _once(text: str) -> str:
    """Without the letters that a Thai cluster repeats: its glyphs stand for it twice."""
    return re.sub(r"(\S{2,4})\1", r"\1", text)


@pytest.mark.parametrize("language", sheets.LANGUAGES[1:])
def test_a_letter_in_a_language_has_all_its_letters(language: str) -> None:
    if not sheets.can_set(language):
        if databases.skips_fail(os.environ):
            pytest.fail(f"{sheets.FAMILIES[language]} is not installed")
        pytest.skip(f"{sheets.FAMILIES[language]} is not installed")
    for type in ("PRESERVE", "STOP_PAYMENT"):  # PDF/A is set only where no letter is a box
        assert b"pdfaid" in letter.sheet(made(type), language), type


@pytest.mark.parametrize("language", ["th", "vi", "id", "ms", "fil"])
@pytest.mark.parametrize("type", ["PRESERVE", "FREEZE"])
def test_a_translated_letter_has_every_fixed_word_in_its_language(language: str, type: str) -> None:
    told = words(language)
    if language == "th" and not sheets.can_set(language):
        pytest.skip("no Thai font on this machine")
    shown = made(type)
    text = _once(says(shown, language))
    fixed = [told.type[type], told.note, told.says["check_contact"], told.label["signers"]]
    fixed += [told.says["pseudonyms"], told.kind[LAW.instruments[shown.ground.instrument].kind]]
    fixed += [told.section[f"{CONTAINS[type]}({each})"] for each in "abcdefg"]
    for each in (*fixed, *(told.field[name] for name in LAW.mandatory(type))):
        assert _once(squeezed(each))[1:] in text, each


@pytest.mark.parametrize("language", sheets.LANGUAGES)
def test_every_language_has_a_word_for_every_type_field_member_and_basis(language: str) -> None:
    told, english = words(language), words("en")
    for part in ("label", "says", "section", "member", "kind", "type", "field"):
        assert getattr(told, part).keys() == getattr(english, part).keys(), part
        assert all(getattr(told, part).values())
    for name, each in english.says.items():
        holes = re.findall(r"{\w+}", each)
        assert sorted(re.findall(r"{\w+}", told.says[name])) == sorted(holes), name
    assert english.field.keys() == LAW.fields.keys() and english.type.keys() == LAW.types.keys()
    members = {m for each in LAW.fields.values() for m in (*each.members, *each.also)}
    assert members | {"from", "to"} == english.member.keys()
    assert bool(told.note) is (language != "en")


def test_the_same_letter_is_the_same_bytes() -> None:
    assert letter.sheet(made("RETURN"), "vi") == letter.sheet(made("RETURN"), "vi")


@settings(max_examples=5)
@property_of(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_no_text_of_a_request_is_markup(text: str) -> None:
    marked = f'{text} #read("/etc/passwd") $x$ *bold* @ref <label> \\ #panic()'
    shown = made("STATUS", given={**form("STATUS", NOW), "authority_name": marked})
    assert squeezed('#read("/etc/passwd")$x$*bold*@ref<label>\\#panic()') in says(shown)


def test_a_certified_translation_stands_behind_the_original_which_prevails() -> None:
    text = {"facts_summary": "Nạn nhân đã chuyển tiền."}
    by = Translated("vi", text, "Sworn translator 12", "p-officer", "2026-09-22")
    shown = says(made("MLA_STORED", translation=by))
    assert squeezed(text["facts_summary"]) in shown
    assert squeezed("Certified by p-officer on 2026-09-22") in shown
    assert squeezed("the original prevails") in shown
    assert squeezed(text["facts_summary"]) not in standard("MLA_STORED")


def test_a_language_without_words_or_without_a_font_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(NotFound) as none:
        letter.sheet(made("STATUS"), "fr")
    assert none.value.code == "language"
    monkeypatch.setattr(sheets, "families", lambda: frozenset({"Libertinus Serif"}))
    with pytest.raises(NotFound) as bare:
        letter.sheet(made("STATUS"), "th")
    assert bare.value.code == "font" and "Noto Sans Thai" in bare.value.do


def test_without_typst_the_error_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    letter.sheet(made("STATUS"))  # the fonts are known by now
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Broken) as caught:
        letter.sheet(made("STATUS"))
    assert caught.value.code == "typst"
