"""Telephone numbers and bank accounts in a text, and what tells them from all other digits.

A run of digits is decided once, by the first of these that holds: it is a date or another figure;
it is written with its country code; the nearest word says that it is a code, an order or a state's
number; the nearest word names an account or a bank; it has the form of an account; the numbering
plan of the market knows it. So an account is never a telephone number, nor a password an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_uppercase, digits
from typing import NamedTuple

from stdnum import luhn

from hueandcry.core.errors import Unreadable
from hueandcry.core.extract.banks import Bank, bank_of
from hueandcry.core.extract.page import Digits, Page, Reading
from hueandcry.core.extract.searching import Pattern
from hueandcry.core.extract.signposts import Role, Sign, signs
from hueandcry.core.normal import normalise, plans
from hueandcry.core.types import Kind, Signal

_RUN = Pattern(r"\+?\(?[0-9](?:[ .()-]{0,2}[0-9]){5,}")
#: An IBAN, or a BIC and digits.
_WITH_BANK = Pattern(
    r"\b[A-Z]{2}[0-9]{2}(?:[ -]?[0-9A-Z]{4}){2,7}(?:[ -]?[0-9A-Z]{1,3})?\b"
    r"|\b[A-Z]{4}(?:TH|VN|ID|MY|PH|SG|KH|LA|MM|HK|CN)[0-9A-Z]{2}(?:[0-9A-Z]{3})?"
    r"[ :/]{1,2}[0-9](?:[ -]?[0-9]){5,18}\b"
)

#: Octets as their sort, by which one can tell at once that _WITH_BANK is nowhere.
_SORTS = bytes.maketrans(
    f"{ascii_uppercase}{digits}".encode(), b"A" * len(ascii_uppercase) + b"0" * len(digits)
)
# A look for a member of an enumeration costs more than what is done with it.
_ACCOUNT, _PHONE, _CODE, _ORDER, _IDENTITY, _BANK = Role
_NO_MARKS = str.maketrans("", "", "+ .()-")
# What follows sees a single run, whose length is bounded.
_MAX_RUN = 64
_FIGURES = re.compile(
    r"(?:0?[1-9]|[12][0-9]|3[01])([.-])(?:0?[1-9]|1[0-2])\1(?:19|20|25)?[0-9]{2}(?: [0-9]{1,2})?"
    r"|(?:19|20|25)[0-9]{2}([.-]?)(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12][0-9]|3[01])(?: [0-9]{1,2})?"
    r"|[0-2]?[0-9]\.[0-5][0-9] ?- ?[0-2]?[0-9]\.[0-5][0-9]"
    r"|[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+\.[0-9]{1,12}|(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
)
_THAI_ACCOUNT = re.compile(r"[0-9]{3}-[0-9]-[0-9]{5}-[0-9]")
_NEAR = 100  #: octets before a number in which words count; Thai has three to a letter
_AFTER = 40  #: octets after a number in which the name of its bank may stand
_BANK_DIGITS = 8  #: an account beside a bank alone, or without one, has no fewer
_CODED = re.compile(rb"[A-Z]{2,} ?- ?\Z")  # `EAQC-919420`
_HOTLINE = re.compile(r"1[89]00[0-9]{4,6}")  # of Vietnam, which banks give beside their names
_IN = re.compile("[ ,]*(?:tại|tai|ở|at|di) ".encode(), re.I)  # `0123456789 tại BIDV`
_SHORTEST = 14  #: characters of an IBAN or of a BIC with digits
_CODE_DIGITS = 8  #: no one-time password is longer
_ACCOUNT_DIGITS = range(6, 20)
#: Country codes with which people of the ten markets, and of China, write numbers without `+`.
_CODES = ("84", "66", "62", "60", "63", "65", "855", "856", "95", "852", "86")


class Run(NamedTuple):
    """A run of digits: where it stands, as written and as digits, and where its words begin."""

    start: int
    end: int
    shown: str
    digits: str
    since: int  #: no word before this place says anything of it


def read_numbers(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Telephone numbers and accounts; `likely` is the market to try where the page has none."""
    last = 0
    first = page.first_digit()
    if first is None:
        return
    for start, end in _RUN.places(page.data, max(0, first - len("+("))):
        if end - start > _MAX_RUN or _within_word(page.data, start, end):
            continue
        for run in _runs(page.data, start, end, last):
            last = run.end
            if reading := _decided(run, page, likely):
                yield reading


def _within_word(data: bytes, start: int, end: int) -> bool:
    """Whether a run is a part of a longer code such as `TH20073068RR9G` or `#12345678`."""
    before, after = data[max(0, start - 1) : start], data[end : end + 1]
    if after.isalnum() or after == b"_":
        return True
    if before in (b"-", b" ") and _CODED.search(data, max(0, start - 8), start):
        return True
    if not (before.isalnum() or before in (b"#", b"_", b"/", b"=")) or not before:
        return False
    near = signs(data[max(0, start - _NEAR) : start])
    glued = bool(near) and near[-1].end == min(start, _NEAR)
    return not glued or near[-1].role is _BANK


def _runs(data: bytes, start: int, end: int, last: int) -> Iterator[Run]:
    """The numbers of one run: two whole ones side by side are two, `1. 0812345678` is one."""
    shown = data[start:end].decode()
    at = 0
    for piece in _pieces(shown):
        place = shown.index(piece, at)
        at = place + len(piece)
        digits = piece if piece.isdigit() else piece.translate(_NO_MARKS)
        if len(digits) >= 6:
            first = start + place
            since = max(last, first - _NEAR)
            last = first + len(piece)
            yield Run(first, last, piece, digits, since)


