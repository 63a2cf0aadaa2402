"""The job advert assessor: the sixteen indicators, each shown, and a trained score beside them.

A positive screen points to protection, never to blame.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final

from hueandcry.apps.detection.assessment import (
    Assessment,
    Finding,
    Indicator,
    Reason,
    Sort,
    Span,
)
from hueandcry.apps.detection.folding import fold
from hueandcry.apps.detection.indicators import INDICATORS, Weight, indicators, is_positive
from hueandcry.apps.detection.job_words import MAX_READ, places, plain
from hueandcry.apps.detection.language import language_of
from hueandcry.apps.detection.messages import Known
from hueandcry.apps.detection.net import Net
from hueandcry.apps.detection.reasons import MEANINGS, reason
from hueandcry.apps.detection.weights import shipped
from hueandcry.core.extract import Extraction, extract
from hueandcry.core.normal import lookups
from hueandcry.core.types import Kind, Verdict

BATCH: Final = 256

_SHORTEST: Final = 30  #: code points below which nothing is said of an advert
_CLEAR, _DOUBT, _FINE = 0.9, 0.7, 0.2  #: likelihoods that decide, see `_found`
#: Kinds that name who recruits; links and hosts are shared by honest adverts.
_CONTACTS: Final = frozenset({Kind.PHONE, Kind.HANDLE, Kind.EMAIL, Kind.WALLET, Kind.BANK_ACCOUNT})


@dataclass(frozen=True, slots=True)
class Model:
    """The net over adverts, and how its logits read as likelihoods."""

    name: str
    net: Net
    slope: float
    offset: float


@cache
def model() -> Model:
    """The shipped weights, read at first use."""
    weights = shipped("jobs.weights")
    bounds = weights.about["bounds"]
    return Model(weights.name, Net.of(weights, "jobs"), bounds["slope"], bounds["offset"])


def assess_job(text: str, market: str | None = None, known: Known | None = None) -> Assessment:
    """What one job advert looks like, with all sixteen indicators; never raises."""
    return next(assess_jobs((text,), market, known))


def assess_jobs(
    texts: Iterable[str], market: str | None = None, known: Known | None = None
) -> Iterator[Assessment]:
    """One assessment for each advert, in order; scored in batches."""
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        read = [_read(text, market, known) for text in batch]
        for advert, likely in zip(read, _likelihoods(read), strict=True):
            yield _assess(advert, likely)


def numbers(met: Sequence[Indicator], pay_first: bool) -> list[float]:
    """What the net sees beside the words: each indicator, and whether money is asked for."""
    return [*(float(one.met) for one in met), float(pay_first)]


@dataclass(frozen=True, slots=True)
class _Advert:
    text: str
    found: Extraction
    met: tuple[Indicator, ...]
    pay_first: tuple[Span, ...]
    verdicts: tuple[tuple[str, str, Span], ...]  #: value, verdict and place of what is known

    @property
    def doubted(self) -> bool:
        """Whether something that it names has been reported."""
        return any(verdict == Verdict.SUSPICIOUS for _, verdict, _ in self.verdicts)


def _read(text: str, market: str | None, known: Known | None) -> _Advert:
    spelt = plain(text)
    found = extract(text[:MAX_READ], market)
    verdicts = _verdicts(found, known)
    contacts = {one.value for one in found.signals if one.kind in _CONTACTS}
    reused = tuple(
        span for value, verdict, span in verdicts if value in contacts and verdict != Verdict.BENIGN
    )
    return _Advert(text, found, indicators(spelt, reused), places("pay_first", spelt), verdicts)


def _verdicts(found: Extraction, known: Known | None) -> tuple[tuple[str, str, Span], ...]:
    """What the asker already claims of what the advert names, parents of hosts included."""
    if known is None or not found.signals:
        return ()
    asked = {one: lookups(one.signal) for one in found.signals}
    claims = known([signal for signals in asked.values() for signal in signals])
    return tuple(
        (one.value, claims[signal.key], (one.start, one.end))
        for one, signals in asked.items()
        for signal in signals
        if signal.key in claims
    )


def _likelihoods(read: Sequence[_Advert]) -> list[float]:
    trained = model()
    logits = trained.net.logits(
        [fold(advert.text) for advert in read],
        [numbers(advert.met, bool(advert.pay_first)) for advert in read],
    )
    return [_likelihood(trained, logit) for logit in logits.tolist()]


def _likelihood(trained: Model, logit: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, trained.slope * logit + trained.offset))))


def _assess(advert: _Advert, likely: float) -> Assessment:
    language = language_of(advert.text)
    short = len(advert.text.strip()) < _SHORTEST
    positive = is_positive(advert.met)
    finding = Finding.UNKNOWN if short else _found(advert, likely, positive)
    return Assessment(
        Sort.JOB_ADVERT,
        finding,
        likely,
        language.code,
        language.confidence,
        language.rivals,
        lure="job" if finding in (Finding.SCAM, Finding.SUSPICIOUS) else "",
        reasons=tuple(_reasons(advert, likely, positive, short)),
        signals=advert.found.signals,
        amounts=advert.found.amounts,
        accounts=advert.found.accounts,
        indicators=advert.met,
        model=model().name,
    )


def _found(advert: _Advert, likely: float, positive: bool) -> Finding:
    """What is known first; then the screen and the score, each of which can raise a doubt alone."""
    if any(verdict == Verdict.SCAM for _, verdict, _ in advert.verdicts):
        return Finding.SCAM
    if likely >= _CLEAR and (positive or advert.pay_first):
        return Finding.SCAM
    if positive or likely >= _DOUBT or advert.doubted or advert.pay_first:
        return Finding.SUSPICIOUS
    met = {one.code for one in advert.met if one.met}
    few = sum(INDICATORS[code] is not Weight.WEAK for code in met) < 2
    fine = likely <= _FINE and few and "nameless_employer" not in met
    return Finding.ORDINARY if fine else Finding.UNKNOWN


def _reasons(advert: _Advert, likely: float, positive: bool, short: bool) -> Iterator[Reason]:
    if short:
        yield reason("too_short" if advert.text.strip() else "nothing_to_read")
        return
    if positive:
        met = [one for one in advert.met if one.met]
        spans = sorted({span for one in met for span in one.spans})
        yield reason("signs_of_trafficking", spans, met=len(met), of=len(advert.met))
    if advert.pay_first:
        yield reason("pay_first", advert.pay_first)
    for value, verdict, span in advert.verdicts:
        if (code := f"known_{verdict}") in MEANINGS:
            yield reason(code, [span], value=value)
    if likely >= _DOUBT:
        yield reason("advert_like_scams")
    elif likely <= _FINE:
        yield reason("advert_like_honest")
    elif not positive:
        yield reason("undecided")
    if len(advert.text) > MAX_READ:
        yield reason("text_cut", limit=MAX_READ)
