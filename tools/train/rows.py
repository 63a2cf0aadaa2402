"""What the message model learns from: free sources and our own examples, as rows of one shape."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from hueandcry.apps.detection.folding import fold, read
from hueandcry.apps.detection.language import languages_of
from tools.corpus import FREE, Message, Part
from tools.train.examples import FOLDER, Examples, Template, read_examples

FOLDS: Final = 5
UNFOLDED: Final = 5  #: texts from one template
JOINED: Final = 2  #: more texts that hold it beside another of its label
_WEIGHT: Final = 0.5  #: of one template, whatever it unfolds to; one row of a source has 1


@dataclass(frozen=True, slots=True)
class Row:
    """One text to learn from."""

    text: str  #: as it is read; of an example, whose numbers and hosts are invented, only folded
    language: str
    taken_for: str  #: the language that detection tells, by which it is scored
    label: str  #: `scam`, `advert`, `ordinary`, or `unsolicited`: a scam or an advert
    lure: str
    method: str
    weight: float
    fold: int  #: near copies, and what one template unfolds to, have the same


def free_rows(messages: Iterable[Message]) -> Iterator[Row]:
    """The rows of free sources that are there to learn from, or to set thresholds by."""
    free = [each for each in messages if each.source in FREE and each.part is not Part.JUDGE]
    told = languages_of([message.text for message in free])
    for message, language in zip(free, told, strict=True):
        yield Row(
            read(message.text),
            message.language,
            language.nearest,
            _label(message),
            "",
            "",
            1.0,
            _fold(str(message.group)),
        )


def _label(message: Message) -> str:
    """`uci` and Filipino do not part scams from adverts; the others do."""
    if message.label == "spam":
        return "advert" if message.source in ("mendeley5971", "thai_sivakorn") else "unsolicited"
    return "scam" if message.label == "scam" else "ordinary"


def example_rows(seed: int, folder: Path = FOLDER) -> Iterator[Row]:
    """Every template unfolded, alone and beside another one of its language, label and fold."""
    for examples in read_examples(folder):
        chance = Random(f"{seed} {examples.language}")
        for template in examples.templates:
            texts = sorted(set(_unfolded(examples, template, chance)))
            for text, language in zip(texts, languages_of(texts), strict=True):
                yield Row(
                    fold(text),
                    examples.language,
                    language.nearest,
                    template.label,
                    template.lure,
                    template.method,
                    _WEIGHT / len(texts),
                    _fold(template.text),
                )


def _unfolded(examples: Examples, template: Template, chance: Random) -> Iterator[str]:
    for _ in range(UNFOLDED):
        yield template.unfold(examples.slots, chance)
    alike = [
        other
        for other in examples.templates
        if other.label == template.label
        and other.lure == template.lure
        and _fold(other.text) == _fold(template.text)
    ]
    for _ in range(JOINED):
        texts = [each.unfold(examples.slots, chance) for each in (template, chance.choice(alike))]
        yield " ".join(texts)


def _fold(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS
