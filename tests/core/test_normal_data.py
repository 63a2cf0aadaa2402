"""Canonical forms over real feeds, where they are at hand."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import guess, lookups, normalise
from hueandcry.core.types import Kind

ROWS = 20_000


def column(path: Path, name: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in islice(csv.DictReader(lines), ROWS):
            yield row[name]


@pytest.mark.parametrize(
    ("file", "name", "kind", "allowed"),
    [
        ("bad_domains_dated", "host", Kind.DOMAIN, {"is-ip": 4}),
        ("benign_domains", "host", Kind.DOMAIN, {}),
        ("bad_urls_dated", "url", Kind.URL, {}),
        ("url_benchmark", "url", Kind.URL, {}),
        ("bad_wallets", "address", Kind.WALLET, {"not-a-wallet": 9}),
    ],
)
def test_real_feeds_are_read_almost_whole(
    shared: Callable[[str], Path], file: str, name: str, kind: Kind, allowed: dict[str, int]
) -> None:
    refused: Counter[str] = Counter()
    for text in column(shared(f"data/{file}.csv.gz"), name):
        try:
            signal = normalise(kind, text)
        except Unreadable as refusal:
            refused[refusal.code] += 1
            continue
        assert normalise(kind, signal.value) == signal
        assert lookups(signal)[0] == signal
    assert refused <= Counter(allowed)


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        ("bad_domains_dated", "host", Kind.DOMAIN),
        ("bad_urls_dated", "url", Kind.URL),
        ("bad_wallets", "address", Kind.WALLET),
    ],
)
def test_the_kind_of_real_values_is_guessed(
    shared: Callable[[str], Path], file: str, name: str, kind: Kind
) -> None:
    wrong = 0
    for text in column(shared(f"data/{file}.csv.gz"), name):
        try:
            wrong += guess(text).kind is not kind
        except Unreadable:
            wrong += 1
    assert wrong <= ROWS // 1_000