def _pieces(shown: str) -> list[str]:
    if " " not in shown:
        return [shown]
    groups = shown.split(" ")
    sizes = [len(group.translate(_NO_MARKS)) for group in groups]
    if sum(size >= 7 for size in sizes) > 1:
        return [group for group in groups if group]
    if groups[0].endswith("."):
        return [" ".join(groups[1:])]
    return [shown]


def _decided(run: Run, page: Page, likely: str | None) -> Reading | None:
    if _FIGURES.fullmatch(run.shown):
        return None
    if run.shown[0] == "+":
        return _reading(run, page, _abroad(run), 0.97)
    if run.digits[:2] == "00" and (value := plans.international(f"+{run.digits[2:]}")):
        return _reading(run, page, Signal(Kind.PHONE, value), 0.9)
    return _decided_by_words(run, _before(run, page), page, likely)


def _decided_by_words(
    run: Run, before: list[Sign], page: Page, likely: str | None
) -> Reading | None:
    roles = [sign.role for sign in before]
    last = roles[-1] if roles else None
    if last and _is_no_signal(run, last):
        return None
    bank = _bank(run, before, page, likely)
    if _ACCOUNT in roles and _PHONE not in roles:
        return _account(run, bank, named=True, doubtful=False)
    phone, sure = _phone(run, page.market, likely, named=_PHONE in roles)
    if _PHONE in roles and last is not _ACCOUNT and phone:
        return _reading(run, page, phone, 0.95 if page.market else 0.85)
    if _HOTLINE.fullmatch(run.digits) and bank and bank.market == "VN":
        return _reading(run, page, phone, sure)
    if bank or last in (_ACCOUNT, _BANK) or _THAI_ACCOUNT.fullmatch(run.shown):
        return _account(run, bank, named=_ACCOUNT in roles, doubtful=phone is not None)
    return _reading(run, page, phone, sure)


def _reading(run: Run, page: Page, signal: Signal | None, confidence: float) -> Reading | None:
    if signal is None:
        return None
    paid = signal.kind is Kind.PHONE and any(sign.is_proxy for sign in _before(run, page)[-2:])
    return Reading(run.start, run.end, signal, confidence, paid)


def _before(run: Run, page: Page) -> list[Sign]:
    return signs(page.data[run.since : run.start])


def _is_no_signal(run: Run, last: Role) -> bool:
    """Whether the nearest word says that these digits are none of an account or a telephone."""
    if last is _CODE:
        return len(run.digits) <= _CODE_DIGITS
    return last is _ORDER or last is _IDENTITY


def _bank(run: Run, before: list[Sign], page: Page, likely: str | None) -> Bank | None:
    """The nearest bank before the number, or else right after it."""
    named = [sign.word for sign in before if sign.role is _BANK]
    after = page.data[run.end : run.end + _AFTER]
    if _IN.match(after) or (not named and (not before or before[-1].role is _ACCOUNT)):
        named += [sign.word for sign in signs(after)[:1] if sign.role is _BANK]
    return bank_of(named[-1], page.market or likely) if named else None


def _account(run: Run, bank: Bank | None, *, named: bool, doubtful: bool) -> Reading | None:
    """What an account's digits are; `named` if a word says that they are one."""
    if len(run.digits) not in _ACCOUNT_DIGITS:
        return None
    if len(run.digits) < _BANK_DIGITS and not (bank and named):
        return None
    if bank:
        # Canonical as it is made (tested): a code of eight characters, and digits.
        signal = Signal(Kind.BANK_ACCOUNT, f"{bank.bic}:{run.digits}")
        return Reading(run.start, run.end, signal, 0.6 if doubtful else 0.9)
    if len(run.digits) == 16 and luhn.is_valid(run.digits):
        return None  # a card, which is its holder's and no account
    return Reading(run.start, run.end, Digits(run.digits))


def _phone(
    run: Run, market: str | None, likely: str | None, *, named: bool
) -> tuple[Signal | None, float]:
    """The telephone number by the plan of the market, and how sure that is without any word."""
    region = (market or likely or "").upper()
    if region and (value := plans.national(run.digits, region)):
        trunk = run.digits[0] == "0"
        return Signal(Kind.PHONE, value), (0.8 if trunk else 0.5) if market else 0.65
    if len(run.digits) >= 10 and run.digits.startswith(_CODES):
        value = plans.international(f"+{run.digits}")
        if value:
            return Signal(Kind.PHONE, value), 0.75
    if market and named and plans.plan_of(region) is None:
        return _parsed(run.shown, region), 0.75
    return None, 0.0


def _abroad(run: Run) -> Signal | None:
    value = plans.international(f"+{run.digits}")
    return Signal(Kind.PHONE, value) if value else _parsed(run.shown, None)


def _parsed(shown: str, market: str | None) -> Signal | None:
    try:
        return normalise(Kind.PHONE, shown, market=market)
    except Unreadable:
        return None


def read_named_accounts(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Accounts that say their bank by themselves: an IBAN, or a BIC and digits."""
    sorts = page.data.translate(_SORTS)
    if b"AA00" not in sorts and b"AAAAAA" not in sorts:
        return
    for start, end in _WITH_BANK.places(page.data):
        shown = page.data[start:end].decode()
        while len(shown) >= _SHORTEST:  # words in capitals may follow an IBAN in groups of four
            if signal := _stated(shown):
                yield Reading(start, start + len(shown), signal, 0.98)
                break
            shown = shown.rpartition(" ")[0]


def _stated(shown: str) -> Signal | None:
    try:
        return normalise(Kind.BANK_ACCOUNT, shown)
    except Unreadable:
        return None
