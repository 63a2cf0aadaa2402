"""Sums of money in a text, as the ten languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

import re2

from hueandcry.core.extract.page import Page, Reading, Sum
from hueandcry.core.extract.searching import Pattern

#: Currencies by what stands before a number.
_BEFORE = {
    **{"฿": "THB", "thb": "THB", "baht": "THB", "₫": "VND", "vnd": "VND", "vnđ": "VND"},
    **{"rp": "IDR", "rp.": "IDR", "idr": "IDR", "rm": "MYR", "myr": "MYR", "₱": "PHP"},
    **{"php": "PHP", "p": "PHP", "s$": "SGD", "sgd": "SGD", "hk$": "HKD", "hkd": "HKD"},
    **{"៛": "KHR", "khr": "KHR", "₭": "LAK", "lak": "LAK", "mmk": "MMK", "ks": "MMK"},
    **{"ကျပ်": "MMK", "us$": "USD", "usd": "USD", "usdt": "USDT", "usdc": "USDC", "$": "$"},
    **{"¥": "CNY", "rmb": "CNY", "cny": "CNY", "人民币": "CNY", "€": "EUR", "eur": "EUR"},
    **{"£": "GBP", "gbp": "GBP", "btc": "BTC", "eth": "ETH", "nt$": "TWD", "twd": "TWD"},
}
#: Currencies by what stands after a number.
_AFTER = {
    **{"฿": "THB", "บาท": "THB", "บ.": "THB", "thb": "THB", "baht": "THB", "bath": "THB"},
    **{"泰铢": "THB", "ບາດ": "THB", "បាត": "THB", "ဘတ်": "THB"},
    **{"đồng": "VND", "dong": "VND", "đ": "VND", "₫": "VND", "vnđ": "VND", "vnd": "VND"},
    **{"越南盾": "VND", "rupiah": "IDR", "idr": "IDR", "印尼盾": "IDR"},
    **{"ringgit": "MYR", "myr": "MYR", "rm": "MYR", "令吉": "MYR", "马币": "MYR"},
    **{"piso": "PHP", "peso": "PHP", "pesos": "PHP", "php": "PHP", "比索": "PHP"},
    **{"sgd": "SGD", "新币": "SGD", "新元": "SGD", "hkd": "HKD", "港币": "HKD", "港元": "HKD"},
    **{"港幣": "HKD", "៛": "KHR", "រៀល": "KHR", "riel": "KHR", "riels": "KHR", "khr": "KHR"},
    **{"₭": "LAK", "ກີບ": "LAK", "kip": "LAK", "lak": "LAK", "mmk": "MMK", "kyat": "MMK"},
    **{"kyats": "MMK", "ks": "MMK", "ကျပ်": "MMK", "usd": "USD", "dollar": "USD"},
    **{"dollars": "USD", "dolar": "USD", "đô la": "USD", "đô": "USD", "ดอลลาร์": "USD"},
    **{"ดอลล่าร์": "USD", "ដុល្លារ": "USD", "ໂດລາ": "USD", "ဒေါ်လာ": "USD", "美元": "USD"},
    **{"美金": "USD", "$": "$", "usdt": "USDT", "usdc": "USDC", "btc": "BTC", "eth": "ETH"},
    **{"u": "USDT", "元": "CNY", "块钱": "CNY", "块": "CNY", "rmb": "CNY", "cny": "CNY"},
    **{"人民币": "CNY", "eur": "EUR", "euro": "EUR", "euros": "EUR", "€": "EUR", "gbp": "GBP"},
}
#: Words that multiply the number before them; what they say of the currency when nothing else does.
_TIMES: dict[str, tuple[int, str]] = {
    **{"k": (10**3, ""), "nghìn": (10**3, "VND"), "ngàn": (10**3, "VND"), "tr": (10**6, "VND")},
    **{"triệu": (10**6, "VND"), "trieu": (10**6, "VND"), "tỷ": (10**9, "VND")},
    **{"tỉ": (10**9, "VND"), "củ": (10**6, "VND"), "rb": (10**3, "IDR"), "ribu": (10**3, "IDR")},
    **{"jt": (10**6, "IDR"), "juta": (10**6, "IDR"), "miliar": (10**9, "IDR")},
    **{"พัน": (10**3, "THB"), "หมื่น": (10**4, "THB"), "แสน": (10**5, "THB")},
    **{"ล้าน": (10**6, "THB"), "million": (10**6, ""), "thousand": (10**3, "")},
    **{"百": (10**2, "CNY"), "千": (10**3, "CNY"), "万": (10**4, "CNY"), "萬": (10**4, "CNY")},
    **{"百万": (10**6, "CNY"), "亿": (10**8, "CNY"), "ពាន់": (10**3, "KHR")},
    **{"ម៉ឺន": (10**4, "KHR"), "លាន": (10**6, "KHR"), "ພັນ": (10**3, "LAK")},
    **{"ໝື່ນ": (10**4, "LAK"), "ແສນ": (10**5, "LAK"), "ລ້ານ": (10**6, "LAK")},
    **{"ထောင်": (10**3, "MMK"), "သောင်း": (10**4, "MMK"), "သိန်း": (10**5, "MMK")},
    **{"သန်း": (10**6, "MMK")},
}
#: Multipliers that stand for a sum of money without a currency: they count hardly anything else.
_ALONE = frozenset({"k", "tr", "triệu", "trieu", "củ", "rb", "jt", "juta", "သိန်း"})
_COINS = frozenset({"BTC", "ETH", "USDT", "USDC"})  # a point never parts their thousands
_DOLLARS = {"SG": "SGD", "HK": "HKD", "TW": "TWD"}
_MAX_DIGITS = 18
_LONGEST = 96  #: octets of a sum, as written


def _any(words: Iterable[str]) -> str:
    """A pattern of any of `words`, the longer one where one begins another."""
    return "|".join(re2.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER = r"[0-9]+(?:[.,' ][0-9]{3})*(?:[.,][0-9]{1,8})?"
_COMPOUND = re.compile(r"([0-9]{1,4})(tr|triệu|tỷ|tỉ|củ)([0-9]{1,3})")  # 2tr5: 2 500 000
_PARTS = re.compile(r"(?s)([^0-9]*)([0-9](?:.*[0-9])?)([^0-9]*)")
_AT_START = re.compile(rf"\A({_any(_TIMES)})")
_AT_END = re.compile(rf"({_any(_TIMES)})\Z")
_MULTIPLIER = rf"(?:{_any(_TIMES)})"
_SUM = Pattern(
    rf"(?i)(?:{_any(_BEFORE)})\s?(?:{_MULTIPLIER}\s)?{_NUMBER}"
    rf"(?:\s?{_MULTIPLIER}){{0,2}}(?:\s?(?:{_any(_AFTER)}))?"
    rf"|{_NUMBER}\s?(?:{_MULTIPLIER}\s?){{0,2}}(?:{_any(_AFTER)})"
    rf"|[0-9]{{1,4}}(?:tr|triệu|tỷ|tỉ|củ)[0-9]{{1,3}}"
    rf"|{_NUMBER}\s?(?:{_any(_ALONE)})"
)


def read_money(page: Page, likely: str | None = None) -> Iterator[Reading]:
    """Every number beside which a currency is said, or that a word of large sums multiplies."""
    market = page.market or likely
    data = page.data
    first = page.first_digit()
    if first is None:
        return
    for start, end in _SUM.places(data, max(0, first - _LONGEST)):
        if end - start > _LONGEST:
            continue
        if not _stands_alone(data, start, end):
            end = _before_letter(data, start, end)
            if not _stands_alone(data, start, end):
                continue
        if found := _sum(data[start:end].decode(), market):
            yield Reading(start, end, found)


def _before_letter(data: bytes, start: int, end: int) -> int:
    """Where a sum ends that takes the first letter of a word for its unit: `Rp 5jt k` of `ke`."""
    if not data[end - 2 : end - 1].isspace():
        return end
    named = not data[start : start + 1].isdigit() or not data[end - 3 : end - 2].isdigit()
    return end - 2 if named else end


def _stands_alone(data: bytes, start: int, end: int) -> bool:
    """Whether neither end of a sum is the middle of a word in letters that have words."""
    before = data[max(0, start - 4) : start].decode(errors="ignore")[-1:]
    first = data[start : start + 1]
    if first.isalnum() and _is_spaced(before):
        return False
    if before == "-" and first == b"0":  # the last group of an account
        return False
    last = data[max(start, end - 3) : end].decode(errors="ignore")[-1:]
    if last == "U" and data[end : end + 1] == b"/":  # `U/Info` of Indonesian
        return False
    if last.isdigit() or not _is_spaced(last):
        return True
    return not _is_spaced(data[end : end + 4].decode(errors="ignore")[:1])


def _is_spaced(char: str) -> bool:
    """Whether `char` is a letter or digit of a script with blanks between its words."""
    return (char.isalnum() and ord(char) < 0x0E00) or "\u1e00" <= char <= "\u1eff"


def _sum(piece: str, market: str | None) -> Sum | None:
    parts = _PARTS.fullmatch(piece)
    if parts is None:
        return None
    said, number, unit = parts.groups()
    if len(number) > _MAX_DIGITS and sum(map(str.isdigit, number)) > _MAX_DIGITS:
        return None
    if not unit and (compound := _COMPOUND.fullmatch(piece.lower())):
        whole, word, part = compound.groups()
        return Sum(_decimal(f"{whole}.{part}0", "VND", _TIMES[word][0]), "VND")
    before, factor, meant = _multiplied(said.strip().lower(), at_end=True)
    after, more, also_meant = _multiplied(unit.strip().lower())
    if _is_slang(piece, before, after, market):
        return None
    currency = _BEFORE.get(before) or _AFTER.get(after) or meant or also_meant
    if not currency and market == "VN":
        currency = "VND"  # `500k` means nothing else there
    if not currency:
        return None
    if currency == "$":
        currency = _DOLLARS.get(market or "", "USD")
    if currency == "IDR" and market == "MY" and not before and not after:
        currency = "MYR"  # Malay multiplies by the same words
    return Sum(_decimal(number, currency, factor * more), currency)


def _multiplied(words: str, *, at_end: bool = False) -> tuple[str, int, str]:
    """`words` without its multipliers, what they make together, and the currency they are of."""
    factor, currency = 1, ""
    pattern = _AT_END if at_end else _AT_START
    while words and words not in _AFTER and words not in _BEFORE:
        found = pattern.search(words)
        if found is None:
            break
        words = f"{words[: found.start()]}{words[found.end() :]}".strip()
        factor, currency = factor * _TIMES[found[1]][0], _TIMES[found[1]][1]
    return words, factor, currency


def _is_slang(piece: str, before: str, after: str, market: str | None) -> bool:
    """Whether a single letter is no currency here: `P` is the peso's in capitals and at home."""
    if before == "p":
        return piece[0] != "P" or market not in (None, "PH") or len(piece) < 4
    return after == "u" and (piece[-1] != "U" or not piece[-2:-1].isdigit())


def _decimal(number: str, currency: str, factor: int) -> str:
    """`1.500.000`, `1,500.50`, `1 500` and `0,5` as plain decimals, multiplied."""
    if number.isdigit():
        return str(int(number) * factor)
    number = number.replace(" ", "").replace("'", "")
    mark = max(number.rfind("."), number.rfind(","))
    if mark >= 0:
        head, tail = number[:mark], number[mark + 1 :]
        whole = head.replace(".", "").replace(",", "")
        number = (
            whole + tail if _parts_thousands(number, mark, currency, factor) else f"{whole}.{tail}"
        )
    value = f"{Decimal(number) * factor:f}"
    return value.rstrip("0").rstrip(".") if "." in value else value


def _parts_thousands(number: str, mark: int, currency: str, factor: int) -> bool:
    """Whether the last mark of `number` parts thousands, and does not begin a fraction."""
    head, tail, sign = number[:mark], number[mark + 1 :], number[mark]
    if len(tail) != 3 or head == "0":
        return False
    others = {char for char in head if char in ".,"}
    if others:
        return others == {sign}
    if currency in _COINS and sign == ".":
        return False
    return factor <= 10**3
