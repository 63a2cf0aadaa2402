"""Translations of the public site: complete, compiled, and honest about who has read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation

from web_messages import WEB, Message, messages

TRANSLATED = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
_PLACEHOLDER = re.compile(r"%\(\w+\)s|</?\w+>")


def catalogue(language: str) -> Catalog:
    with path(language).open("rb") as file:
        return read_po(file, abort_invalid=True)


def path(language: str) -> Path:
    return WEB / "locale" / translation.to_locale(language) / "LC_MESSAGES" / "django.po"


def texts(language: str) -> dict[Message, str]:
    return {(m.context or "", str(m.id)): str(m.string) for m in catalogue(language) if m.id}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_of_the_site_is_translated_and_nothing_else(language: str) -> None:
    translated = texts(language)
    assert messages() - translated.keys() == set(), "not translated"
    assert translated.keys() - messages() == set(), "no longer used"
    assert [message for message, text in translated.items() if not text.strip()] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_placeholders_of_its_text(language: str) -> None:
    for (_, text), translated in texts(language).items():
        assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(translated)), text


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
