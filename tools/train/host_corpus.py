"""Hosts and addresses to learn from and to judge by: which may be used for what, and the split.

Feeds copy each other, so a registrable domain is on one side only, whichever feeds hold it; and
what was first seen after `LATE` judges alone, since tomorrow's hosts are not drawn from today's.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import registrable
from hueandcry.core.normal.hosts import domain

ROOT: Final = Path(__file__).resolve().parents[2]
DATA: Final = ROOT.parent / "shared" / "data"
HONEST: Final = Path(__file__).with_name("hosts") / "honest.txt"

#: Feeds whose licence lets what is learnt from them be given away: MIT, Apache-2.0.
FREE: Final = frozenset({"phishing_database", "polkadot"})
#: Lists of the MISP warning lists (CC0) that hold well-visited, and less visited, honest sites.
LONG_TAIL: Final = ("google-chrome-crux-1million", "tranco", "university_domains", "bank-website")
LATE: Final = "2025-06-15"

_JUDGED_BAD = 5  #: one registrable domain in five judges
_JUDGED_BENIGN = 2  #: one in two of the short benign lists
_KEPT_TAIL = 4  #: one in four of the judged long tail is enough


@dataclass(frozen=True, slots=True)
class Labelled:
    """One host with where it is from; `judge` says which side of the split it is on."""

    host: str
    source: str
    bad: bool
    judge: bool
    late: bool = False  #: first seen after what was learnt from


def data_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one file of `../shared/data`."""
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def part_of(host: str, parts: int) -> int:
    """Which of `parts` a host's registrable domain falls into, the same on every machine."""
    owner = registrable(host) or host
    return int.from_bytes(hashlib.sha256(owner.encode()).digest()[:4], "big") % parts


@cache
def conflicts() -> frozenset[str]:
    """Hosts that feeds call bad and that are honest: neither learnt from nor judged by as bad."""
    return frozenset((DATA / "label_conflicts.txt").read_text("utf-8").split())


def bad_hosts() -> list[Labelled]:
    """Every host of the feeds, once; only free sources are on the learning side."""
    found: dict[str, Labelled] = {}
    for row in data_rows("bad_domains_dated.csv.gz"):
        host = _read(row["host"])
        if host is None or host in conflicts() or host in found:
            continue
        judge = part_of(host, _JUDGED_BAD) == 0
        late = row["first_seen"] >= LATE
        if judge or row["source"] in FREE:
            found[host] = Labelled(host, row["source"], True, judge or late, late and not judge)
    return list(found.values())


def benign_hosts(bad: Iterable[Labelled]) -> list[Labelled]:
    """The short lists of `../shared/data`, half of them to judge; without what feeds call bad."""
    known = {one.host for one in bad}
    found: dict[str, Labelled] = {}
    for row in data_rows("benign_domains.csv.gz"):
        host = _read(row["host"])
        if host is not None and host not in known:
            judge = part_of(host, _JUDGED_BENIGN) == 0
            found.setdefault(host, Labelled(host, row["list"], False, judge))
    return list(found.values())


def long_tail(bad: Iterable[Labelled], benign: Iterable[Labelled], most: int) -> list[Labelled]:
    """At most `most` hosts of each long list, none below a domain that is bad or judges already."""
    taken = {registrable(one.host) for one in bad}
    taken |= {registrable(one.host) for one in benign if one.judge}
    found: dict[str, Labelled] = {}
    for name in LONG_TAIL:
        for host in _spread(_warning_list(name), most):
            owner = registrable(host)
            if owner in taken or host in found:
                continue
            judge = part_of(host, _JUDGED_BAD) == 0
            if not judge or part_of(f"kept.{host}", _KEPT_TAIL) == 0:
                found[host] = Labelled(host, name, False, judge)
    return list(found.values())


def honest_hosts() -> list[Labelled]:
    """Hosts of small shops, schools and offices of the ten markets, written for this project."""
    lines = HONEST.read_text("utf-8").splitlines()
    hosts = [line for line in lines if line and line[0] != "#"]
    return [Labelled(host, "honest", False, part_of(host, 2) == 0) for host in hosts]


def _warning_list(name: str) -> list[str]:
    spec = find_spec("pymispwarninglists")
    assert spec is not None and spec.origin is not None
    file = Path(spec.origin).parent / "data" / "misp-warninglists" / "lists" / name / "list.json"
    listed: list[str] = json.loads(file.read_bytes())["list"]
    return listed


def _spread(listed: list[str], most: int) -> Iterator[str]:
    """About `most` readable hosts of a list, chosen by their digests."""
    every = max(1, len(listed) // most)
    for text in listed:
        if every == 1 or hashlib.sha256(text.encode()).digest()[0] % every == 0:
            host = _read(text)
            if host is not None:
                yield host


def _read(text: str) -> str | None:
    try:
        return domain(text.strip().strip("."))
    except Unreadable:
        return None
