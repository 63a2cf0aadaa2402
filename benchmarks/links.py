"""What one link costs, and how many a processor judges in a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.table import Figure
from hueandcry.apps.detection.face import assess_link, assess_links

_SEED: Final = 20_261_128
_MANY: Final = 20_000
_ALONE: Final = 500
_WORDS: Final = (
    "secure bank shop kasikorn garden login news clinic paypal travel wallet school dental claim"
    " coffee update hotel verify music parts"
)
_ENDS: Final = "com co.th vn top xyz pages.dev github.io com.my org shop"


def made(count: int) -> list[str]:
    """Different links with words that honest and bad hosts hold, half of them with a path."""
    chance, words, ends = Random(_SEED), _WORDS.split(), _ENDS.split()

    def link(n: int) -> str:
        name = "-".join(chance.choice(words) for _ in range(chance.randint(1, 3)))
        path = f"/{chance.choice(words)}/{chance.randint(1, 9_999)}.html" if n % 2 else "/"
        return f"https://{name}{n}.{chance.choice(ends)}{path}"

    return [link(n) for n in range(count)]


def figures(folder: Path) -> Iterator[Figure]:
    """One link alone after the first, and links in batches, in CPU time of this process."""
    list(assess_links(made(100)))
    alone = made(_ALONE)
    began = time.process_time()
    for text in alone:
        assess_link(text)
    each = (time.process_time() - began) / _ALONE * 1_000
    yield Figure("one link judged", each, "ms", _ALONE, target=1, least=False)
    many = made(_MANY)
    began = time.process_time()
    judged = sum(1 for _ in assess_links(many))
    rate = judged / (time.process_time() - began)
    yield Figure("links judged in batches", rate, "/CPU-s", judged, target=10_000)
