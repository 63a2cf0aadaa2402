"""Amounts: exact decimals in the smallest unit of their currency, and shares that sum up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import amounts
from hueandcry.core.errors import Conflict, Malformed

CURRENCIES = st.sampled_from(["THB", "VND", "KWD", "CLF", "USDT"])


def in_units(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-amounts.places(currency))


@given(st.integers(1, 10**15), CURRENCIES)
def test_an_amount_is_read_as_it_is_written(units: int, currency: str) -> None:
    amount = in_units(units, currency)
    assert amounts.read(amounts.text(amount), currency) == amount


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *(("0", "THB"), ("0.00", "THB"), ("-1", "THB"), ("1e3", "THB"), ("01", "THB")),
        *(("1,5", "THB"), ("", "THB"), (".5", "THB"), ("1.005", "THB"), ("1.5", "VND")),
        ("1.0001", "KWD"),
    ],
)
def test_what_is_no_amount_of_its_currency_is_refused(text: str, currency: str) -> None:
    with pytest.raises(Malformed):
        amounts.read(text, currency)


def test_trailing_zeros_are_no_finer_than_the_unit() -> None:
    assert amounts.read("1250.000", "THB") == amounts.read("1250", "THB")
    assert amounts.read("0.000000000000000001", "ETH") == Decimal(1).scaleb(-18)


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 10**12), min_size=1),
    st.data(),
    CURRENCIES,
)
def test_shares_sum_up_exactly_and_no_victim_gets_more_than_their_loss(
    lost: dict[str, int], data: st.DataObject, currency: str
) -> None:
    losses = {name: in_units(units, currency) for name, units in lost.items()}
    given_back = in_units(data.draw(st.integers(1, sum(lost.values()))), currency)
    shares = amounts.pro_rata(given_back, losses, currency)
    assert shares.keys() == losses.keys()
    assert sum(shares.values()) == given_back
    unit = in_units(1, currency)
    for name, share in shares.items():
        assert 0 <= share <= losses[name]
        assert share % unit == 0
        fair = given_back * losses[name] / sum(losses.values())
        assert abs(share - fair) < unit
    turned = dict(reversed(losses.items()))
    assert amounts.pro_rata(given_back, turned, currency) == shares


def test_equal_rests_go_by_name_and_more_than_was_lost_is_refused() -> None:
    three = dict.fromkeys(("c", "a", "b"), Decimal("100.00"))
    shares = amounts.pro_rata(Decimal("100.00"), three, "THB")
    assert shares == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}
    assert amounts.pro_rata(Decimal("300"), three, "THB") == three
    with pytest.raises(Conflict) as caught:
        amounts.pro_rata(Decimal("300.01"), three, "THB")
    assert caught.value.code == "more_than_lost"
    with pytest.raises(Malformed):
        amounts.pro_rata(Decimal("10"), {"a": Decimal("100.001")}, "THB")
