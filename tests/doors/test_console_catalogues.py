"""Translations of the console: complete, compiled, and honest about who has read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils import translation

from console_messages import CONSOLE, messages

TRANSLATED = ("th", "vi")
_PLACEHOLDER = re.compile(r"%\(\w+\)s|</?\w+>")


def path(language: str) -> Path:
    return CONSOLE / "locale" / language / "LC_MESSAGES" / "django.po"


def catalogue(language: str) -> Catalog:
    with path(language).open("rb") as file:
        return read_po(file, abort_invalid=True)


def texts(language: str) -> dict[tuple[str, str], str]:
    """(context, text) → translation; of several forms the only one of these languages."""
    found = {}
    for message in catalogue(language):
        if message.id:
            one = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string or ""
            found[message.context or "", one] = said if isinstance(said, str) else said[0]
    return found


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_console_is_translated_and_nothing_else(language: str) -> None:
    marked = {(context, one) for context, one, _ in messages()}
    translated = texts(language)
    assert marked - translated.keys() == set(), "not translated"
    assert translated.keys() - marked == set(), "no longer used"
    assert [message for message, text in translated.items() if not text.strip()] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_placeholders_of_its_text(language: str) -> None:
    several = {(context, one): many for context, one, many in messages() if many}
    for key, translated in texts(language).items():
        wanted = set(_PLACEHOLDER.findall(several.get(key) or key[1]))
        assert set(_PLACEHOLDER.findall(translated)) == wanted, key


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_says_who_has_reviewed_it(language: str) -> None:
    assert "Review status: " in path(language).read_text().partition("msgid")[0]
    assert [message.id for message in catalogue(language) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_the_one_that_is_read(language: str) -> None:
    assert path(language).with_suffix(".mo").exists(), "run `pip install -e .`, which compiles it"
    with translation.override(language):
        for (context, text), translated in texts(language).items():
            found = translation.pgettext(context, text) if context else translation.gettext(text)
            assert found == translated, "compiled from another version: run `pip install -e .`"
