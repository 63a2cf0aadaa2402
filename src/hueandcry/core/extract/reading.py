"""Everything in a text that a claim could be about, in one pass of each reader over it.

What two readers could both take belongs to the first of them, in the order of `_found`: links,
wallets, logins, accounts with their bank, sums of money, then telephone numbers and accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hueandcry.core.extract.coins import read_coins
from hueandcry.core.extract.folding import Folded, fold
from hueandcry.core.extract.found import Amount, Extraction, Found, OpenAccount
from hueandcry.core.extract.links import read_links
from hueandcry.core.extract.money import read_money
from hueandcry.core.extract.names import read_mentions, read_names
from hueandcry.core.extract.numbers import read_named_accounts, read_numbers
from hueandcry.core.extract.page import Page, Reading, Sum
from hueandcry.core.extract.searching import Pattern
from hueandcry.core.types import Signal

MAX_TEXT = 100_000  #: characters of a text that are looked at
MAX_FOUND = 500  #: findings that are given of one text
_MAX_TOKEN = 8_192  #: characters that may be left off the end, where it cuts a token in two

#: Scripts that say in which market a national form is read, if nobody says it: first and last
#: letter, market. Chinese is written in several, so that a currency is asked first.
_SCRIPTS = (
    *(("\u0e00", "\u0e7f", "TH"), ("\u0e80", "\u0eff", "LA"), ("\u1000", "\u109f", "MM")),
    *(("\u1780", "\u17ff", "KH"), ("\u0110", "\u1ef9", "VN"), ("\u3400", "\u9fff", "CN")),
)
_TELLING = Pattern(
    "[\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ffđĐơƠưƯ\u1ea0-\u1ef9\u3400-\u9fff]"
)
_HOME = {
    **{"THB": "TH", "VND": "VN", "IDR": "ID", "MYR": "MY", "PHP": "PH", "SGD": "SG"},
    **{"HKD": "HK", "KHR": "KH", "LAK": "LA", "MMK": "MM"},
}


_Reader = Callable[[Page, str | None], Iterator[Reading]]
_IN_ORDER: tuple[_Reader, ...] = (
    read_names,
    read_links,
    read_coins,
    read_mentions,
    read_named_accounts,
)


def extract(text: str, market: str | None = None) -> Extraction:
    """Signals, sums and accounts of a text; `market` (ISO 3166 alpha-2) is where it was written.

    Without a market, national forms are read by the script and the currencies of the text, and
    given as less sure. Any string is taken; what no reader understands is left out.
    """
    looked = _head(text)
    folded = fold(looked)
    readings = sorted(
        _found(Page(folded.data, market.upper() if market else None)),
        key=lambda reading: reading.start,
    )
    kept = readings[:MAX_FOUND]
    return _extraction(folded, kept, cut=len(looked) < len(text) or len(kept) < len(readings))


def _head(text: str) -> str:
    """The part that is looked at: up to MAX_TEXT characters, without half a token at its end."""
    if len(text) <= MAX_TEXT:
        return text
    head = text[:MAX_TEXT]
    last = len(head[-_MAX_TOKEN:].split()[-1:][0]) if head[-1:].strip() else 0
    return head[: len(head) - last] if last < _MAX_TOKEN else head


def _found(page: Page) -> list[Reading]:
    """The readings of all readers, none of which overlap."""
    script = None if page.market else _market_of_script(page.data)
    found = list[Reading]()
    for reader in _IN_ORDER:
        if readings := list(reader(page, script)):
            found += readings
            page = page.without(readings)
    sums = list(read_money(page, script))
    page = page.without(sums)
    return found + sums + list(read_numbers(page, _likely_market(script, sums)))


def _market_of_script(data: bytes) -> str | None:
    found = None if data.isascii() else _TELLING.first(data)
    if not found:
        return None
    letter = data[found[0] : found[1]].decode()
    return next(market for first, last, market in _SCRIPTS if first <= letter <= last)


def _likely_market(script: str | None, sums: list[Reading]) -> str | None:
    """The market that a script speaks for, or else the first currency that one market has."""
    if script and script != "CN":
        return script
    currencies = (found.what.currency for found in sums if isinstance(found.what, Sum))
    return next((_HOME[each] for each in currencies if each in _HOME), script)


def _extraction(folded: Folded, readings: list[Reading], *, cut: bool) -> Extraction:
    signals, amounts, accounts = list[Found](), list[Amount](), list[OpenAccount]()
    spans = folded.origins((reading.start, reading.end) for reading in readings)
    for reading, (start, end) in zip(readings, spans, strict=True):
        what = reading.what
        if isinstance(what, Signal):
            sure, paid = reading.confidence, reading.paid
            signals.append(Found(what.kind, what.value, start, end, sure, paid))
        elif isinstance(what, Sum):
            amounts.append(Amount(what.value, what.currency, start, end))
        else:
            accounts.append(OpenAccount(what.digits, start, end))
    return Extraction(tuple(signals), tuple(amounts), tuple(accounts), cut)
