"""A small net over short names: hashed n-grams and a row of numbers in, one logit out.

logit = w · relu(H · tanh(Σ E[gram] / √n + S · shape + b) + c) + d, with E in int8 and a scale for
each of its columns. Numpy only; a batch is a few array operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hueandcry.apps.detection.grams import grams
from hueandcry.apps.detection.weights import Array, Weights

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Net:
    """The weights of one net, ready to score."""

    bits: int  #: of the number of a bucket
    table: NDArray[np.int8]  #: (2**bits, width)
    scale: Floats  #: (width,)
    mean: Floats  #: (numbers,)
    spread: Floats
    shape: Floats  #: (numbers, width)
    bias: Floats
    hidden: Floats  #: (width, units)
    hidden_bias: Floats
    out: Floats  #: (units,)
    out_bias: Floats  #: (1,)

    @classmethod
    def of(cls, weights: Weights, part: str) -> Net:
        """The net whose arrays are named `PART.…` in a file of weights."""
        found: dict[str, Array] = {
            key.partition(".")[2]: array
            for key, array in weights.arrays.items()
            if key.startswith(f"{part}.")
        }
        return cls(bits=len(found["table"]).bit_length() - 1, **found)

    def arrays(self, part: str) -> dict[str, Array]:
        """What `of` reads back."""
        return {f"{part}.{name}": getattr(self, name) for name in self.__slots__ if name != "bits"}

    def logits(self, texts: Sequence[str], shapes: Sequence[Sequence[float]]) -> Floats:
        """One logit for each text with its numbers, above 0 where it looks bad."""
        found = grams(texts, self.bits)
        sums = np.add.reduceat(self.table[found.buckets], found.starts, axis=0, dtype=np.int32)
        met = sums * self.scale / np.sqrt(found.counts, dtype=np.float32)[:, None]
        numbers = (np.asarray(shapes, np.float32) - self.mean) / self.spread
        first = np.tanh(met + numbers @ self.shape + self.bias)
        second = np.maximum(first @ self.hidden + self.hidden_bias, 0)
        logits: Floats = second @ self.out + self.out_bias
        return logits
