"""The brands and public bodies that scams pretend to be, and the hosts that are really theirs."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from hueandcry.apps.detection.alike import shortened, skeleton
from hueandcry.apps.detection.hosts import Host
from hueandcry.apps.detection.tables import rows
from hueandcry.apps.detection.within import Within

SLIP_FROM: Final = 6  #: signs of a stem from which on one slip is looked for
TWO_SLIPS_FROM: Final = 12  #: and from which on two are
EDGE: Final = 3  #: signs of the shortest word that is looked for at the edge of a longer one
INSIDE_FROM: Final = 6  #: signs of a word from which on it is found inside another word
_STEM_FROM: Final = 5  #: and of its stem: `usbank` stands in `globusbank`
_WORLDWIDE: Final = ("com", "net", "org")
#: Ends that many names share: `abbank` is no slip of `mbbank`, only another bank.
_SHARED_ENDS: Final = re.compile(r"(?:bank|express|cloud|pay|post|group|online|card)\Z")


@dataclass(frozen=True, slots=True)
class Brand:
    """Somebody whose name is worth pretending to."""

    sort: str  #: bank, wallet, courier, telco, public, platform, exchange
    market: str
    name: str
    genuine: str  #: the host to go to instead


@dataclass(frozen=True, slots=True)
class Edges:
    """Three signs at either end of the words: a cheap look before a dear one."""

    begin: frozenset[str]
    end: frozenset[str]
    slipped: frozenset[str]  #: begins of words of six signs whose middle two were swapped

    @classmethod
    def of(cls, words: list[str]) -> Edges:
        return cls(
            frozenset(word[:EDGE] for word in words),
            frozenset(word[-EDGE:] for word in words),
            frozenset(word[:2] + word[3] for word in words if len(word) == SLIP_FROM),
        )

    def touch(self, word: str) -> bool:
        """Whether one of the words may begin or end `word`."""
        return word[:EDGE] in self.begin or word[-EDGE:] in self.end

    def near(self, word: str) -> bool:
        """Whether `word` may be one slip from a word of six signs or more: it spares an edge."""
        return self.touch(word) or word[:EDGE] in self.slipped


@dataclass(frozen=True, slots=True)
class Brands:
    """Every brand, by all that it can be found by."""

    words: dict[str, Brand]  #: as the brand writes it
    ordinary: frozenset[str]  #: those that count only beside a word of bait
    skeletons: dict[str, str]  #: what is mistaken for a word → that word
    near: dict[str, tuple[str, ...]]  #: a word shortened by at most two signs → the words
    hosts: dict[str, Brand]  #: genuine hosts; each covers what lies below it
    everywhere: dict[str, Brand]  #: genuine names under every country's suffix
    inside: Within  #: long words, to be found within others
    thirds: Within  #: thirds of the words in which two slips are allowed
    edges: Edges


@cache
def brands() -> Brands:
    """The table `brands.tsv`, read at first use."""
    words: dict[str, Brand] = {}
    ordinary: set[str] = set()
    hosts: dict[str, Brand] = {}
    everywhere: dict[str, Brand] = {}
    for sort, market, name, spelt, genuine in rows("brands.tsv"):
        own = [host.rstrip("!") for host in genuine.split()]
        brand = Brand(sort, market, name, next(host for host in own if not host.endswith(".*")))
        for host in own:
            if host.endswith(".*"):
                everywhere.setdefault(host[:-2], brand)
            else:
                hosts.setdefault(host, brand)
        for word in spelt.split():
            words.setdefault(word.rstrip("?"), brand)
            if word.endswith("?"):
                ordinary.add(word[:-1])
    plain = [word for word in words if word not in ordinary]
    return Brands(
        words,
        frozenset(ordinary),
        {skeleton(word): word for word in plain},
        _near(plain),
        hosts,
        everywhere,
        Within.of(filter(_is_long, plain)),
        Within.of({third for word in plain for third in _thirds(word)}),
        Edges.of(plain),
    )


@cache
def everyday() -> frozenset[str]:
    """Words one slip from a brand's that many honest hosts hold: `finance` is not Binance."""
    text = files("hueandcry.apps.detection").joinpath("data", "everyday.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and line[0] != "#")


def owner(host: Host) -> Brand | None:
    """Whose genuine host this is, if it is one of the table's or lies below one."""
    table = brands()
    name = host.name
    while name:
        if brand := table.hosts.get(name):
            return brand
        name = name.partition(".")[2]
    last = host.suffix.rpartition(".")[2]
    if len(last) == 2 or host.suffix in _WORLDWIDE:
        return table.everywhere.get(host.label)
    return None


def slips_allowed(word: str) -> int:
    """How many slips may set a word apart from a brand's and still be taken for it."""
    stem = len(_SHARED_ENDS.sub("", word))
    return 0 if stem < SLIP_FROM else 1 if stem < TWO_SLIPS_FROM else 2


def _thirds(word: str) -> tuple[str, ...]:
    """The thirds of a word that two slips may set apart, of which they spare one as a rule."""
    size = len(word) // 3
    if slips_allowed(word) < 2:
        return ()
    return word[:size], word[size : 2 * size], word[2 * size :]


def _is_long(word: str) -> bool:
    return len(word) >= INSIDE_FROM and len(_SHARED_ENDS.sub("", word)) >= _STEM_FROM


def _near(words: list[str]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        if most := slips_allowed(word):
            for short in shortened(word, most):
                found[short].add(word)
    return {short: tuple(sorted(of)) for short, of in found.items()}
