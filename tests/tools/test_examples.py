"""The examples that the model learns from: whole, varied, and unfolded the same each time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from tools.train.examples import Examples, read_examples
from tools.train.rows import example_rows

from hueandcry.apps.detection.folding import fold
from hueandcry.apps.detection.language import LANGUAGES
from hueandcry.core.errors import Malformed
from hueandcry.core.taxonomy import LURES

EXAMPLES = {examples.language: examples for examples in read_examples()}


def test_there_are_examples_in_every_language() -> None:
    assert set(EXAMPLES) == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(EXAMPLES))
def test_every_lure_has_its_dozen_and_ordinary_messages_outnumber_any(language: str) -> None:
    templates = EXAMPLES[language].templates
    lures = Counter(each.lure for each in templates if each.label == "scam")
    assert set(lures) == set(LURES) and min(lures.values()) >= 12
    assert sum(each.label != "scam" for each in templates) >= 220


@pytest.mark.parametrize("language", sorted(EXAMPLES))
def test_no_example_is_written_twice(language: str) -> None:
    texts = Counter(fold(each.text) for each in EXAMPLES[language].templates)
    assert [text for text, n in texts.items() if n > 1] == []


@pytest.mark.parametrize("language", sorted(EXAMPLES))
def test_an_unfolded_example_has_no_slot_left(language: str) -> None:
    examples = EXAMPLES[language]
    for template in examples.templates:
        assert "{" not in template.unfold(examples.slots, Random(1))


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    _write(tmp_path, '{"label": "scam", "lure": "loan", "text": "pay {small} [now|today]"}')
    assert list(example_rows(3, tmp_path)) == list(example_rows(3, tmp_path))
    assert {row.fold for row in example_rows(3, tmp_path)} == {
        row.fold for row in example_rows(4, tmp_path)
    }


def _write(folder: Path, line: str) -> list[Examples]:
    (folder / "en.jsonl").write_text(line + "\n", "utf-8")
    (folder / "en.slots.json").write_text(json.dumps({"small": ["5", "10"]}), "utf-8")
    return list(read_examples(folder)) if line else []


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        '{"label": "scam"}',
        '{"label": "poem", "text": "a"}',
        '{"label": "scam", "lure": "poem", "text": "a"}',
        '{"label": "scam", "lure": "loan", "text": "pay {nothing}"}',
    ],
)
def test_a_line_that_is_no_example_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(Malformed) as refused:
        _write(tmp_path, line)
    assert "en.jsonl:1" in str(refused.value)
