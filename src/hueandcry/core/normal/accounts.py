"""Bank accounts: an IBAN, or `<BIC8 or national bank code>:<digits>`.

A BIC is cut to eight characters, since branches do not change whose account it is.
"""

from __future__ import annotations

import re

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal.text import flat

MAX_ACCOUNT = 96
_IBAN_WORD = re.compile(r"IBAN\s*[:#]?\s*", re.I)
_BLANKS = re.compile(r"[\s\-./\u00b7]+")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_WITH_BIC = re.compile(
    r"([A-Z]{4}[A-Z]{2}[A-Z0-9]{2})(?:[A-Z0-9]{3})?\s*(?:[:/]|\s)\s*([0-9][0-9 \-.]{2,50})", re.I
)
_WITH_CODE = re.compile(r"([A-Z0-9]{2,12})\s*[:/]\s*([0-9][0-9 \-.]{2,50})", re.I)
_DIGITS = re.compile(r"[0-9]{4,34}")


def bank_account(text: str, market: str | None = None) -> str:
    """The canonical account; raises Unreadable for a wrong checksum or an account without a bank.

    The code of a national bank is kept as given: the country does not enter the value.
    """
    text = _IBAN_WORD.sub("", flat(text), count=1)
    if len(text) > MAX_ACCOUNT:
        raise _not_an_account()
    whole = _BLANKS.sub("", text).upper()
    if _IBAN.fullmatch(whole):
        return _iban(whole)
    if found := _WITH_BIC.fullmatch(text) or _WITH_CODE.fullmatch(text):
        return _at_bank(found[1].upper(), _BLANKS.sub("", found[2]))
    raise _no_bank() if _DIGITS.fullmatch(whole) else _not_an_account()


def _iban(text: str) -> str:
    # Imported here because its registries of banks cost every start 60 ms.
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return str(IBAN(text))
    except SchwiftyException:
        raise Unreadable(
            "iban-checksum",
            "This IBAN is wrong",
            why="Its country, its length or its check digits do not fit (ISO 13616)",
            do="Compare it with its source, character by character",
        ) from None


def _at_bank(bank: str, number: str) -> str:
    if not _DIGITS.fullmatch(number):
        raise _not_an_account()
    return f"{bank}:{number}"


def _no_bank() -> Unreadable:
    return Unreadable(
        "account-bank",
        "The bank of this account is not known",
        why="The same number exists at other banks, where it is somebody else's",
        do="Put the BIC or the national bank code in front, such as BFTVVNVX:0123456789",
    )


def _not_an_account() -> Unreadable:
    return Unreadable(
        "not-an-account",
        "This is not a bank account",
        do="Give an IBAN, or the bank and the digits, such as BFTVVNVX:0123456789",
    )
