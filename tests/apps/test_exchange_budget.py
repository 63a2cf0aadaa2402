"""The rate budget of an agreement."""

from __future__ import annotations

import pytest

from hueandcry.apps.exchange.budget import MINUTE, Budget
from hueandcry.core.errors import TooMany


def test_within_the_rate_everything_is_taken() -> None:
    budget = Budget()
    for _ in range(10):
        budget.take(1, 10, 100, at=0)


def test_beyond_the_rate_it_is_refused_until_the_minute_is_over() -> None:
    budget = Budget()
    budget.take(1, 100, 100, at=0)
    with pytest.raises(TooMany) as refused:
        budget.take(1, 1, 100, at=MINUTE - 1)
    assert refused.value.code == "rate"
    budget.take(1, 100, 100, at=MINUTE)


def test_peers_have_budgets_of_their_own() -> None:
    budget = Budget()
    budget.take(1, 100, 100, at=0)
    budget.take(2, 100, 100, at=0)


def test_a_part_larger_than_the_rate_still_passes_alone() -> None:
    """Otherwise it could never be delivered, and nothing behind it either."""
    budget = Budget()
    budget.take(1, 1_000, 100, at=0)
    with pytest.raises(TooMany):
        budget.take(1, 1, 100, at=1)


def test_a_clock_that_was_set_back_starts_a_new_minute() -> None:
    budget = Budget()
    budget.take(1, 100, 100, at=10 * MINUTE)
    budget.take(1, 100, 100, at=MINUTE)
