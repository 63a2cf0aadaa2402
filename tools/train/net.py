"""Trains the nets that `detection.net` serves, in numpy: the same seed gives the same weights.

Plain back-propagation of the log loss. Rows of the table of n-grams, which are met rarely, step by
Adagrad with one accumulator each; everything else by Adam. Steps shrink to a fiftieth at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from hueandcry.apps.detection.grams import grams
from hueandcry.apps.detection.net import Floats, Net

BATCH: Final = 1_024
_DENSE: Final = ("shape", "bias", "hidden", "hidden_bias", "out", "out_bias")
_LAST_STEP: Final = 0.02  #: of the first
_NEWTON_STEPS: Final = 25


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a net is and how long it is trained."""

    bits: int
    width: int
    units: int
    epochs: int
    step: float = 0.05
    drop: float = 0.0  #: share of the n-grams of a batch that are left out at random
    seed: int = 20261128


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts as rows of n-grams, the numbers beside them, labels and weights."""

    met: csr_matrix  #: (n, 2**bits) of ones
    numbers: Floats
    bad: Floats
    weights: Floats


def examples(
    texts: Sequence[str],
    numbers: Sequence[Sequence[float]],
    bad: Floats,
    weights: Floats,
    bits: int,
) -> Examples:
    """What a net is trained on; the two labels weigh the same in sum."""
    found = grams(texts, bits)
    ends = np.append(found.starts, len(found.buckets))
    ones = np.ones(len(found.buckets), np.float32)
    met = csr_matrix((ones, found.buckets, ends), shape=(len(texts), 1 << bits))
    even = weights * np.where(bad > 0, weights[bad == 0].sum() / weights[bad > 0].sum(), 1.0)
    return Examples(
        met, np.asarray(numbers, np.float32), bad, (even / even.mean()).astype(np.float32)
    )


def train(given: Examples, plan: Plan) -> Net:
    """A net with its table in int8, trained on `given`."""
    chance = np.random.default_rng(plan.seed)
    state = _State.new(given, plan, chance)
    rows = given.met.shape[0]
    for epoch in range(plan.epochs):
        order = chance.permutation(rows)
        for start in range(0, rows, BATCH):
            done = (epoch + start / rows) / plan.epochs
            step = plan.step * (1 - done * (1 - _LAST_STEP))
            state.learn(given, order[start : start + BATCH], step, plan.drop, chance)
    return state.net(plan.bits)


@dataclass(slots=True)
class _State:
    """Weights on their way, with what Adagrad and Adam remember."""

    table: Floats
    squares: Floats
    dense: dict[str, Floats]
    first: dict[str, Floats]
    second: dict[str, Floats]
    mean: Floats
    spread: Floats
    steps: int = 0

    @classmethod
    def new(cls, given: Examples, plan: Plan, chance: np.random.Generator) -> _State:
        count = given.numbers.shape[1]

        def drawn(*shape: int, by: float) -> Floats:
            return (chance.standard_normal(shape) * by).astype(np.float32)

        dense = {
            "shape": drawn(count, plan.width, by=0.1),
            "bias": np.zeros(plan.width, np.float32),
            "hidden": drawn(plan.width, plan.units, by=(2 / plan.width) ** 0.5),
            "hidden_bias": np.zeros(plan.units, np.float32),
            "out": drawn(plan.units, by=plan.units**-0.5),
            "out_bias": np.zeros(1, np.float32),
        }
        return cls(
            drawn(1 << plan.bits, plan.width, by=0.05),
            np.full(1 << plan.bits, 1e-6, np.float32),
            dense,
            {name: np.zeros_like(array) for name, array in dense.items()},
            {name: np.zeros_like(array) for name, array in dense.items()},
            given.numbers.mean(0),
            given.numbers.std(0) + np.float32(1e-3),
        )

    def learn(
        self,
        given: Examples,
        chosen: NDArray[np.int64],
        step: float,
        drop: float,
        chance: np.random.Generator,
    ) -> None:
        """One step down the gradient of the loss of the chosen rows."""
        rows = given.met[chosen]
        if drop:
            rows.data *= chance.random(len(rows.data), np.float32) >= drop
        met, used = _compact(rows)
        by = (1 / np.sqrt(np.maximum(1, np.asarray(rows.sum(1)).ravel()))).astype(np.float32)
        numbers = (given.numbers[chosen] - self.mean) / self.spread
        d = self.dense
        first = np.tanh((met @ self.table[used]) * by[:, None] + numbers @ d["shape"] + d["bias"])
        before = first @ d["hidden"] + d["hidden_bias"]
        second = np.maximum(before, 0)
        likely = 1 / (1 + np.exp(-(second @ d["out"] + d["out_bias"])))
        off = ((likely - given.bad[chosen]) * given.weights[chosen] / len(chosen)).astype(
            np.float32
        )
        off_second = np.outer(off, d["out"]) * (before > 0)
        off_first = (off_second @ d["hidden"].T) * (1 - first * first)
        slopes = {
            "shape": numbers.T @ off_first,
            "bias": off_first.sum(0),
            "hidden": first.T @ off_second,
            "hidden_bias": off_second.sum(0),
            "out": second.T @ off,
            "out_bias": off.sum(keepdims=True),
        }
        slope = met.T @ (off_first * by[:, None])
        self.squares[used] += (slope * slope).mean(1)
        self.table[used] -= step * slope / np.sqrt(self.squares[used])[:, None]
        self._adam(slopes, step * 0.04)

    def _adam(self, slopes: dict[str, Floats], step: float) -> None:
        self.steps += 1
        for name in _DENSE:
            first, second = self.first[name], self.second[name]
            first += 0.1 * (slopes[name] - first)
            second += 0.001 * (slopes[name] ** 2 - second)
            size = np.sqrt(second / (1 - 0.999**self.steps)) + 1e-8
            self.dense[name] -= step * (first / (1 - 0.9**self.steps)) / size

    def net(self, bits: int) -> Net:
        scale = (np.abs(self.table).max(0) / 127).astype(np.float32)
        table = np.rint(self.table / scale).astype(np.int8)
        return Net(bits, table, scale, self.mean, self.spread, **self.dense)


def _compact(rows: csr_matrix) -> tuple[csr_matrix, NDArray[np.int64]]:
    """The same rows over only those columns that occur, and which columns these are."""
    used, places = np.unique(rows.indices, return_inverse=True)
    return csr_matrix((rows.data, places, rows.indptr), shape=(rows.shape[0], len(used))), used


def fitted(logits: Floats, bad: Floats) -> tuple[float, float]:
    """Slope and offset that turn logits into likelihoods, both labels weighing the same (Platt)."""
    even = np.where(bad > 0, 0.5 / max(1, (bad > 0).sum()), 0.5 / max(1, (bad == 0).sum()))
    slope, offset = 1.0, 0.0
    for _ in range(_NEWTON_STEPS):
        likely = 1 / (1 + np.exp(-np.clip(slope * logits + offset, -30, 30)))
        off, bend = even * (likely - bad), even * likely * (1 - likely)
        curve = np.array(
            [[(bend * logits**2).sum(), (bend * logits).sum()], [(bend * logits).sum(), bend.sum()]]
        )
        step = np.linalg.solve(curve + 1e-9 * np.eye(2), [(off * logits).sum(), off.sum()])
        slope, offset = slope - float(step[0]), offset - float(step[1])
    return slope, offset
