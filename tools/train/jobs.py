"""Trains the net over job adverts from the example adverts alone: `python -m tools.train jobs`.

EMSCAD states no licence in `data/README.md`, so nothing is learnt from it; it only judges.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import numpy as np

from hueandcry.apps.detection.folding import fold
from hueandcry.apps.detection.indicators import indicators
from hueandcry.apps.detection.job_words import places, plain
from hueandcry.apps.detection.jobs import numbers
from hueandcry.apps.detection.net import Floats, Net
from hueandcry.apps.detection.weights import pack
from tools.train.examples import read_examples
from tools.train.net import Plan, examples, fitted, train

FOLDER: Final = Path(__file__).with_name("jobs")
FILE: Final = (
    Path(__file__).resolve().parents[2] / "src/hueandcry/apps/detection/models/jobs.weights"
)
PLAN: Final = Plan(bits=14, width=8, units=8, epochs=6, drop=0.3)
JUDGED: Final = 4  #: one template in four judges

_UNFOLDED = 40  #: adverts made from each template
_SEED = 20261128


class Advert(NamedTuple):
    """One advert made from a template."""

    language: str
    template: int  #: its number in the file of its language
    bad: bool
    text: str


def adverts() -> list[Advert]:
    """Every template unfolded, by a seed: the same files give the same adverts."""
    chance = Random(_SEED)
    return [
        Advert(one.language, n, template.label == "scam", template.unfold(one.slots, chance))
        for one in read_examples(FOLDER)
        for n, template in enumerate(one.templates)
        for _ in range(_UNFOLDED)
    ]


def seen(text: str) -> tuple[str, list[float]]:
    """What the net is given of one advert."""
    spelt = plain(text)
    return fold(text), numbers(indicators(spelt), bool(places("pay_first", spelt)))


def trained(given: Sequence[Advert], plan: Plan = PLAN) -> Net:
    """A net that learnt from these adverts."""
    texts, rows = zip(*(seen(one.text) for one in given), strict=True)
    bad = np.array([one.bad for one in given], np.float32)
    return train(examples(texts, rows, bad, np.ones(len(given), np.float32), plan.bits), plan)


def logits(net: Net, texts: Sequence[str]) -> Floats:
    """What a net says of each text."""
    folded, rows = zip(*map(seen, texts), strict=True)
    return net.logits(folded, rows)


def make() -> None:
    """Trains, sets slope and offset on templates left out in turn, and writes the file."""
    learn = [one for one in adverts() if one.template % JUDGED]
    left_out = np.zeros(len(learn), np.float32)
    for fold_ in range(1, JUDGED):
        rest = [one for one in learn if one.template % JUDGED != fold_]
        places_ = [n for n, one in enumerate(learn) if one.template % JUDGED == fold_]
        left_out[places_] = logits(trained(rest), [learn[n].text for n in places_])
    slope, offset = fitted(left_out, np.array([one.bad for one in learn], np.float32))
    about = {
        "bounds": {"slope": round(slope, 4), "offset": round(offset, 4)},
        "learnt": {
            "adverts": len(learn),
            "templates": len({(o.language, o.template) for o in learn}),
        },
        "plan": asdict(PLAN),
        "versions": {"numpy": np.__version__},
    }
    FILE.write_bytes(pack("jobs", trained(learn).arrays("jobs"), about))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, {about['bounds']}", file=sys.stderr)
