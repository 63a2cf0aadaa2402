"""Numbers that a state gives a person, and cards: told by their check digits where they have some.

Of the ten markets Laos, Cambodia, the Philippines and Myanmar give numbers without a check digit;
they are told by their form or by the word before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum import luhn
from stdnum.cn import ric
from stdnum.id import nik, npwp
from stdnum.my import nric
from stdnum.th import pin

from hueandcry.core.extract.searching import Pattern
from hueandcry.core.extract.signposts import Role, signs

_DIGITS = Pattern(r"[0-9](?:[ .-]?[0-9]){7,18}[Xx]?")
_LETTERED = Pattern(r"\b[A-Za-z]{1,2}[0-9]{6,8}(?:\(?[0-9A-Za-z]\)?)?")
#: 12/KaMaTa(N)123456 of Myanmar, in either script.
_BURMESE = Pattern(
    r"[0-9]{1,2}/[A-Za-z\p{Myanmar}]{3,24}[ ]?\([A-Za-z\p{Myanmar}]{1,12}\)[ ]?[0-9]{6}"
)
_NEAR = 100  #: octets before a number in which a word can say that it is a person's

#: Twelve digits of a Vietnamese citizen: province, century with sex, year of birth, serial number.
_VIETNAMESE = re.compile(r"0(?:[0-8][0-9]|9[0-6])[0-3][0-9]{8}")
_SINGAPOREAN = re.compile(r"[STFGM][0-9]{7}[A-Z]")
_HONG_KONG = re.compile(r"([A-Z]{1,2})([0-9]{6})\(?([0-9A])\)?")
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,8}")
_SINGAPORE_CHECKS = {"ST": "JZIHGFEDCBA", "FG": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}
_SINGAPORE_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_SINGAPORE_OFFSETS = {"S": 0, "F": 0, "T": 4, "G": 4, "M": 3}


def identity_places(data: bytes) -> Iterator[tuple[int, int]]:
    """Where a folded text in UTF-8 has numbers of persons or of cards, in octets."""
    yield from _BURMESE.places(data)
    for start, end in _DIGITS.places(data):
        number = re.sub(r"[ .-]", "", data[start:end].decode())
        if _is_anyones(number) or _is_announced(data, start):
            yield start, end
    for start, end in _LETTERED.places(data):
        number = data[start:end].decode().upper()
        told = _is_singaporean(number) or _is_of_hong_kong(number)
        if told or (_PASSPORT.fullmatch(number) and _is_announced(data, start)):
            yield start, end


def _is_announced(data: bytes, start: int) -> bool:
    near = signs(data[max(0, start - _NEAR) : start])
    return bool(near) and near[-1].role is Role.IDENTITY


def _is_anyones(number: str) -> bool:
    """Whether digits are a number of Thailand, China, Indonesia, Malaysia, Vietnam, or a card."""
    match len(number):
        case 13 if pin.is_valid(number):
            return True
        case 18 if _is_chinese(number):
            return True
        case 15 | 16 if nik.is_valid(number) or npwp.is_valid(number):
            return True
        case 12 if nric.is_valid(number) or _VIETNAMESE.fullmatch(number):
            return True
    return number[0] in "23456" and len(number) >= 13 and luhn.is_valid(number)


def _is_chinese(number: str) -> bool:
    """Number of a resident by its date of birth and check character, and place if it is listed."""
    try:
        return bool(ric.is_valid(number))
    except KeyError:  # all else is checked by then; counties come and go, and a list is never whole
        return True


def _is_singaporean(number: str) -> bool:
    """NRIC or FIN by its check letter (weights 2765432, modulo 11)."""
    if not _SINGAPOREAN.fullmatch(number):
        return False
    digits = zip(_SINGAPORE_WEIGHTS, map(int, number[1:8]), strict=True)
    rest = (sum(a * b for a, b in digits) + _SINGAPORE_OFFSETS[number[0]]) % 11
    checks = next(row for letters, row in _SINGAPORE_CHECKS.items() if number[0] in letters)
    return checks[rest] == number[8]


def _is_of_hong_kong(number: str) -> bool:
    """HKID by its check digit: letters count from A = 10, a missing one 36, weights 9 to 2."""
    found = _HONG_KONG.fullmatch(number)
    if found is None:
        return False
    letters, digits, check = found.groups()
    values = [36] * (2 - len(letters)) + [ord(letter) - 55 for letter in letters]
    total = sum(w * v for w, v in zip(range(9, 1, -1), [*values, *map(int, digits)], strict=True))
    return (11 - total % 11) % 11 == int(check, 11)
