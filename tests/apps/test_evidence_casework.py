"""The graph of a package in CASE 1.5, and its certificate: pure, and the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_made import PACKAGE, facts, history
from hueandcry.apps.evidence import casework, certificate
from hueandcry.apps.evidence.certificate_words import OF_COUNTRY, words
from hueandcry.apps.evidence.facts import PackageFacts
from hueandcry.core.custody import Action
from hueandcry.core.errors import Malformed
from hueandcry.core.packages import case_id
from hueandcry.engine import sheets

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    str.strip
)


def nodes(graph: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(graph)["@graph"]
    return found


def references(value: object) -> Iterator[str]:
    """Every `{"@id": …}` that says nothing else: a name of a node that stands elsewhere."""
    if isinstance(value, dict):
        if value.keys() == {"@id"}:
            yield value["@id"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@given(descriptions=st.lists(TEXT, min_size=1, max_size=4), reason=TEXT)
def test_every_node_of_a_graph_is_named_once_and_every_name_leads_to_one(
    descriptions: list[str], reason: str
) -> None:
    told = [history(n + 1, description) for n, description in enumerate(descriptions)]
    graph = casework.graph(facts(told, reason=reason), told)
    names = [node["@id"] for node in nodes(graph)]
    assert len(set(names)) == len(names)
    assert set(references(nodes(graph))) <= set(names)
    assert all(UUID(name[-36:]).version == 5 for name in names)
    assert graph == casework.graph(facts(told, reason=reason), told)


def test_each_event_is_an_action_that_was_informed_by_the_one_before() -> None:
    told = [history(1)]
    by_name = {node["@id"]: node for node in nodes(casework.graph(facts(told), told))}
    actions = [
        by_name[f"kb:investigative-action-{case_id(event.event)}"] for event in told[0].events
    ]
    assert [a["uco-core:name"] for a in actions] == ["acquired", "accessed", "transferred"]
    earlier = [a.get("case-investigation:wasInformedBy") for a in actions]
    assert earlier == [None, [{"@id": actions[0]["@id"]}], [{"@id": actions[1]["@id"]}]]


def test_facts_come_back_as_they_were_stored_and_nothing_else_is_taken_for_them() -> None:
    stored = facts([history(1), history(2)])
    assert PackageFacts.read(stored.encode()) == stored
    with pytest.raises(Malformed) as wrong:
        PackageFacts.read(stored.encode().replace(str(PACKAGE).encode(), b"someone"))
    assert wrong.value.code == "package_facts"


def test_a_certificate_is_the_same_bytes_each_time_in_english_and_in_the_recipients_language() -> (
    None
):
    told = [history(1)]
    sheets = certificate.certificates(facts(told, "vi"), told)
    assert list(sheets) == ["en", "vi"]
    assert all(sheet.startswith(b"%PDF-") for sheet in sheets.values())
    assert sheets == certificate.certificates(facts(told, "vi"), told)
    assert list(certificate.certificates(facts(told, "en"), told)) == ["en"]


@settings(max_examples=10)
@given(text=TEXT)
def test_no_text_of_an_exhibit_is_markup_on_the_certificate(text: str) -> None:
    marked = f'{text} #read("/etc/passwd") $x$ *bold* @ref <label> \\ #panic()'
    told = [history(1, marked)]
    assert certificate.certificates(facts(told, "en"), told)["en"].startswith(b"%PDF-")


def test_a_country_without_a_sheet_of_its_own_gets_the_english_one() -> None:
    assert certificate.language_of("VN") == "vi" and certificate.language_of("BN") == "ms"
    assert certificate.language_of("FR") == certificate.language_of("PH") == "en"
    assert set(OF_COUNTRY.values()) <= set(sheets.LANGUAGES)


def test_a_language_whose_letters_no_font_has_gets_the_english_sheet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets, "families", lambda: frozenset({"Libertinus Serif"}))
    assert certificate.language_of("TH") == "en"
    assert certificate.language_of("VN") == "vi"


@pytest.mark.parametrize("language", sheets.LANGUAGES)
def test_every_sheet_has_every_word_and_says_when_nobody_has_reviewed_it(language: str) -> None:
    told, english = words(language), words(sheets.ENGLISH)
    assert told.language == language
    assert told.labels.keys() == english.labels.keys() and told.actions.keys() == set(Action)
    for points in ("check_steps", "proved_points", "unproved_points"):
        assert len(getattr(told, points)) == len(getattr(english, points))
    texts = [each for each in asdict(told).values() if each != ""]
    assert all(texts) and all(told.labels.values()) and all(told.actions.values())
    assert "{person}" in told.person and bool(told.note) is (language != sheets.ENGLISH)
