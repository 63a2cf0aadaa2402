"""The message model that ships: two heads for scam and advert, two for lure and method.

What each row scores is found without having seen it (five folds), and only from that come the
blend of the heads, the calibration and the thresholds of each language. The heads that ship are
then fitted on all rows. The judging parts of every source are never read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from hueandcry.apps.detection.fitting import Linear, Matrix, fit, matrix, rarity, rounded
from hueandcry.apps.detection.language import LANGUAGES
from hueandcry.apps.detection.model import Floats, Head, Model, Thresholds
from tools.train.rows import FOLDS, Row

BITS: Final = 20
NARROW: Final = 16
STRENGTH: Final = 100.0  #: inverse of regularisation, for the two heads of findings
KIND_STRENGTH: Final = 40.0

#: Of an advert beside other rows that are no scams, where the heads are blended: to call an
#: advert suspicious is a lesser error than to call a friend's message so.
_ADVERT: Final = 0.3

#: Share of ordinary rows that may be warned of. The goals are 0.3 % of English chat and 1 % else;
#: English rows hold more bank notices and warnings than chat does, so that more of them may be.
_WARNED: Final = {"en": 0.005}
_WARNED_ELSEWHERE: Final = 0.01
_MOST_WARN: Final = 0.9  #: but for English, whose rows are many: nine in ten are enough to warn
_LEAST_ADVERTS: Final = 0.5  #: share of adverts, and of what may be one, that is told to be one
_CALLED: Final = 0.25  #: of those warned of
_MISSED: Final = 0.02  #: share of scams that may be called ordinary
_SHORTEST_CLEAR: Final = 0.05  #: below this likelihood a text is ordinary whatever was seen

Labels = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows as numbers."""

    rows: Sequence[Row]
    wide: Matrix
    narrow: Matrix
    weights: Floats
    labels: Labels
    folds: Labels
    languages: Labels

    def part(self, chosen: NDArray[np.bool_]) -> Prepared:
        places = np.flatnonzero(chosen)
        return Prepared(
            [self.rows[int(place)] for place in places],
            self.wide[places],
            self.narrow[places],
            self.weights[places],
            self.labels[places],
            self.folds[places],
            self.languages[places],
        )


def prepare(rows: Sequence[Row]) -> Prepared:
    texts = [row.text for row in rows]
    wide = matrix(texts, [row.taken_for for row in rows], BITS)
    narrow = wide[:, : 1 << BITS]
    places = narrow.indices >> (BITS - NARROW)
    narrow = type(wide)((narrow.data, places, narrow.indptr), (len(rows), 1 << NARROW))
    return Prepared(
        rows,
        wide,
        narrow,
        np.array([row.weight for row in rows]),
        np.array([row.label for row in rows]),
        np.array([row.fold for row in rows]),
        np.array([row.language for row in rows]),
    )


def train(rows: Sequence[Row], card: dict[str, str]) -> Model:
    """The whole run; the same rows give the same model."""
    prepared = prepare(rows)
    unseen = _unseen(prepared)
    blend, shifts, likelihoods = _calibrate(prepared, unseen)
    heads = _heads(prepared)
    scam, scam_step = rounded(heads[0].weights[:, 0])
    advert, advert_step = rounded(heads[1].weights[:, 0])
    kinds = [_kinds(prepared, [getattr(row, axis) for row in rows]) for axis in ("lure", "method")]
    steps = [rounded(found.weights) for _, found in kinds]
    head = Head(
        name="messages",
        version=card["version"],
        bits=BITS,
        narrow=NARROW,
        scales=(scam_step, advert_step),
        intercepts=(float(heads[0].intercepts[0]), float(heads[1].intercepts[0])),
        blend=blend,
        shifts=shifts,
        thresholds=_thresholds(prepared, likelihoods, unseen[:, 1]),
        kinds=(kinds[0][0], kinds[1][0]),
        kind_scales=(steps[0][1], steps[1][1]),
        kind_intercepts=(_floats(kinds[0][1]), _floats(kinds[1][1])),
        card=card | _versions() | _counts(rows),
    )
    return Model(head, np.stack([scam, advert], axis=1), np.concatenate([s[0] for s in steps], 1))


def _heads(prepared: Prepared) -> tuple[Linear, Linear]:
    """Scam against all else, without rows that may be either; and sent unasked against the rest."""
    rare = rarity(prepared.wide)
    sure = prepared.part(prepared.labels != "unsolicited")
    scam = fit(sure.wide, sure.labels == "scam", sure.weights, rare, STRENGTH)
    unasked = prepared.labels != "ordinary"
    return scam, fit(prepared.wide, unasked, prepared.weights, rare, STRENGTH)


