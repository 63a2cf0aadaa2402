"""Telephone numbers: E.164 with `+`, so that `+84…`, `84…`, `0084…` and national forms meet."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import plans
from hueandcry.core.normal.text import flat

MAX_PHONE = 64
_NOISE = re.compile(r"[\s().\-/\u00b7]+")
_COMPACT = re.compile(r"\+?[0-9]{3,20}")
_URI = re.compile(r"(?:tel|callto|sms):(?://)?", re.I)


def phone(text: str, market: str | None = None) -> str:
    """The number as `+` and digits; `market` (ISO 3166 alpha-2) is where a national form is read.

    With `+` a possible length is enough, since callers forge numbers that no plan has; without it
    the number must be valid, since any digits could be meant.
    """
    if market and text.isdigit() and text.isascii():  # as most in messages are
        sure = plans.national(text, market.upper())
        if sure:
            return sure
    text = flat(text)
    text = _NOISE.sub("", _URI.sub("", text, count=1).partition(";")[0])
    if len(text) > MAX_PHONE or not _COMPACT.fullmatch(text):
        raise _not_a_phone()
    region = _region(market)
    for number, where in _readings(text, region):
        if found := _e164(number, where, forgeable=text[0] == "+"):
            return found
    raise _not_a_phone() if text[0] == "+" or region else _no_country()


def _readings(text: str, region: str | None) -> list[tuple[str, str | None]]:
    """The ways to read `text`, likeliest first, as number and region."""
    if text[0] == "+":
        return [(text, None)]
    international = "+" + text.removeprefix("00")
    return [(text, region), (international, None)] if region else [(international, None)]


def _e164(text: str, region: str | None, *, forgeable: bool) -> str | None:
    """The number in E.164, read again until it stays the same; None if it is no number."""
    sure = plans.national(text, region) if region else plans.international(text)
    if sure:
        return sure
    for _ in range(3):
        try:
            number = phonenumbers.parse(text, region)
        except NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number) and not (forgeable and _is_possible(number)):
            return None
        written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if written == text:
            return written
        text, region = written, None
    return None


def _is_possible(number: phonenumbers.PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return bool(reason == ValidationResult.IS_POSSIBLE)


def _region(market: str | None) -> str | None:
    if market is None:
        return None
    region = market.upper()
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise Unreadable(
            "market",
            "This is not a country or territory with telephone numbers",
            do="Give its two letters after ISO 3166, such as TH or VN",
        )
    return region


def _no_country() -> Unreadable:
    return Unreadable(
        "phone-country",
        "The country of this number is not known",
        why="Without + and a country code the same digits ring in many countries",
        do="Write it with + and the country code, or say which market it is from",
    )


def _not_a_phone() -> Unreadable:
    return Unreadable(
        "not-a-phone",
        "This is not a telephone number",
        why="No numbering plan has one of this form; short codes and sender names are not numbers",
        do="Write it with + and the country code, such as +84 90 123 45 67",
    )
