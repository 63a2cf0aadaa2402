"""What follows the host in an address, as the net reads it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hueandcry.apps.detection.brands import INSIDE_FROM, brands
from hueandcry.apps.detection.lookalikes import baits
from hueandcry.apps.detection.within import Within

_READ: Final = 160  #: characters of a path and query that the net reads
_LONG: Final = 200
_CODED: Final = re.compile(r"[A-Za-z0-9_=-]{16,}")
_MAIL: Final = re.compile(r"[^/?&=]{1,64}(?:@|%40)[a-z0-9.-]+", re.I)
_SCRIPT: Final = re.compile(r"\.(?:php\d?|aspx?|cgi|exe|jsp)\b", re.I)
_PAGE: Final = re.compile(r"\.html?\b", re.I)
_FILE: Final = re.compile(r"\.(?:jpe?g|png|gif|pdf|css|js|xml|json|zip|mp4|svg)\b", re.I)


def path_text(tail: str) -> str:
    """The beginning of a canonical path with its query, in lower case."""
    return tail[:_READ].lower()


def path_numbers(tail: str) -> list[float]:
    """The shape of a canonical path with its query as numbers, each about 0 to 3."""
    path, _, query = tail.partition("?")
    lower = tail[:_LONG].lower()
    digits = sum(map(lower.count, "0123456789"))
    coded = _CODED.findall(tail[:_LONG])
    mixed = sum(any(c.isdigit() for c in run) and not run.isdigit() for run in coded)
    return [
        min(len(path), _LONG) / 50,
        min(len(query), _LONG) / 50,
        min(path.count("/"), 8) / 3,
        min(query.count("=") + query.count("&"), 8) / 3,
        digits / max(1, len(lower)),
        min(lower.count("-"), 8) / 3,
        min(lower.count("_"), 6) / 3,
        min(mixed, 3),
        float(bool(_MAIL.search(lower))),
        float(bool(_SCRIPT.search(path))),
        float(bool(_PAGE.search(path))),
        float(bool(_FILE.search(path))),
        float("//" in tail[1:] or "http" in lower),
        float("%" in lower),
        min(sum(1 for _ in _bait_or_brand().all(lower)), 4) / 2,
        float("wp-" in lower),
        float("~" in lower or "/." in lower),
    ]


@cache
def _bait_or_brand() -> Within:
    table = brands()
    words = {word for word in baits() if len(word) > 3}
    words |= {word for word in table.words if len(word) >= INSIDE_FROM}
    return Within.of(words)
