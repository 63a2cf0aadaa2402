"""A model as a file: weights of hashed n-grams in eight bits, and what turns sums into findings.

The file is one line `hueandcry model 2 <sha-256 of the rest>`, one line of JSON (the head), and
the weights as one zstd frame: for each of 2**bits buckets of runs, and as many of runs in a certain
language, the weights of `scam` and `advert`; for each of 2**narrow buckets those of every lure and
every method. A file whose digest differs, or whose sizes are not those that its head states, is
refused. Reading executes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from hueandcry.apps.detection.grams import Grams, grams, in_language
from hueandcry.apps.detection.language import LANGUAGES
from hueandcry.core.errors import Malformed

_MAGIC: Final = b"hueandcry model 2 "
MAX_FILE: Final = 16_000_000  #: bytes
_MOST_BITS: Final = 22
_SUREST: Final = 6.9  #: logit: nothing is surer than 999 in 1 000

#: Language → its number, which is part of the hash of its runs; 0 where it is not known.
_NUMBERS: Final = {code: n for n, code in enumerate(LANGUAGES, start=1)}

Floats = NDArray[np.float64]


class Thresholds(msgspec.Struct, frozen=True):
    """Likelihoods that part the findings: ordinary below `clear`, scam from `scam` on."""

    clear: float
    warn: float
    scam: float
    advert: float  #: logit of the second head from which a text reads like an advert


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model says of itself, and the few numbers that are no weights."""

    name: str
    version: str
    bits: int
    narrow: int
    scales: tuple[float, float]  #: what one step of a weight is worth: scam, advert
    intercepts: tuple[float, float]
    blend: tuple[float, float]  #: how scam and advert add up to the logit of the likelihood
    shifts: dict[str, float]  #: language → what is added to it; the rest gets that of `und`
    thresholds: dict[str, Thresholds]
    kinds: tuple[tuple[str, ...], tuple[str, ...]]  #: lures and methods, in order of their columns
    kind_scales: tuple[float, float]
    kind_intercepts: tuple[tuple[float, ...], tuple[float, ...]]
    card: dict[str, str]  #: how it was made: data, versions, seeds


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model says of each of several texts."""

    scam: Floats  #: logit of the first head
    advert: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """A model in memory: pure, and the same answer for the same text on every machine."""

    head: Head
    weights: NDArray[np.int8]  #: (2 * 2**bits, 2)
    kinds: NDArray[np.int8]  #: (2**narrow, lures + methods)

    @property
    def name(self) -> str:
        return f"{self.head.name} {self.head.version}"

    def score(self, texts: Sequence[str], languages: Sequence[str]) -> Scores:
        """Sums for each text as it was read; one text or many cost a few array operations."""
        found = grams(texts, self.head.bits)
        own = own_buckets(found, languages, self.head.bits)
        means = _means(self.weights, found, found.buckets) + _means(self.weights, found, own)
        scores = means * self.head.scales + self.head.intercepts
        return Scores(scores[:, 0], scores[:, 1])

    def kinds_of(self, folded: str) -> tuple[Floats, Floats]:
        """Logits of each lure and of each method, for a text that is taken for a scam."""
        found = grams([folded], self.head.bits)
        means = _means(self.kinds, found, found.buckets >> (self.head.bits - self.head.narrow))[0]
        lures, methods = np.split(means, [len(self.head.kinds[0])])
        return (
            lures * self.head.kind_scales[0] + self.head.kind_intercepts[0],
            methods * self.head.kind_scales[1] + self.head.kind_intercepts[1],
        )

    def likelihoods(self, scores: Scores, languages: Sequence[str]) -> Floats:
        """Calibrated likelihood, 0 to 1, that each is a scam, by the language of each."""
        shifts = self.head.shifts
        shift = np.array([shifts.get(code, shifts["und"]) for code in languages])
        logit = scores.scam * self.head.blend[0] + scores.advert * self.head.blend[1] + shift
        return np.asarray(1 / (1 + np.exp(-np.clip(logit, -_SUREST, _SUREST))))

    def thresholds(self, language: str) -> Thresholds:
        return self.head.thresholds.get(language) or self.head.thresholds["und"]


def language_number(code: str) -> int:
    """What stands for a language in the hash of its runs."""
    return _NUMBERS.get(code, 0)


def own_buckets(found: Grams, languages: Sequence[str], bits: int) -> NDArray[np.int64]:
    """For each bucket of `found` the one of the same run in the language of its text."""
    numbers = np.array([language_number(code) for code in languages])
    return in_language(found.buckets, np.repeat(numbers, found.counts), bits)


def _means(table: NDArray[np.int8], found: Grams, buckets: NDArray[np.int64]) -> Floats:
    """For each text the sum of the rows of its n buckets by √n."""
    sums = np.add.reduceat(table[buckets], found.starts, axis=0, dtype=np.int32)
    return np.asarray(sums / np.sqrt(found.counts)[:, None])


def write_model(model: Model, path: Path) -> None:
    """Writes the file; it appears whole or not at all."""
    weights = model.weights.tobytes() + model.kinds.tobytes()
    body = msgspec.json.encode(model.head) + b"\n" + zstandard.ZstdCompressor(19).compress(weights)
    line = _MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(line + body)
    unfinished.replace(path)


def read_model(data: bytes, what: str) -> Model:
    """The model in `data`; Malformed for anything but what `write_model` wrote."""
    line, _, body = data.partition(b"\n")
    if len(data) > MAX_FILE or not line.startswith(_MAGIC):
        raise _not_a_model(what, "it does not begin as models of this version do")
    if line[len(_MAGIC) :] != hashlib.sha256(body).hexdigest().encode():
        raise _not_a_model(what, "it was changed after it was made")
    start, _, frame = body.partition(b"\n")
    try:
        head = msgspec.json.decode(start, type=Head)
        wide, narrow = _sizes(head)
        weights = zstandard.ZstdDecompressor().decompress(frame, max_output_size=wide + narrow)
    except (msgspec.DecodeError, zstandard.ZstdError, ValueError) as fault:
        raise _not_a_model(what, str(fault)) from None
    if len(weights) != wide + narrow:
        raise _not_a_model(what, "it holds other weights than it states")
    numbers = np.frombuffer(weights, np.int8)
    return Model(head, numbers[:wide].reshape(-1, 2), numbers[wide:].reshape(1 << head.narrow, -1))


def _sizes(head: Head) -> tuple[int, int]:
    if not (8 <= head.narrow <= head.bits <= _MOST_BITS) or "und" not in head.thresholds:
        raise ValueError("its head states sizes that no model has")
    columns = sum(map(len, head.kinds))
    return 4 << head.bits, columns << head.narrow


def _not_a_model(what: str, why: str) -> Malformed:
    return Malformed(
        "bad_model",
        f"{what} is no model that can be used",
        why=why,
        do="Install this release again, or train again and remove that file",
    )
