"""Real lists for the demonstration where they can be had, and honest words where not."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hueandcry.core.errors import Malformed, NotFound

#: How many hosts of one list are enough to see it work.
MOST = 14_000


@dataclass(frozen=True, slots=True)
class HostList:
    """Hosts of one feed, and where they came from in words."""

    feed: str
    hosts: tuple[str, ...]
    origin: str


def host_lists(files: list[Path]) -> list[HostList]:
    """The lists in `files`; without any, generated names under .example, and it says so."""
    found = [_read(path) for path in files]
    return found or [_generated()]


def _read(path: Path) -> HostList:
    if not path.is_file():
        raise NotFound("list", f"There is no list {path}", do="Leave it out, or fetch it first")
    hosts = tuple(islice(_hosts(path), MOST))
    if not hosts:
        raise Malformed("list", f"No hosts were found in {path}")
    feed = "eth-phishing-detect" if path.suffix == ".json" else path.name.partition(".")[0]
    return HostList(feed, hosts, f"{len(hosts):,} hosts of {path.name}")


def _hosts(path: Path) -> Iterator[str]:
    if path.suffix == ".json":
        yield from json.loads(path.read_text("utf-8"))["blacklist"]
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from (row["host"] for row in csv.DictReader(file))


def _generated() -> HostList:
    hosts = tuple(f"wallet-{n:05d}.scam-{n % 97}.example" for n in range(5_000))
    return HostList("generated", hosts, "5,000 generated .example hosts: no real list was at hand")
