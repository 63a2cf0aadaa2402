"""How job adverts are told: written ones kept to judge, and EMSCAD, which only judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from hueandcry.apps.detection.face import INDICATORS, Assessment, Finding, assess_jobs
from hueandcry.apps.detection.indicators import is_positive
from tools.evaluate.section import Section, percent, share, table
from tools.train.host_corpus import data_rows
from tools.train.jobs import JUDGED, adverts

_BAD: Final = (Finding.SCAM, Finding.SUSPICIOUS)
_FIELDS: Final = (
    *("title", "location", "salary_range", "company_profile"),
    *("description", "requirements", "benefits"),
)


def sections() -> Iterator[Section]:
    """Written adverts by language, EMSCAD, and how often each indicator is met in both."""
    yield Section("Job adverts: written ones, templates left out", _by_language())
    truth, found = _emscad()
    likely = [one.likelihood for one in found]
    area = roc_auc_score(truth, likely)
    words = (
        f"{len(found)} rows of EMSCAD, whose balance is not natural and whose frauds are of another"
        f" kind than the indicators are about. Area under the curve {area:.3f}.\n\n"
    )
    yield Section("Job adverts: EMSCAD", words + _findings(truth, found))
    yield Section("Job adverts: the sixteen indicators", _indicators(truth, found))


def _by_language() -> str:
    judged = {one.text: one for one in adverts() if one.template % JUDGED == 0}
    found = dict(zip(judged, assess_jobs(judged), strict=True))
    rows = []
    for language in sorted({one.language for one in judged.values()}):
        own = [one for one in judged.values() if one.language == language]
        bad = [found[one.text] for one in own if one.bad]
        honest = [found[one.text] for one in own if not one.bad]
        rows.append(
            [
                language,
                len({one.template for one in own}),
                share(sum(one.finding in _BAD for one in bad), len(bad)),
                share(sum(is_positive(one.indicators) for one in bad), len(bad)),
                percent(sum(one.finding in _BAD for one in honest), len(honest)),
                percent(sum(one.finding is Finding.UNKNOWN for one in honest), len(honest)),
            ]
        )
    columns = (
        *("language", "templates", "recall", "positive screens"),
        *("honest called bad", "honest left open"),
    )
    return table(columns, rows)


def _emscad() -> tuple[Sequence[bool], list[Assessment]]:
    rows = list(data_rows("job_ads_emscad_partial.csv.gz"))
    texts = ["\n".join(filter(None, (row[field] for field in _FIELDS))) for row in rows]
    return [row["fraudulent"] == "1" for row in rows], list(assess_jobs(texts))


def _findings(truth: Sequence[bool], found: Sequence[Assessment]) -> str:
    rows = []
    for bad in (True, False):
        told = [one.finding for one, is_bad in zip(found, truth, strict=True) if is_bad is bad]
        shares = (percent(told.count(finding), len(told)) for finding in Finding)
        rows.append(["fraud" if bad else "honest", len(told), *shares])
    return table(("adverts", "n", *(finding.value for finding in Finding)), rows)


def _indicators(truth: Sequence[bool], found: Sequence[Assessment]) -> str:
    """How often each is met: in written adverts that are bad or honest, and in EMSCAD."""
    judged = {one.text: one.bad for one in adverts() if one.template % JUDGED == 0}
    met = np.array([[each.met for each in one.indicators] for one in assess_jobs(judged)])
    bad, emscad_bad = np.array(list(judged.values())), np.array(truth)
    emscad = np.array([[each.met for each in one.indicators] for one in found])
    columns = (met[bad], met[~bad], emscad[emscad_bad], emscad[~emscad_bad])
    rows = [
        [code, *(percent(int(part[:, n].sum()), len(part)) for part in columns)]
        for n, code in enumerate(INDICATORS)
    ]
    return table(
        ("indicator", "written, bad", "written, honest", "EMSCAD fraud", "EMSCAD honest"), rows
    )
