"""A member's own model: what ships, moved by the member's labelled messages.

The new head is the logit that what ships gives, times one factor, plus weights learnt from the
member's rows; both add up to one table of the same form. It is judged on rows held back from
learning, in every language that they hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from hueandcry.apps.detection.fitting import Matrix, fit_beside, matrix, rarity, rounded
from hueandcry.apps.detection.folding import read
from hueandcry.apps.detection.grouping import near_copies
from hueandcry.apps.detection.language import languages_of
from hueandcry.apps.detection.model import Floats, Model
from hueandcry.core.errors import Malformed

LABELS: Final = ("scam", "advert", "ordinary")
LEAST: Final = 40  #: scams, and others, that there must be
MOST: Final = 200_000  #: rows
_HELD_BACK: Final = 0.25  #: share of groups of near copies that judge
_STRENGTH: Final = 10.0
_LOSS: Final = 0.01  #: of F1 that no language may lose

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message of a member, and what it is."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Rates:
    """How well warnings (scam or suspicious) match the label `scam`."""

    recall: float
    precision: float
    false_positives: float
    f1: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One language of the held-back rows, by what was in use and by the new model."""

    language: str
    scams: int
    others: int
    before: Rates
    after: Rates


@dataclass(frozen=True, slots=True)
class Adapted:
    """A new model and how it did; `better` if no language lost and all together gained."""

    model: Model
    comparisons: tuple[Comparison, ...]
    better: bool


def adapt(base: Model, examples: Sequence[Labelled]) -> Adapted:
    """`base` moved by `examples`; Malformed where these are too few to learn and to judge from."""
    texts = [read(example.text) for example in examples]
    truth = np.array([example.label == "scam" for example in examples], bool)
    held = _held_back(texts)
    for part in (truth[held], ~truth[held], truth[~held], ~truth[~held]):
        if part.sum() < LEAST / 4:
            raise Malformed(
                "too_few_messages",
                "There are too few messages to learn from and to judge by",
                why=f"at least {LEAST} scams and {LEAST} others are needed, not near copies",
                do="Gather more, and train again",
            )
    languages = [each.nearest for each in languages_of([example.text for example in examples])]
    rows = matrix(texts, languages, base.head.bits)
    logits = _logits(base, texts, languages)
    model = _moved(base, rows[~held], logits[~held], truth[~held])
    places = np.flatnonzero(held)
    judged = [(texts[place], languages[place]) for place in places]
    comparisons = tuple(_compare(base, model, judged, truth[held]))
    return Adapted(model, comparisons, _is_better(comparisons))


def _held_back(texts: Sequence[str]) -> Truth:
    """By a hash of the first of each group, so that the same rows are held back every time."""
    folded = [text.partition("\n")[0] for text in texts]
    firsts = [folded[number] for number in near_copies(folded)]
    shares = [hashlib.sha256(text.encode()).digest()[0] / 256 for text in firsts]
    return np.array(shares) < _HELD_BACK


def _logits(model: Model, texts: Sequence[str], languages: Sequence[str]) -> Floats:
    likelihoods = model.likelihoods(model.score(texts, languages), languages)
    return np.asarray(np.log(likelihoods / (1 - likelihoods)))


def _moved(base: Model, rows: Matrix, logits: Floats, truth: Truth) -> Model:
    factor, found = fit_beside(rows, logits, truth, rarity(rows), _STRENGTH)
    blend = [factor * part for part in base.head.blend]
    both = base.weights * base.head.scales * blend
    weights, step = rounded(both.sum(axis=1) + found.weights[:, 0])
    intercept = float(np.dot(base.head.intercepts, blend) + found.intercepts[0])
    head = msgspec.structs.replace(
        base.head,
        version=f"{base.head.version}+own",
        scales=(step, base.head.scales[1]),
        intercepts=(intercept, base.head.intercepts[1]),
        blend=(1.0, 0.0),
        shifts={code: factor * shift for code, shift in base.head.shifts.items()},
    )
    return Model(head, np.stack([weights, base.weights[:, 1]], axis=1), base.kinds)


def _compare(
    base: Model, model: Model, judged: Sequence[tuple[str, str]], truth: Truth
) -> list[Comparison]:
    before, after = (_warnings(each, judged) for each in (base, model))
    spoken = np.array([language for _, language in judged])
    found = []
    for language in sorted(set(spoken.tolist())):
        ours = spoken == language
        scams = int((truth & ours).sum())
        found.append(
            Comparison(
                language,
                scams,
                int(ours.sum()) - scams,
                _rates(before[ours], truth[ours]),
                _rates(after[ours], truth[ours]),
            )
        )
    return found


def _warnings(model: Model, judged: Sequence[tuple[str, str]]) -> Truth:
    texts, languages = zip(*judged, strict=True)
    likelihoods = model.likelihoods(model.score(texts, languages), languages)
    return likelihoods >= np.array([model.thresholds(language).warn for language in languages])


def _rates(warned: Truth, truth: Truth) -> Rates:
    hits, all_warned = int((warned & truth).sum()), int(warned.sum())
    scams, others = int(truth.sum()), int((~truth).sum())
    return Rates(
        hits / scams if scams else 1.0,
        hits / all_warned if all_warned else 1.0,
        (all_warned - hits) / others if others else 0.0,
        2 * hits / (scams + all_warned) if scams + all_warned else 1.0,
    )


def _is_better(comparisons: Sequence[Comparison]) -> bool:
    gains = [(each.after.f1 - each.before.f1, each.scams + each.others) for each in comparisons]
    return sum(gain * n for gain, n in gains) > 0 and all(gain >= -_LOSS for gain, _ in gains)
