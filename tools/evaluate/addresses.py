"""How labelled addresses are told from their spelling: the floor, what ships, and what could be.

What is cross-validated here was fitted to this very benchmark and does not ship: it says how far
the spelling goes. What ships has never seen it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from hueandcry.apps.detection.face import Assessment, Finding, assess_links
from hueandcry.apps.detection.hosts import read_host
from hueandcry.apps.detection.links import Link, model, read_link
from hueandcry.apps.detection.lookalikes import likeness
from hueandcry.apps.detection.net import Floats
from hueandcry.apps.detection.paths import path_numbers, path_text
from hueandcry.apps.detection.shape import shape, spelling
from hueandcry.core.normal import registrable
from hueandcry.core.types import Kind, Signal
from tools.evaluate.section import percent, share, table
from tools.train.host_corpus import data_rows

_FOLDS = 5
_INNER_FOLDS = 4
_SEED = 20261128
_BAD = (Finding.SCAM, Finding.SUSPICIOUS)
_NOWHERE = Link(Signal(Kind.DOMAIN, "invalid"), read_host("invalid"), "/", (0, 0), ())

Truth = NDArray[np.bool_]


def benchmark() -> str:
    """Accuracy on labelled addresses, a site being on one side of a fold only."""
    rows = list(data_rows("url_benchmark.csv.gz"))
    urls = [row["url"] for row in rows]
    truth = np.array([row["status"] == "phishing" for row in rows])
    sites = np.array([_site(url) for url in urls])
    shipped = list(assess_links(urls))
    floor, trees = _cross_validated(urls, truth, sites, _numbers(urls, shipped))
    even = np.array([one.likelihood > 0.5 for one in shipped])
    flagged = np.array([one.finding in _BAD for one in shipped])
    told = {
        "floor: char 2–5 TF-IDF, cross-validated, does not ship": floor > 0,
        "trees over such scores and all that ships, cross-validated, do not ship": trees > 0,
        "what ships, likelihood above 0.5": even,
        "what ships, called scam or suspicious": flagged,
    }
    return table(
        ("what", "accuracy", "recall", "false positives"),
        [_accuracy(name, found, truth) for name, found in told.items()],
    )


def _cross_validated(
    urls: Sequence[str], truth: Truth, sites: NDArray[np.str_], numbers: Floats
) -> tuple[Floats, Floats]:
    """Scores of the floor, and of trees that see such scores beside our numbers."""
    floor, trees = np.zeros(len(urls), np.float32), np.zeros(len(urls), np.float32)
    views = _views(urls)
    for learn, held in StratifiedGroupKFold(_FOLDS).split(urls, truth, sites):
        scores = [_scores(view, truth, sites, learn, held) for view in views]
        floor[held] = scores[0][1]
        forest = HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=300, max_leaf_nodes=15, random_state=_SEED
        )
        unseen = [score for score, _ in scores]
        forest.fit(np.column_stack([numbers[learn], *unseen]), truth[learn])
        told = [score for _, score in scores]
        trees[held] = forest.decision_function(np.column_stack([numbers[held], *told]))
    return floor, trees


def _views(urls: Sequence[str]) -> list[list[str]]:
    """Whole addresses as they are written, then their hosts alone, then what follows these."""
    parts = [url.partition("://")[2].partition("/") for url in urls]
    return [list(urls), [host for host, _, _ in parts], [f"/{tail}" for _, _, tail in parts]]


def _scores(
    texts: Sequence[str],
    truth: Truth,
    sites: NDArray[np.str_],
    learn: NDArray[np.int64],
    held: NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """Scores of what is learnt from, by fits that have not seen a row's site, and of the rest."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    learnt = vectors.fit_transform([texts[n] for n in learn])
    line = LogisticRegression(C=10, max_iter=300)
    folds = StratifiedGroupKFold(_INNER_FOLDS)
    unseen: Floats = cross_val_predict(
        line, learnt, truth[learn], groups=sites[learn], cv=folds, method="decision_function"
    )
    line.fit(learnt, truth[learn])
    return unseen, line.decision_function(vectors.transform([texts[n] for n in held]))


def _numbers(urls: Sequence[str], shipped: Sequence[Assessment]) -> Floats:
    """What our rules and nets see of each address, and the likelihood that ships."""
    links = [link if isinstance(link := read_link(url), Link) else _NOWHERE for url in urls]
    likenesses = [likeness(link.host) for link in links]
    shapes = [shape(link.host, like) for link, like in zip(links, likenesses, strict=True)]
    tails = [path_numbers(link.tail) for link in links]
    of_hosts = model().hosts.logits([spelling(link.host) for link in links], shapes)
    of_paths = model().paths.logits([path_text(link.tail) for link in links], tails)
    rest = [
        (float(bool(link.notes)), one.likelihood, *(one.finding is each for each in Finding))
        for link, one in zip(links, shipped, strict=True)
    ]
    columns = (_counted(urls), shapes, tails, of_hosts, of_paths, rest)
    return np.column_stack(columns).astype(np.float32)


def _counted(urls: Sequence[str]) -> list[tuple[float, ...]]:
    """What the canonical form does not keep, and how often some signs stand in the address."""
    return [
        (
            float(url.startswith("https:")),
            float("://www." in url),
            float(url.endswith("/")),
            float(len(url)),
            *(float(url.count(sign)) for sign in "./-_=?&%@"),
            float(sum(map(str.isdigit, url))),
        )
        for url in urls
    ]


def _accuracy(name: str, told: Truth, truth: Truth) -> list[object]:
    hits, false = int((told & truth).sum()), int((told & ~truth).sum())
    return [
        name,
        float((told == truth).mean()),
        share(hits, int(truth.sum())),
        percent(false, int((~truth).sum())),
    ]


def _site(url: str) -> str:
    """The registrable domain of an address."""
    link = read_link(url)
    return registrable(link.host.name) or link.host.name if isinstance(link, Link) else url
