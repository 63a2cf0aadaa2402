"""The message assessor: what a text looks like, and why.

A trained model gives the likelihood; tables of phrases, what was found in the text and what this
node already claims give reasons that a person can check. It abstains where the likelihood lies in
between, the text is too short or its language is none of the ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from hueandcry.apps.detection.assessment import Assessment, Finding, Reason, Sort, Span
from hueandcry.apps.detection.explaining import weighty_words
from hueandcry.apps.detection.folding import MAX_READ, SHORT_LINK, Folded, fold_with_places, read
from hueandcry.apps.detection.language import Language, languages_of
from hueandcry.apps.detection.model import Floats, Model, Thresholds
from hueandcry.apps.detection.phrases import Phrase, find_phrases
from hueandcry.apps.detection.reasons import reason
from hueandcry.apps.detection.shelf import message_model
from hueandcry.apps.detection.writing import hidden_spans
from hueandcry.core.extract import Extraction, extract
from hueandcry.core.types import Kind, Signal, Verdict

#: Verdicts ("scam", "suspicious", "benign") by signal key, of what the asker already claims.
Known = Callable[[Sequence[Signal]], Mapping[bytes, str]]

LEAST_SIGNS: Final = 8  #: of a folded text; fewer say nothing
AT_ONCE: Final = 128  #: texts scored together
_SURE: Final = 0.97  #: likelihood of what a known scam is named in
_MOST_SPANS: Final = 3  #: places shown for one phrase
_TOLD: Final = 0.35  #: share of a lure or method from which it is named

_KNOWN_CODES: Final = {
    Verdict.SCAM.value: "known_scam",
    Verdict.SUSPICIOUS.value: "known_suspicious",
    Verdict.BENIGN.value: "known_benign",
}


def assess_message(text: str, market: str | None = None, known: Known | None = None) -> Assessment:
    """What one message looks like; never raises, whatever it holds."""
    return next(assess_messages([text], market, known))


def assess_messages(
    texts: Iterable[str],
    market: str | None = None,
    known: Known | None = None,
    model: Model | None = None,
) -> Iterator[Assessment]:
    """One assessment for each text, in order; `model` instead of the one that is in use."""
    waiting = iter(texts)
    model = model or message_model()
    while some := list(islice(waiting, AT_ONCE)):
        yield from _assess(some, market, known, model)


@dataclass(frozen=True, slots=True)
class _Scored:
    """One text with all that numbers say of it."""

    text: str
    folded: str
    language: Language
    likelihood: float
    finding: Finding
    why: str  #: code of the reason for abstaining; empty where there is none
    is_advert: bool


def _assess(
    texts: Sequence[str], market: str | None, known: Known | None, model: Model
) -> Iterator[Assessment]:
    for scored in _score(texts, model):
        found = extract(scored.text, market)
        finding, likelihood = scored.finding, scored.likelihood
        reasons: list[Reason] = []
        if known is not None and found.signals:
            reasons += _known_reasons(found, known)
        if any(each.code == "known_scam" for each in reasons):
            finding, likelihood = Finding.SCAM, max(likelihood, _SURE)
        hidden = hidden_spans(scored.text)
        if hidden or any(each.code == "known_suspicious" for each in reasons):
            warn = model.thresholds(scored.language.code).warn
            likelihood = max(likelihood, warn)
            finding = finding if finding is Finding.SCAM else Finding.SUSPICIOUS
        reasons += _reasons(scored, finding, found, hidden, model)
        told = finding in (Finding.SCAM, Finding.SUSPICIOUS)
        lure, method = _kinds(model, scored.folded) if told else ("", "")
        yield Assessment(
            Sort.MESSAGE,
            finding,
            round(likelihood, 4),
            scored.language.code,
            scored.language.confidence,
            scored.language.rivals,
            lure,
            method,
            tuple(reasons),
            found.signals,
            found.amounts,
            found.accounts,
            model=model.name,
        )


def _score(texts: Sequence[str], model: Model) -> Iterator[_Scored]:
    as_read = [read(text) for text in texts]
    folded = [each.partition("\n")[0] for each in as_read]
    languages = languages_of(texts)
    codes = [language.nearest for language in languages]
    scores = model.score(as_read, codes)
    likelihoods = model.likelihoods(scores, codes)
    for n, text in enumerate(texts):
        bounds = model.thresholds(codes[n])
        finding, why = _finding(folded[n], languages[n], float(likelihoods[n]), bounds)
        yield _Scored(
            text,
            folded[n],
            languages[n],
            float(likelihoods[n]),
            finding,
            why,
            bool(scores.advert[n] >= bounds.advert),
        )


def _finding(
    folded: str, language: Language, likelihood: float, bounds: Thresholds
) -> tuple[Finding, str]:
    if not any(sign.isalpha() for sign in folded):
        return Finding.UNKNOWN, "too_short" if folded else "nothing_to_read"
    if len(folded) < LEAST_SIGNS:
        return Finding.UNKNOWN, "too_short"
    if language.is_foreign:
        return Finding.UNKNOWN, "language_unknown"
    if likelihood >= bounds.scam:
        return Finding.SCAM, ""
    if likelihood >= bounds.warn:
        return Finding.SUSPICIOUS, ""
    if likelihood < bounds.clear:
        return Finding.ORDINARY, ""
    return Finding.UNKNOWN, "undecided"


def _kinds(model: Model, folded: str) -> tuple[str, str]:
    """The lure and the method that stand out, each empty where none does."""
    lure, method = map(_standing_out, model.kinds_of(folded), model.head.kinds)
    return lure, method


def _standing_out(logits: Floats, codes: Sequence[str]) -> str:
    odds = np.exp(logits - logits.max())
    best = int(odds.argmax())
    return codes[best] if odds[best] >= _TOLD * odds.sum() else ""


def _known_reasons(found: Extraction, known: Known) -> Iterator[Reason]:
    verdicts = known([each.signal for each in found.signals])
    for each in found.signals:
        code = _KNOWN_CODES.get(verdicts.get(each.signal.key, ""))
        if code:
            span = (each.start, each.end)
            yield reason(code, [span], kind=each.kind.value, value=each.value)


def _reasons(
    scored: _Scored, finding: Finding, found: Extraction, hidden: Sequence[Span], model: Model
) -> Iterator[Reason]:
    """Everything but what is known: how it was read, its words, phrases and form."""
    if scored.why:
        yield reason(scored.why)
    if len(scored.text) > MAX_READ:
        yield reason("text_cut", limit=MAX_READ)
    if finding is Finding.ORDINARY:
        yield reason("words_of_adverts" if scored.is_advert else "words_of_ordinary")
        return
    phrases = find_phrases(scored.folded)
    told = finding in (Finding.SCAM, Finding.SUSPICIOUS)
    if told or phrases or SHORT_LINK in scored.folded:
        places = fold_with_places(scored.text)
        if told:
            yield reason("words_of_scams", weighty_words(model, places, scored.language.nearest))
        yield from _phrase_reasons(phrases, places)
        yield from _link_reasons(places)
    if scored.is_advert and not told:
        yield reason("words_of_adverts")
    if hidden:
        yield reason("hidden_writing", hidden[:_MOST_SPANS])
    for code, kind in (("names_account", Kind.BANK_ACCOUNT), ("names_wallet", Kind.WALLET)):
        spans = [(each.start, each.end) for each in found.signals if each.kind is kind]
        if spans:
            yield reason(code, spans[:_MOST_SPANS])


def _phrase_reasons(phrases: Sequence[Phrase], folded: Folded) -> Iterator[Reason]:
    spans: dict[str, list[Span]] = {}
    for phrase in phrases:
        spans.setdefault(phrase.code, []).append(folded.span(phrase.start, phrase.end))
    for code, places in spans.items():
        yield reason(code, _apart(places)[:_MOST_SPANS])


def _link_reasons(folded: Folded) -> Iterator[Reason]:
    at = folded.text.find(SHORT_LINK)
    if at >= 0:
        yield reason("short_link", [folded.span(at, at + 1)])


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans that do not overlap, the longest of those that do."""
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: span[0] - span[1]):
        if all(end <= other[0] or start >= other[1] for other in kept):
            kept.append((start, end))
    return sorted(kept)