def _unseen(prepared: Prepared) -> Floats:
    """The two scores of each row by heads that did not see its fold."""
    scores = np.zeros((len(prepared.rows), 2))
    for number in range(FOLDS):
        held = prepared.folds == number
        heads = _heads(prepared.part(~held))
        for column, head in enumerate(heads):
            scores[held, column] = head.score(prepared.wide[held])[:, 0]
    return scores


def _calibrate(
    prepared: Prepared, scores: Floats
) -> tuple[tuple[float, float], dict[str, float], Floats]:
    """Blend, what each language adds, and the likelihood of each row; classes weigh the same."""
    known = [code for code in LANGUAGES if (prepared.languages == code).any()]
    columns = np.stack([prepared.languages == code for code in known], axis=1).astype(float)
    inputs = np.hstack([scores, columns])
    sure = prepared.labels != "unsolicited"
    scam = prepared.labels == "scam"
    weights = np.where(prepared.labels == "advert", _ADVERT, 1.0) * prepared.weights
    for code in known:
        for is_scam in (True, False):
            chosen = sure & (prepared.languages == code) & (scam == is_scam)
            weights[chosen] *= 1_000 / weights[chosen].sum()
    found = LogisticRegression(C=1.0, max_iter=1_000).fit(inputs[sure], scam[sure], weights[sure])
    coefficients, common = found.coef_[0], float(found.intercept_[0])
    shifts = {code: float(coefficients[2 + n]) + common for n, code in enumerate(known)}
    shifts["und"] = float(np.mean(list(shifts.values())))
    blend = (float(coefficients[0]), float(coefficients[1]))
    logits = np.asarray(scores @ blend) + [
        shifts.get(code, shifts["und"]) for code in prepared.languages
    ]
    return blend, shifts, 1 / (1 + np.exp(-logits))


def _thresholds(prepared: Prepared, likelihoods: Floats, adverts: Floats) -> dict[str, Thresholds]:
    """For each language, from what its rows scored unseen; `und` takes the most careful ones."""
    found = {}
    for code in LANGUAGES:
        ours = prepared.languages == code
        if (ours & (prepared.labels == "scam")).any():
            share = _WARNED.get(code, _WARNED_ELSEWHERE)
            most = 1.0 if code in _WARNED else _MOST_WARN
            found[code] = _bounds(prepared, likelihoods, adverts, ours, share, most)
    found["und"] = Thresholds(
        clear=min(each.clear for each in found.values()),
        warn=max(each.warn for each in found.values()),
        scam=max(each.scam for each in found.values()),
        advert=max(each.advert for each in found.values()),
    )
    return found


def _bounds(
    prepared: Prepared,
    likelihoods: Floats,
    adverts: Floats,
    ours: NDArray[np.bool_],
    share: float,
    most: float,
) -> Thresholds:
    """Thresholds at which `share` of the ordinary rows among `ours` are warned of, up to `most`."""
    weights = prepared.weights
    ordinary, scam = ours & (prepared.labels == "ordinary"), ours & (prepared.labels == "scam")
    sent = ours & np.isin(prepared.labels, ("advert", "unsolicited"))
    warn = _quantile(likelihoods[ordinary], weights[ordinary], 1 - share)
    called = _quantile(likelihoods[ordinary], weights[ordinary], 1 - share * _CALLED)
    clear = _quantile(likelihoods[scam], weights[scam], _MISSED)
    return Thresholds(
        clear=min(max(clear, _SHORTEST_CLEAR), warn, most),
        warn=min(warn, most),
        scam=max(called, warn),
        advert=min(
            _quantile(adverts[ordinary], weights[ordinary], 1 - share),
            _quantile(adverts[sent], weights[sent], 1 - _LEAST_ADVERTS),
        ),
    )


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """The least value such that rows of `share` of the weight are not above it."""
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    place = min(int(np.searchsorted(summed, share * summed[-1])), len(order) - 1)
    return float(values[order[place]])


def _kinds(prepared: Prepared, codes: Sequence[str]) -> tuple[tuple[str, ...], Linear]:
    """One column for each lure, or method, learnt from the scams of which it is known."""
    told = np.array(
        [bool(code) and row.label == "scam" for code, row in zip(codes, prepared.rows, strict=True)]
    )
    part = prepared.part(told)
    labels = np.array([code for code, is_told in zip(codes, told, strict=True) if is_told])
    found = fit(part.narrow, labels, part.weights, rarity(part.narrow), KIND_STRENGTH)
    return tuple(sorted(set(labels.tolist()))), found


def _floats(head: Linear) -> tuple[float, ...]:
    return tuple(float(value) for value in head.intercepts)


def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("scikit-learn", "scipy", "numpy")}


def _counts(rows: Sequence[Row]) -> dict[str, str]:
    """Rows by language and label, as the model card shows them."""
    keys = sorted({(row.language, row.label) for row in rows})
    counted = {key: sum((row.language, row.label) == key for row in rows) for key in keys}
    return {f"rows {language} {label}": str(n) for (language, label), n in counted.items()}
