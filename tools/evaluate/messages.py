"""How the message model does on messages that it has never seen, by source and language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from hueandcry.apps.detection import face as detection
from hueandcry.apps.detection.fitting import Matrix, fit, matrix, rarity
from hueandcry.apps.detection.folding import read
from hueandcry.apps.detection.language import languages_of
from hueandcry.apps.detection.messages import assess_messages
from hueandcry.apps.detection.model import Floats, Model
from hueandcry.apps.detection.shelf import MESSAGES, shipped
from tools.corpus import FREE, Message, Part, read_messages
from tools.evaluate.section import Section, percent, share, table
from tools.train.message_model import BITS, STRENGTH

#: Source and language → which label must be found, and which one must not be.
SETS: Final = (
    ("uci", "en", "spam", "ham"),
    ("mendeley5971", "en", "scam", "ham"),
    ("mendeley5971", "en", "scam", "ham, spam"),
    ("nus_sms", "en", "", "ham"),
    ("exais", "en", "spam", "ham"),
    ("spamhunter", "en", "spam", ""),
    ("thai_sivakorn", "th", "scam", "ham"),
    ("thai_sivakorn", "th", "scam", "ham, spam"),
    ("vi_ie403", "vi", "scam", "ham"),
    ("id_v1", "id", "scam", "ham"),
    ("id_v1", "id", "scam", "ham, spam"),
    ("spamhunter", "id", "spam", ""),
    ("fil_data103", "fil", "spam", "ham"),
    ("zh_telecom5", "zh", "scam", "ham"),
)
_FOLDS: Final = 5
_WARNED: Final = {"en": 0.003}  #: false positives at which recalls are compared
_WARNED_ELSEWHERE: Final = 0.01

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Set:
    """The messages of one source and language, those of two labels or three."""

    source: str
    language: str
    wanted: str
    others: str
    messages: list[Message]

    @property
    def name(self) -> str:
        against = f" against {self.others}" if self.others else ""
        return f"{self.language} · {self.source} · {self.wanted or 'none'}{against}"

    @property
    def truth(self) -> Truth:
        return np.array([message.label == self.wanted for message in self.messages], bool)

    def of(self, part: Part) -> Set:
        kept = [message for message in self.messages if message.part is part]
        return Set(self.source, self.language, self.wanted, self.others, kept)

    @property
    def allowed(self) -> float:
        return _WARNED.get(self.language, _WARNED_ELSEWHERE)


def sets(messages: Sequence[Message]) -> Iterator[Set]:
    for source, language, wanted, others in SETS:
        labels = {wanted, *others.split(", ")} - {""}
        kept = [
            message
            for message in messages
            if (message.source, message.language) == (source, language) and message.label in labels
        ]
        yield Set(source, language, wanted, others, kept)


def sections(part: Part = Part.JUDGE) -> Iterator[Section]:
    """What ships at its own thresholds; then beside the floors and beside what cannot ship."""
    messages = read_messages()
    model = shipped(MESSAGES)
    yield Section("Messages: what ships, at its own thresholds", _at_thresholds(messages, part))
    yield Section("Messages: beside the floors", _beside(messages, part, model))


def _at_thresholds(messages: Sequence[Message], part: Part) -> str:
    rows = []
    for judged in (each.of(part) for each in sets(messages)):
        raised = np.array(list(_raised(judged)), bool)
        truth = judged.truth
        hits, false = int((raised & truth).sum()), int((raised & ~truth).sum())
        positives, negatives = int(truth.sum()), int((~truth).sum())
        both = positives + hits + false
        rows.append(
            (
                judged.name,
                positives,
                negatives,
                share(hits, positives),
                share(hits, hits + false) if negatives and positives else "–",
                percent(false, negatives),
                share(2 * hits, both) if negatives and positives else "–",
            )
        )
    columns = ("set", "to find", "not to", "recall", "precision", "false positives", "F1")
    return table(columns, rows)


def _raised(judged: Set) -> Iterator[bool]:
    """Whether each is called scam or suspicious; where the label is `spam`, or an advert."""
    adverts = judged.wanted == "spam"
    for found in assess_messages([message.text for message in judged.messages]):
        told = found.finding in (detection.Finding.SCAM, detection.Finding.SUSPICIOUS)
        advert = any(reason.code == "words_of_adverts" for reason in found.reasons)
        yield told or (adverts and advert)


def _beside(messages: Sequence[Message], part: Part, model: Model) -> str:
    """Recall at the same share of false positives, for three models; for ours by two scores."""
    unshippable = _trained_on_all(messages)
    rows = []
    for whole in sets(messages):
        judged = whole.of(part)
        truth = judged.truth
        if truth.all() or not truth.any():
            continue
        floor = _floor(whole)[[message.part is part for message in whole.messages]]
        likelihoods, heads = _ours(model, judged)
        all_of_it = unshippable(judged)
        row: list[object] = [judged.name, percent(1, round(1 / judged.allowed))]
        for scores in (floor, likelihoods, heads, all_of_it):
            row += [recall_at(truth, scores, judged.allowed), float(roc_auc_score(truth, scores))]
        rows.append(row)
    columns = (
        *("set", "at false positives"),
        *("floor: recall", "AUC", "ours by likelihood: recall", "AUC"),
        *("ours by heads: recall", "AUC", "of all data, by heads: recall", "AUC"),
    )
    return table(columns, rows)


def _ours(model: Model, judged: Set) -> tuple[Floats, Floats]:
    """By the likelihood that is shown, but for `spam`; and by the heads that were asked."""
    texts = [message.text for message in judged.messages]
    languages = _nearest(texts)
    scores = model.score([read(text) for text in texts], languages)
    heads = _answer(judged, scores.scam, scores.advert)
    return heads if judged.wanted == "spam" else model.likelihoods(scores, languages), heads


def _answer(judged: Set, scam: Floats, unasked: Floats) -> Floats:
    """By the question: sent unasked or not; scam or ordinary, without adverts; scam or all else."""
    if judged.wanted == "spam":
        return unasked
    return scam + unasked if judged.others == "ham" else scam


def recall_at(truth: Truth, scores: Floats, allowed: float) -> float:
    """Recall where at most that share of the others is above the threshold."""
    others = np.sort(scores[~truth])[::-1]
    threshold = others[min(int(allowed * len(others)), len(others) - 1)]
    return float((scores[truth] > threshold).mean())


def _floor(whole: Set) -> Floats:
    """Char 2–5 TF-IDF and logistic regression, untuned; each row by what saw four other fifths."""
    texts = np.array([message.text for message in whole.messages], object)
    groups = np.array([message.group for message in whole.messages])
    truth, scores = whole.truth, np.zeros(len(texts))
    for seen, held in StratifiedGroupKFold(_FOLDS).split(texts, truth, groups):
        vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
        learnt = LogisticRegression(C=10, max_iter=200)
        learnt.fit(vectors.fit_transform(texts[seen]), truth[seen])
        scores[held] = learnt.decision_function(vectors.transform(texts[held]))
    return scores


def _trained_on_all(messages: Sequence[Message]) -> Any:
    """A model of our form, learnt from all sources but their judging parts: it cannot ship."""
    learnt = [message for message in messages if message.part is not Part.JUDGE]
    rows = _matrix(learnt)
    rare, even = rarity(rows), np.ones(len(learnt))
    labels = np.array([message.label for message in learnt])
    sure = ~((labels == "spam") & np.array([_mixed(message) for message in learnt]))
    scam = fit(rows[sure], labels[sure] == "scam", even[sure], rare, STRENGTH)
    unasked = fit(rows, labels != "ham", even, rare, STRENGTH)

    def score(judged: Set) -> Floats:
        rows = _matrix(judged.messages)
        return _answer(judged, scam.score(rows)[:, 0], unasked.score(rows)[:, 0])

    return score


def _matrix(messages: Sequence[Message]) -> Matrix:
    texts = [message.text for message in messages]
    return matrix([read(text) for text in texts], _nearest(texts), BITS)


def _nearest(texts: Sequence[str]) -> list[str]:
    return [language.nearest for language in languages_of(texts)]


def _mixed(message: Message) -> bool:
    """Whether `spam` of this source may be a scam or an advert."""
    return message.source not in ("mendeley5971", "thai_sivakorn", "id_v1")


def free() -> str:
    """The sources that may be learnt from, for the text around the tables."""
    return ", ".join(sorted(FREE))
