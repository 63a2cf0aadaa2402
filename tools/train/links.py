"""Trains the nets over hosts and over paths: `python -m tools.train links`.

Hosts: the feeds whose licence allows it, against honest hosts of the MISP warning lists (CC0) and
those written for this project. Paths: those of Phishing.Database (MIT), against paths written for
this project. One registrable domain in 41 tunes the bounds and is not learnt from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np

from hueandcry.apps.detection.brands import owner
from hueandcry.apps.detection.hosts import Roof, read_host
from hueandcry.apps.detection.lookalikes import likeness
from hueandcry.apps.detection.net import Floats, Net
from hueandcry.apps.detection.paths import path_numbers, path_text
from hueandcry.apps.detection.shape import NAMES, shape, spelling
from hueandcry.apps.detection.weights import pack
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.urls import split, url
from tools.train.host_corpus import (
    Labelled,
    bad_hosts,
    benign_hosts,
    data_rows,
    honest_hosts,
    long_tail,
    part_of,
)
from tools.train.net import Examples, Plan, examples, fitted, train

FILE: Final = (
    Path(__file__).resolve().parents[2] / "src/hueandcry/apps/detection/models/links.weights"
)
HOSTS: Final = Plan(bits=17, width=16, units=32, epochs=5, drop=0.3)
PATHS: Final = Plan(bits=14, width=8, units=16, epochs=6, drop=0.2)

_PATHS_FILE = Path(__file__).with_name("hosts") / "paths.txt"
_TUNED = 41  #: one registrable domain in so many sets the bounds; prime to what parts the rest
_KEPT = 3  #: one host in three of the long lists is learnt from
_TAIL = 500_000  #: hosts of each long list
_SHORT_LISTS = frozenset({"tranco10k", "cisco_top20k", "bank-website"})
_WEIGHTS: Final = {**dict.fromkeys(_SHORT_LISTS, 8.0), "honest": 20.0}
_DRAWN: Final = frozenset({"google-chrome-crux-1million", "tranco"})
_SEED = 20261128
_SCORED_AT_ONCE = 20_000


class Seen(NamedTuple):
    """One host as the net is given it."""

    text: str
    numbers: list[float]
    bad: bool
    weight: float
    tenant: bool  #: of a platform; most of these are bad, which is no reason against the others
    genuine: bool  #: a host of the table of brands, which is never judged by its spelling
    source: str


def seen(labelled: Iterable[Labelled]) -> Iterator[tuple[Labelled, Seen]]:
    """Each host that a net can say something about."""
    for one in labelled:
        host = read_host(one.host)
        if host.own:
            numbers = shape(host, likeness(host))
            weight = _WEIGHTS.get(one.source, 1.0)
            tenant, genuine = host.roof is Roof.TENANT, owner(host) is not None
            yield one, Seen(spelling(host), numbers, one.bad, weight, tenant, genuine, one.source)


def corpus() -> list[Labelled]:
    """Everything that is learnt from or judges."""
    bad = bad_hosts()
    benign = benign_hosts(bad)
    return [*bad, *benign, *long_tail(bad, benign, _TAIL), *honest_hosts()]


def scored(net: Net, rows: Sequence[Seen]) -> Floats:
    """The logit of each row."""
    parts = (rows[n : n + _SCORED_AT_ONCE] for n in range(0, len(rows), _SCORED_AT_ONCE))
    return np.concatenate(
        [net.logits([row.text for row in part], [row.numbers for row in part]) for part in parts]
    )


def bad_paths() -> list[str]:
    """What follows the host in the addresses of Phishing.Database, each once."""
    tails: dict[str, None] = {}
    for row in data_rows("bad_urls_dated.csv.gz"):
        try:
            tails.setdefault(split(url(row["url"]))[2])
        except Unreadable:
            continue
    return [tail for tail in tails if len(tail) > 1]


def honest_paths(words: Sequence[str], count: int) -> list[str]:
    """Paths made from the written ones, with words of honest hosts."""
    chance = Random(_SEED)
    lines = [line for line in _PATHS_FILE.read_text("utf-8").splitlines() if line[0] != "#"]
    return [_filled(chance.choice(lines), words, chance) for _ in range(count)]


def _filled(line: str, words: Sequence[str], chance: Random) -> str:
    """One written path with a value for each of its slots."""

    def value(slot: str) -> str:
        if slot == "slug":
            return "-".join(chance.choice(words) for _ in range(chance.randint(3, 7)))
        if slot == "hex":
            signs = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz"
            return "".join(chance.choice(signs) for _ in range(chance.randint(6, 11)))
        numbers = {"n": (1, 99), "id": (1_000, 99_999_999), "y": (2005, 2025)}
        if slot in numbers:
            return str(chance.randint(*numbers[slot]))
        return f"{chance.randint(1, 12):02}" if slot in ("m", "d") else chance.choice(words)

    for slot in ("slug", "hex", "id", "n", "y", "m", "d", "w"):
        while f"{{{slot}}}" in line:
            line = line.replace(f"{{{slot}}}", value(slot), 1)
    return line


def _examples(rows: Sequence[Seen]) -> Examples:
    return examples(
        [row.text for row in rows],
        [row.numbers for row in rows],
        np.array([row.bad for row in rows], np.float32),
        _weights(rows),
        HOSTS.bits,
    )


def _weights(rows: Sequence[Seen]) -> Floats:
    """Of each row, so that among tenants, and among all others, both labels weigh the same."""
    weights = np.array([row.weight for row in rows], np.float32)
    bad = np.array([row.bad for row in rows])
    tenant = np.array([row.tenant for row in rows])
    for kind in (tenant, ~tenant):
        sums = [weights[kind & label].sum() for label in (bad, ~bad)]
        even = (sums[0] * sums[1]) ** 0.5
        for label, whole in zip((bad, ~bad), sums, strict=True):
            weights[kind & label] *= even / whole
    return weights


def _bounds(net: Net, rows: Sequence[Seen]) -> dict[str, float]:
    """Slope and offset of likelihoods, and the logits that one honest host in n lies above.

    Of the short lists and the long tail whichever is stricter: neither alone is what people meet.
    """
    logits = scored(net, rows)
    bad = np.array([row.bad for row in rows])
    short = np.array([row.source in _SHORT_LISTS for row in rows])
    logits[[row.genuine for row in rows]] = logits.min()
    slope, offset = fitted(logits, bad.astype(np.float32))

    def above(share: float) -> float:
        kinds = (logits[~bad & short], logits[~bad & ~short])
        return max(float(np.quantile(kind, 1 - share)) for kind in kinds)

    found = {
        "slope": slope,
        "offset": offset,
        "scam": above(0.001),
        "suspicious": above(0.01),
        "ordinary": float(np.quantile(logits[bad], 0.03)),
    }
    return {name: round(value, 4) for name, value in found.items()}


def _path_net(rows: Sequence[Seen]) -> tuple[Net, int]:
    """The net over paths, with how many it learnt from."""
    honest = sorted({word for row in rows if not row.bad for word in row.text.split(".")[:-1]})
    words = [word for word in honest if 3 <= len(word) <= 12 and word.isascii()][::7]
    bad = bad_paths()
    tails = [*bad, *honest_paths(words, len(bad))]
    labels = np.repeat(np.array([1, 0], np.float32), (len(bad), len(tails) - len(bad)))
    texts, numbers = [path_text(tail) for tail in tails], [path_numbers(tail) for tail in tails]
    return train(examples(texts, numbers, labels, np.ones_like(labels), PATHS.bits), PATHS), len(
        tails
    )


def _is_learnt(one: Labelled) -> bool:
    """Whether it does not tune, and of long lists is a platform's tenant, who are few, or drawn."""
    if part_of(one.host, _TUNED) == 0:
        return False
    drawn = one.source not in _DRAWN or part_of(one.host, _KEPT) == 0
    return drawn or read_host(one.host).roof is Roof.TENANT


def make() -> None:
    """Learns from the learning side, sets the bounds on the tuning part, writes the file."""
    given = [one for one in corpus() if not one.judge]
    tune = [row for _, row in seen(one for one in given if not part_of(one.host, _TUNED))]
    learn = [row for _, row in seen(one for one in given if _is_learnt(one))]
    hosts = train(_examples(learn), HOSTS)
    paths, tails = _path_net(learn)
    about: dict[str, Any] = {
        "bounds": _bounds(hosts, tune),
        "learnt": {
            "bad_hosts": sum(row.bad for row in learn),
            "honest_hosts": sum(not row.bad for row in learn),
            "paths": tails,
        },
        "numbers": NAMES,
        "plans": {"hosts": asdict(HOSTS), "paths": asdict(PATHS)},
        "versions": {"numpy": np.__version__},
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(pack("links", {**hosts.arrays("hosts"), **paths.arrays("paths")}, about))
    print(f"{FILE}: {FILE.stat().st_size:,} bytes, {about['bounds']}", file=sys.stderr)
