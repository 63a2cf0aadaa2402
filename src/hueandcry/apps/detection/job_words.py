"""The words of job adverts: one spelling with every place kept, and the table of patterns."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

import re2

from hueandcry.apps.detection.assessment import Span
from hueandcry.apps.detection.tables import rows

MAX_READ: Final = 20_000  #: code points of an advert that are looked at
_MOST_SPANS: Final = 8  #: places shown for one indicator
#: What honest agencies say that they do not ask for, and how far before it the `no` stands.
_DENIABLE: Final = frozenset({"pay_first", "debt_clause"})
_DENIED_WITHIN: Final = 16
_NUMBER: Final = (
    r"([0-9][0-9.,]*)\s?(k\b|tr\b|jt\b|trieu|juta|ribu|rb\b|ngan|nghin|ล้าน|หมื่น|แสน|พัน"
    r"|ລ້ານ|ພັນ|សែន|លាន|သိန်း|万|萬|千)?"
)
_TIMES: Final = {
    "": 1, "k": 1_000, "tr": 1_000_000, "jt": 1_000_000, "trieu": 1_000_000, "juta": 1_000_000,
    "ribu": 1_000, "rb": 1_000, "ngan": 1_000, "nghin": 1_000, "ล้าน": 1_000_000, "หมื่น": 10_000,
    "แสน": 100_000, "พัน": 1_000, "ລ້ານ": 1_000_000, "ພັນ": 1_000, "សែន": 100_000,
    "លាន": 1_000_000, "သိန်း": 100_000, "万": 10_000, "萬": 10_000, "千": 1_000,
}  # fmt: skip


class _Plain(dict[int, str]):
    """Code point → the one sign that stands for it: lower case, no Latin accent, ASCII digits."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        low = sign.lower()
        if sign.isdigit() and (value := unicodedata.digit(sign, None)) is not None:
            plain = str(value)
        elif low in "đ":
            plain = "d"
        else:
            base = unicodedata.normalize("NFKD", low)[:1]
            plain = base if base.isascii() and base else low if len(low) == 1 else sign
        self[code] = plain
        return plain


_PLAIN: Final = _Plain()


def plain(text: str) -> str:
    """The first 20 000 code points in one spelling, each in its own place."""
    return text[:MAX_READ].translate(_PLAIN)


@dataclass(frozen=True, slots=True)
class Pay:
    """A sum that an advert names, as large as it reads."""

    amount: float
    currency: str
    span: Span


@cache
def _patterns() -> dict[str, re2._Regexp]:
    """For each indicator one pattern, of all languages: adverts mix them."""
    found: dict[str, list[str]] = {}
    for code, _, patterns in rows("job_words.tsv"):
        found.setdefault(code, []).extend(patterns.split("||"))
    return {code: re2.compile("|".join(map(_bounded, spelt))) for code, spelt in found.items()}


def _bounded(pattern: str) -> str:
    """`pattern` with any run of blanks for each blank, as whole words where letters are Latin."""
    spaced = pattern.strip().replace(" ?", r"\s*").replace(" ", r"\s+")
    before = r"\b" if spaced[0].isascii() and spaced[0].isalnum() else ""
    after = r"\b" if spaced[-1].isascii() and spaced[-1].isalnum() else ""
    return f"{before}(?:{spaced}){after}" if before or after else f"(?:{spaced})"


@cache
def _money() -> tuple[tuple[str, float, re2._Regexp], ...]:
    return tuple(
        (currency, float(least), re2.compile(rf"(?:{spelt})\s?{_NUMBER}|{_NUMBER}\s?(?:{spelt})"))
        for currency, least, spelt in rows("job_pay.tsv")
    )


def codes() -> frozenset[str]:
    """Every indicator that the table has words for."""
    return frozenset(_patterns())


def places(code: str, spelt: str) -> tuple[Span, ...]:
    """Where the words of one indicator stand in a text that `plain` spelt."""
    spans: list[Span] = []
    denied = _patterns()["denied"]
    for found in _patterns()[code].finditer(spelt):
        before = spelt[max(0, found.start() - _DENIED_WITHIN) : found.start()]
        if found.end() > found.start() and not (code in _DENIABLE and denied.search(before)):
            spans.append((found.start(), found.end()))
        if len(spans) == _MOST_SPANS:
            break
    return tuple(spans)


def high_pay(spelt: str) -> tuple[Pay, ...]:
    """Sums that are far above what clerical or unskilled work is paid where they are paid."""
    found: list[Pay] = []
    for currency, least, pattern in _money():
        for match in pattern.finditer(spelt):
            digits, times = match.group(1) or match.group(3), match.group(2) or match.group(4) or ""
            amount = _amount(digits) * _TIMES[times]
            if least <= amount < 100 * least:
                found.append(Pay(amount, currency, (match.start(), match.end())))
            if len(found) == _MOST_SPANS:
                return tuple(found)
    return tuple(found)


def _amount(digits: str) -> float:
    """`1.500,00`, `1,500` and `1.5` as they are meant: three digits after a mark are thousands."""
    parts = digits.replace(",", ".").strip(".").split(".")
    if len(parts) > 1 and len(parts[-1]) != 3:
        return float("".join(parts[:-1])[:15] + "." + (parts[-1][:6] or "0"))
    return float("".join(parts)[:15])
