"""The shape of a host as numbers: lengths, digits, hyphens, how mixed it is, whom it is like.

All that a reader could count; the words themselves are left to the n-grams.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Final

from hueandcry.apps.detection.hosts import Host, Roof
from hueandcry.apps.detection.lookalikes import Likeness, Way, baits
from hueandcry.apps.detection.within import Within
from hueandcry.core.normal.hosts import MAX_NAME

_WORDS: Final = re.compile(r"[a-z]+")
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,}")
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))
_LONG: Final = 60  #: signs of a host beyond which longer makes no difference
_ROOFS: Final = {Roof.TENANT: "~", Roof.MACHINE: "#"}  #: instead of the suffix that others gave
_BAIT_FROM: Final = 4  #: signs of a bait that is looked for inside longer words

#: n × log₂ n for as many signs as a host can have.
_BITS: Final = [0.0, *(n * math.log2(n) for n in range(1, MAX_NAME + 1))]

#: What each number says, in the order of `shape`.
NAMES: Final = (
    *("length", "longest_label", "labels", "digits", "share_of_digits", "hyphens", "double_hyphen"),
    *("entropy", "vowels", "consonant_run", "letters_and_digits", "a_label", "underscores"),
    *("baits", "baits_inside", "top_length", "top_is_country", "machine"),
    *(f"like_{way.value}" for way in Way),
)

#: One number for each way in which a host may be like a brand's, all 0 where it is like none.
_LIKE: Final[dict[Way | None, tuple[float, ...]]] = {
    way: tuple(float(way is other) for other in Way) for way in (None, *Way)
}


def spelling(host: Host) -> str:
    """What the n-grams are of: what the owner chose, and the suffix of a registry.

    Never which platform: `~` stands for all that give names to anybody, `#` for every cloud that
    names machines.
    """
    return host.own + _ROOFS.get(host.roof, f".{host.suffix}")


def shape(host: Host, like: Likeness | None) -> list[float]:
    """The numbers of one host, each about 0 to 3, in the order of `NAMES`."""
    own = host.own
    signs = max(1, len(own))
    digits = signs - len(own.translate(_NO_DIGITS)) if own else 0
    words = _WORDS.findall(own)
    bait = baits()
    top = "" if host.roof in _ROOFS else host.suffix.rpartition(".")[2]
    return [
        min(len(own), _LONG) / 30,
        min(max(map(len, own.split("."))), _LONG) / 30,
        min(own.count("."), 6) / 3,
        min(digits, 12) / 6,
        digits / signs,
        min(own.count("-"), 6) / 3,
        float("--" in own.replace("xn--", "")),
        _entropy(own) / 4,
        sum(map(own.count, "aeiou")) / signs,
        min(max(map(len, _CONSONANTS.findall(own)), default=0), 10) / 5,
        float(0 < digits < signs),
        float("xn--" in own),
        float("_" in own),
        min(sum(word in bait for word in words), 4) / 2,
        min(len(_long_baits().all(own)), 4) / 2,
        min(len(top), 8) / 4,
        float(len(top) == 2),
        float(host.roof is Roof.MACHINE),
        *_LIKE[like.way if like is not None else None],
    ]


def _entropy(text: str) -> float:
    """Bits for each sign (Shannon)."""
    counts = map(text.count, dict.fromkeys(text))
    size = max(1, len(text))
    return math.log2(size) - sum(map(_BITS.__getitem__, counts)) / size


@cache
def _long_baits() -> Within:
    """Words of bait that are looked for inside longer words too."""
    return Within.of(word for word in baits() if len(word) >= _BAIT_FROM)
