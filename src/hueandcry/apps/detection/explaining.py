"""Which words weigh most: the weights of a model mapped back to the places that they came from."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from hueandcry.apps.detection.assessment import Span
from hueandcry.apps.detection.folding import Folded
from hueandcry.apps.detection.grams import in_language, placed
from hueandcry.apps.detection.model import Floats, Model, language_number

MOST_SPANS: Final = 6
_LEAST_SHARE: Final = 0.25  #: of the weight of the first word: below it a word is not named
_LOOKED_AT: Final = 1_500  #: signs of a long text that are explained

#: Words of spaced scripts; elsewhere up to eight signs, which a reader takes in at once.
_WORD = re.compile(
    r"[^\s\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff]+|[^\s\x00-\u0dff]{1,8}"
)


def weighty_words(model: Model, folded: Folded, language: str) -> tuple[Span, ...]:
    """The places of up to six words that speak most for a scam, in the order of the text."""
    text = folded.text[:_LOOKED_AT]
    if not text:
        return ()
    weight = _weights(model, text, language)
    sums = np.concatenate(([0.0], np.cumsum(weight)))
    words = [(sums[word.end()] - sums[word.start()], word.span()) for word in _WORD.finditer(text)]
    words = sorted((word for word in words if word[0] > 0), reverse=True)[:MOST_SPANS]
    kept = [place for value, place in words if value >= _LEAST_SHARE * words[0][0]]
    return _joined([folded.span(*place) for place in sorted(kept)])


def _weights(model: Model, text: str, language: str) -> Floats:
    """For each sign its share of the weights of all runs that it is in."""
    column = model.weights[:, 0]
    weight = np.zeros(len(text) + 2)  # an edge before, an edge after
    for size, buckets in placed(text, model.head.bits):
        own = in_language(buckets, language_number(language), model.head.bits)
        share = (column[buckets].astype(np.int64) + column[own]) / size
        for step in range(size):
            weight[step : step + len(share)] += share
    return weight[1:-1]


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Spans with nothing but a blank between them as one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= 1:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
