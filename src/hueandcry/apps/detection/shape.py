"""The shape of a host as numbers: lengths, digits, hyphens, how mixed it is, whom it is like.

All that a reader could count; the words themselves are left to the n-grams.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from typing import Final

import re2

from hueandcry.apps.detection.hosts import Host, Roof
from hueandcry.apps.detection.lookalikes import Likeness, Way, baits

_WORDS: Final = re.compile(r"[a-z]+")
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{2,}")
_NO_DIGITS: Final = dict.fromkeys(map(ord, "0123456789"))
_LONG: Final = 60  #: signs of a host beyond which longer makes no difference
_BAIT_FROM: Final = 4  #: signs of a bait that is looked for inside longer words

#: What each number says, in the order of `shape`.
NAMES: Final = (
    *("length", "longest_label", "labels", "digits", "share_of_digits", "hyphens", "double_hyphen"),
    *("entropy", "vowels", "consonant_run", "letters_and_digits", "a_label", "underscores"),
    *("baits", "baits_inside", "top_length", "top_is_country", "tenant", "machine"),
    *(f"like_{way.value}" for way in Way),
)


def spelling(host: Host) -> str:
    """What the n-grams are of: what the owner chose, and the suffix of a registry.

    Never which platform: `~` stands for any that gives names away, `#` for machines' names.
    """
    if host.roof is Roof.TENANT:
        return f"{host.own}~"
    return f"{host.own}#" if host.roof is Roof.MACHINE else f"{host.own}.{host.suffix}"


def shape(host: Host, like: Likeness | None) -> list[float]:
    """The numbers of one host, each about 0 to 3, in the order of `NAMES`."""
    own = host.own
    signs = max(1, len(own))
    digits = signs - len(own.translate(_NO_DIGITS)) if own else 0
    words = _WORDS.findall(own)
    bait = baits()
    top = host.suffix.rpartition(".")[2] if host.roof is Roof.REGISTRY else ""
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
        min(_inside(own), 4) / 2,
        min(len(top), 8) / 4,
        float(len(top) == 2),
        float(host.roof is Roof.TENANT),
        float(host.roof is Roof.MACHINE),
        *(float(like is not None and like.way is way) for way in Way),
    ]


def _entropy(text: str) -> float:
    """Bits for each sign (Shannon)."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values())


def _inside(own: str) -> int:
    """How many words of bait stand anywhere in `own`, also inside longer words."""
    return len(_bait_pattern().findall(own))


@cache
def _bait_pattern() -> re2._Regexp:
    longest_first = sorted(baits(), key=lambda word: (-len(word), word))
    return re2.compile("|".join(word for word in longest_first if len(word) >= _BAIT_FROM))
