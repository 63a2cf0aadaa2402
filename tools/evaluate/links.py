"""How hosts and addresses are told from their spelling alone, on parts kept to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from hueandcry.apps.detection.face import Finding, assess_links
from hueandcry.apps.detection.hosts import Roof, read_host
from hueandcry.apps.detection.links import model
from hueandcry.apps.detection.net import Floats
from tools.evaluate.addresses import benchmark
from tools.evaluate.section import Section, percent, table
from tools.train.host_corpus import (
    Labelled,
    bad_hosts,
    benign_hosts,
    conflicts,
    honest_hosts,
    long_tail,
    part_of,
)
from tools.train.links import scored, seen

_ALLOWED: Final = (0.001, 0.01)
_SHORT: Final = ("tranco10k", "cisco_top20k", "bank-website")
_TAIL: Final = ("google-chrome-crux-1million", "tranco")
_TAIL_OF_EACH = 200_000
_BAD_KEPT = 3  #: one judged bad host in three is enough
_FLOOR_LEARNT = 60_000  #: hosts of each label that the floor is trained on
_BAD: Final = (Finding.SCAM, Finding.SUSPICIOUS)

Truth = NDArray[np.bool_]


def sections() -> Iterator[Section]:
    """Hosts at set shares of false positives, findings as they ship, and the URL benchmark."""
    bad = bad_hosts()
    benign = benign_hosts(bad)
    learnt = [one for one in (*bad, *benign) if not one.judge]
    labelled = _judged([*bad, *benign, *long_tail(bad, benign, _TAIL_OF_EACH), *honest_hosts()])
    logits = _host_logits(labelled)
    yield Section("Hosts: recall from the string alone", _recalls(labelled, learnt, logits))
    yield Section("Hosts: names below platforms, and others", _by_roof(labelled, logits))
    yield Section("Hosts: what ships, at its own thresholds", _findings(labelled))
    yield Section("Addresses: the URL benchmark", benchmark())


def _judged(labelled: Sequence[Labelled]) -> list[Labelled]:
    """The judging side, thinned where it is more than enough."""
    return [
        one
        for one in labelled
        if one.judge and not (one.bad and part_of(f"b.{one.host}", _BAD_KEPT))
    ]


def _host_logits(labelled: Sequence[Labelled]) -> Floats:
    """The net's logit of each; the least where it is not asked, as for a brand's own host."""
    rows = {one.host: row for one, row in seen(labelled)}
    asked = [host for host, row in rows.items() if not row.genuine]
    logits = scored(model().hosts, [rows[host] for host in asked])
    found = dict(zip(asked, logits.tolist(), strict=True))
    least = min(found.values())
    return np.array([found.get(one.host, least) for one in labelled], np.float32)


def _kinds(labelled: Sequence[Labelled]) -> dict[str, Truth]:
    """Bad hosts by source, and by whether they are later than all that was learnt."""
    found: dict[str, Truth] = {}
    for source in sorted({one.source for one in labelled if one.bad}):
        for late in (False, True):
            name = f"{source}, first seen later" if late else source
            chosen = [one.bad and one.source == source and one.late is late for one in labelled]
            if any(chosen):
                found[name] = np.array(chosen)
    return found


def _recalls(labelled: Sequence[Labelled], learnt: Sequence[Labelled], logits: Floats) -> str:
    """Recall by source where so many honest hosts lie above; the floor beside it."""
    sources = np.array([one.source for one in labelled])
    bad = np.array([one.bad for one in labelled])
    short, tail = np.isin(sources, _SHORT) & ~bad, np.isin(sources, _TAIL) & ~bad
    floor = _floor(labelled, learnt)
    judged = bad & np.array([not one.late for one in labelled])
    rows = []
    for name, chosen in {"all sources": judged, **_kinds(labelled)}.items():
        row: list[object] = [name, int(chosen.sum())]
        for scores, others in ((logits, short), (floor, short), (logits, tail)):
            ordered = np.sort(scores[others])[::-1]
            for allowed in _ALLOWED:
                threshold = ordered[int(allowed * len(ordered))]
                row.append(float((scores[chosen] > threshold).mean()))
        rows.append(row)
    columns = (
        *("bad hosts of", "n", "ours at 0.1 % of the short lists", "at 1 %"),
        *("floor at 0.1 %", "at 1 %", "ours at 0.1 % of the long tail", "at 1 %"),
    )
    return table(columns, rows)


def _by_roof(labelled: Sequence[Labelled], logits: Floats) -> str:
    """How many of each label lie above what so many honest hosts of the long tail lie above."""
    bad = np.array([one.bad for one in labelled])
    tenant = np.array([read_host(one.host).roof is Roof.TENANT for one in labelled])
    ordered = np.sort(logits[np.isin([one.source for one in labelled], _TAIL) & ~bad])[::-1]
    rows = []
    for name, kind in (("below a platform", tenant), ("others", ~tenant)):
        for label, chosen in (("bad", kind & bad), ("honest", kind & ~bad)):
            above = [
                int((logits[chosen] > ordered[int(allowed * len(ordered))]).sum())
                for allowed in _ALLOWED
            ]
            count = int(chosen.sum())
            rows.append([f"{label}, {name}", count, *(percent(each, count) for each in above)])
    return table(("hosts", "n", "above 0.1 % of the long tail", "above 1 %"), rows)


def _floor(labelled: Sequence[Labelled], learnt: Sequence[Labelled]) -> Floats:
    """Char 2–5 TF-IDF and logistic regression over whole hosts, on the same learning side."""
    bad = [one for one in learnt if one.bad]
    chosen = bad[:: max(1, len(bad) // _FLOOR_LEARNT)]
    chosen += [one for one in learnt if not one.bad]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    fitted = LogisticRegression(C=10, max_iter=200, class_weight="balanced")
    fitted.fit(vectors.fit_transform([one.host for one in chosen]), [one.bad for one in chosen])
    scores: Floats = fitted.decision_function(vectors.transform([one.host for one in labelled]))
    return scores


def _findings(labelled: Sequence[Labelled]) -> str:
    """What `hueandcry scan --as url` says of each: rules, brands and popular sites included."""
    found = list(assess_links(one.host for one in labelled))
    rows = []
    names = sorted({(one.bad, one.source) for one in labelled})
    for bad, source in names:
        told = [
            each.finding
            for one, each in zip(labelled, found, strict=True)
            if (one.bad, one.source) == (bad, source)
        ]
        rows.append(_counted(f"{'bad' if bad else 'honest'}: {source}", told))
    wronged = [each.finding for each in assess_links(sorted(conflicts()))]
    rows.append(_counted("honest: called bad by feeds", wronged))
    return table(("hosts", "n", *(finding.value for finding in Finding)), rows)


def _counted(name: str, told: Sequence[Finding]) -> list[object]:
    return [name, len(told), *(percent(told.count(finding), len(told)) for finding in Finding)]
