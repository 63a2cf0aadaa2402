"""Amounts of money: exact decimals, whole in the smallest unit of their currency, and shares.

Binary fractions appear nowhere: what is read is text, and what is divided are whole units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Final

from hueandcry.core.errors import Conflict, Malformed

#: A decimal without sign, leading zeros or exponent.
FORM: Final = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
#: Digits with which sums and products of such amounts are exact.
_PRECISION: Final = 120

#: Currencies of ISO 4217, by the decimals of their smallest unit.
_TWO: Final = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"
_PLACES: Final[Mapping[str, int]] = {
    currency: places
    for places, every in ((0, _NONE), (2, _TWO), (3, _THREE), (4, _FOUR))
    for currency in every.split()
}
#: Decimals of a token of a chain: each has its own, and none has more.
_TOKEN: Final = 18


def places(currency: str) -> int:
    """Decimals of the smallest unit of a currency of ISO 4217; 18 for anything else, a token."""
    return _PLACES.get(currency, _TOKEN)


def read(text: str, currency: str) -> Decimal:
    """The amount; Malformed where it is none, is zero, or is finer than the currency has units."""
    if not FORM.fullmatch(text) or not Decimal(text):
        raise Malformed("amount", f"{text[:40]!a} is no amount", do="Write it as 1250.00")
    if len(text.partition(".")[2].rstrip("0")) > places(currency):
        raise Malformed(
            "amount",
            f"{text} {currency} is finer than the smallest unit of that currency",
            why=f"{currency} has {places(currency)} decimals",
        )
    return Decimal(text)


def text(amount: Decimal) -> str:
    """The amount as `read` takes it, never with an exponent."""
    return format(amount, "f")


def total(*amounts: Decimal) -> Decimal:
    """The exact sum."""
    with localcontext(prec=_PRECISION):
        return sum(amounts, Decimal(0))


def pro_rata(amount: Decimal, losses: Mapping[str, Decimal], currency: str) -> dict[str, Decimal]:
    """What each victim gets of an amount, in proportion to their loss.

    The shares sum to the amount exactly, each is whole in the smallest unit, and none is above its
    loss. What cannot be divided goes, one unit each, to those who lose most of a unit by rounding
    down; among equals by their names. Conflict where more is to be returned than was lost.
    """
    units = {name: _units(loss, currency) for name, loss in losses.items()}
    lost, given = sum(units.values()), _units(amount, currency)
    if given > lost:
        raise Conflict(
            "more_than_lost",
            f"{text(amount)} {currency} are to be returned, and less was lost",
            why="No victim gets more than their loss",
            do="Name every victim, or agree on a smaller amount",
        )
    shares = {name: given * loss // lost for name, loss in units.items()}
    left = given - sum(shares.values())
    by_rest = sorted(units, key=lambda name: (-(given * units[name] % lost), name))
    for name in by_rest[:left]:
        shares[name] += 1
    return {name: Decimal(share).scaleb(-places(currency)) for name, share in shares.items()}


def _units(amount: Decimal, currency: str) -> int:
    """The amount in smallest units; Malformed where it is not whole in them."""
    return int(read(text(amount), currency).scaleb(places(currency)))
