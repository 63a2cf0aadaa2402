"""Whether a host pretends to be somebody else's: how, whose, and where the real one is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from hueandcry.apps.detection.alike import latin, shortened, skeleton, slips, spoken
from hueandcry.apps.detection.brands import (
    EDGE,
    INSIDE_FROM,
    Brand,
    brands,
    everyday,
    owner,
    slips_allowed,
)
from hueandcry.apps.detection.hosts import Host, Roof

_BETWEEN: Final = re.compile(r"[-_.]+")
_LONGEST: Final = 24  #: signs of a word that is compared; the longest brand has 18
_MOST_WORDS: Final = 16  #: words of one host that are compared


class Way(StrEnum):
    """How one host passes for another, the plainest deceit first."""

    SCRIPT = "script"  #: letters of other scripts, or with marks
    SIGNS = "signs"  #: `paypa1`, `rnaybank`
    FRONT = "front"  #: the genuine host in front of another: `paypal.com.top.example`
    BAIT = "bait"  #: the name beside a word of bait: `kbank-verify`
    SLIP = "slip"  #: a slip of the hand: `fcaebook`
    SUFFIX = "suffix"  #: the name under a suffix that is not theirs
    WORD = "word"  #: the name as a part of a longer one, which may be honest


@dataclass(frozen=True, slots=True)
class Likeness:
    """A host that may be taken for a brand's."""

    way: Way
    brand: Brand
    written: str  #: the part of the host that is like the brand's name


@cache
def baits() -> frozenset[str]:
    """Words that scams put beside a name."""
    text = files("hueandcry.apps.detection").joinpath("data", "baits.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


def likeness(host: Host) -> Likeness | None:
    """The plainest way in which a host that is not genuine is like a brand's, if there is one."""
    if host.roof not in (Roof.REGISTRY, Roof.TENANT) or owner(host) is not None:
        return None
    words = _BETWEEN.split(host.own)[-_MOST_WORDS:]
    for word in (*(label for label in host.own.split(".") if label[:4] == "xn--"), *words):
        if found := _disguised(word):
            return found
    return _in_front(host) or _with_bait(words) or _nearly(words) or _bare(host, words)


def _disguised(word: str) -> Likeness | None:
    """A brand's word in letters of other scripts, or in signs that pass for its letters."""
    table = brands()
    if word.startswith("xn--"):
        shown = spoken(word)
        meant = table.skeletons.get(skeleton(shown)) or _inside(latin(shown))
        return Likeness(Way.SCRIPT, table.words[meant], shown) if meant else None
    meant = table.skeletons.get(skeleton(word[:_LONGEST]))
    if meant is None or meant == word or word in table.words or word in everyday():
        return None
    return Likeness(Way.SIGNS, table.words[meant], word)


def _in_front(host: Host) -> Likeness | None:
    """A brand's genuine host as the first labels of a longer one."""
    labels = host.own.split(".")
    if len(labels) < 2:
        return None
    table = brands()
    for begin in range(len(labels) - 1):
        for end in range(begin + 2, len(labels) + 1):
            name = ".".join(labels[begin:end])
            if brand := table.hosts.get(name):
                return Likeness(Way.FRONT, brand, name)
    return None


def _with_bait(words: list[str]) -> Likeness | None:
    """A brand's word beside a word of bait, set apart from it or not."""
    table, bait = brands(), baits()
    baited = [word for word in words if word in bait]
    for word in words:
        if word in table.words and any(other != word for other in baited):
            return Likeness(Way.BAIT, table.words[word], word)
    for word in words:
        for name, rest in _parted(word[:_LONGEST]):
            if rest in bait or (baited and len(name) >= INSIDE_FROM):
                return Likeness(Way.BAIT, table.words[name], word)
    return None


def _parted(word: str) -> Iterator[tuple[str, str]]:
    """Each way to read a word as a brand's and the rest that stands before or after it."""
    table = brands()
    cuts = range(EDGE, len(word)) if table.edges.touch(word) else ()
    for cut in cuts:
        for name, rest in ((word[:cut], word[cut:]), (word[cut:], word[:cut])):
            if name in table.words and name not in table.ordinary:
                yield name, rest.strip("0123456789")
    if within := _inside(word):
        yield within, ""


@lru_cache(maxsize=4_096)
def _inside(word: str) -> str | None:
    return brands().inside.first(word)


def _nearly(words: list[str]) -> Likeness | None:
    """A word that a slip sets apart from a brand's, or two that left a third of it as it was."""
    table = brands()
    for word in words:
        most = slips_allowed(word)
        if not most or len(word) > _LONGEST or word in table.words or word in everyday():
            continue
        if most > 1 and table.thirds.first(word) is None:
            most = 1
        if most == 1 and not table.edges.near(word):
            continue
        near = {name for short in shortened(word, most) for name in table.near.get(short, ())}
        for name in sorted(near):
            allowed = min(most, slips_allowed(name))
            if 0 < slips(word, name, allowed) <= allowed:
                return Likeness(Way.SLIP, table.words[name], word)
    return None


def _bare(host: Host, words: list[str]) -> Likeness | None:
    """A brand's word alone under another suffix, or as a part of a longer name."""
    table = brands()
    if (brand := table.words.get(host.label)) and host.label not in table.ordinary:
        return Likeness(Way.SUFFIX, brand, host.label)
    for word in words:
        if word in table.words and word not in table.ordinary:
            return Likeness(Way.WORD, table.words[word], word)
    for word in words:
        if name := _inside(word[:_LONGEST]):
            return Likeness(Way.WORD, table.words[name], word)
    return None
