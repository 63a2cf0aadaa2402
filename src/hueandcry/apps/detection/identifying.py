"""How much a text in Latin letters is of each language, by py3langid, for many texts at once.

py3langid walks through a text octet by octet. What its automaton does at a place depends on the
last few octets alone, so that all places of all texts are walked to together. What it would say
itself is the oracle of the tests.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LOOKED_BACK: Final = 6  #: octets of the longest run that py3langid knows
_FEATURE_BITS: Final = 17

Floats = NDArray[np.float64]


class Identifier:
    """The tables of py3langid for some languages; loading them takes 0.9 s and 60 MB."""

    def __init__(self, languages: Sequence[str]) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        theirs = LanguageIdentifier.from_model_file(MODEL_FILE)
        theirs.set_languages(list(languages))
        self.codes: tuple[str, ...] = tuple(theirs.nb_classes)
        self._moves = np.asarray(theirs.tk_nextmove)
        self._rows = np.asarray(theirs.tk_row, np.int64) << 8
        self._features = np.asarray(theirs.tk_output, np.int64)
        self._weights = theirs.nb_ptc.astype(np.float32)
        self._common = theirs.nb_pc

    def shares(self, texts: Sequence[str]) -> Floats:
        """One row a text, one column for each of `codes`; each row adds up to one."""
        encoded = [_encoded(text) for text in texts]
        sizes = np.array([len(each) for each in encoded])
        scores = self._scores(encoded, sizes) / np.sqrt(np.maximum(sizes, 1))[:, None]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def _scores(self, encoded: Sequence[bytes], sizes: NDArray[np.int64]) -> Floats:
        features = self._features[self._states(encoded)]
        owners = np.repeat(np.arange(len(encoded)), sizes + _LOOKED_BACK)
        keys, counts = np.unique(
            (owners << _FEATURE_BITS | features)[features >= 0], return_counts=True
        )
        scores = np.zeros((len(encoded), len(self.codes)))
        if keys.size:
            rows = self._weights[keys & (1 << _FEATURE_BITS) - 1] * np.log1p(counts)[:, None]
            found, starts = np.unique(keys >> _FEATURE_BITS, return_index=True)
            scores[found] = np.add.reduceat(rows, starts, axis=0) + self._common
        return scores

    def _states(self, encoded: Sequence[bytes]) -> NDArray[np.int64]:
        """The state at each octet of the texts, with that of a few zeros after each of them."""
        zeros = bytes(_LOOKED_BACK)  # no run holds one: they lead back to the first state
        octets = np.frombuffer(zeros + b"".join(each + zeros for each in encoded), np.uint8)
        states = np.zeros(len(octets) - _LOOKED_BACK, np.int64)
        for step in range(1, _LOOKED_BACK + 1):
            states = self._moves[self._rows[states] + octets[step : step + len(states)]]
        return states


def _encoded(text: str) -> bytes:
    """As py3langid reads it: words in capitals are no other language."""
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")
