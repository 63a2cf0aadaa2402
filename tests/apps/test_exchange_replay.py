"""A replay that is under way when terms widen once more."""

from __future__ import annotations

from dataclasses import replace

from hueandcry.apps.exchange import feed
from hueandcry.apps.exchange.rules import Position
from hueandcry.core.sharing import Terms, standard_terms
from hueandcry.core.types import Kind

NARROW = standard_terms("11" * 32, "22" * 32, 0)


def wider(serial: int, *kinds: Kind) -> Terms:
    return replace(NARROW, serial=serial, kinds=frozenset(kinds))


def test_new_terms_begin_a_replay_again_and_the_same_ones_go_on_with_it() -> None:
    first = wider(2, Kind.DOMAIN, Kind.URL)
    begun = feed._judged(Position(seq=9), first, 5)
    assert (begun.replay, begun.under, begun.since) == (None, first.digest, 5)
    under_way = Position(9, "", 0, 4, begun.under, begun.since)
    assert feed._judged(under_way, first, 7) == under_way
    again = feed._judged(under_way, wider(3, Kind.DOMAIN, Kind.URL, Kind.APP), 7)
    assert (again.replay, again.since) == (None, 7)
