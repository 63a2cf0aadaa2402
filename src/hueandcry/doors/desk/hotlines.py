"""Whom somebody can call, by country: one data file, `data/hotlines.json`, read when first asked.

Each row says where it is from and when that was read; `unchecked` ones are shown as such.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

UNCHECKED: Final = "unchecked"
#: What holds where a country has no line of its own, and where the country is not known.
ANYWHERE: Final = ""


class Purpose(StrEnum):
    """What a line is for."""

    SCAM = "scam"  #: stops payments, or leads to who does
    POLICE = "police"
    DISTRESS = "distress"
    TRAFFICKING = "trafficking"


@dataclass(frozen=True, slots=True)
class Hotline:
    """One line, as its own country names it."""

    name: str
    english: str
    number: str  #: as dialled in the country; a name of a website where there is no number
    purpose: Purpose
    hours: str
    source: str
    checked: str  #: a day, or UNCHECKED

    @property
    def dial(self) -> str:
        """What a telephone can be told to dial; empty for a website."""
        return self.number if self.number.isdigit() else ""

    @property
    def is_checked(self) -> bool:
        return self.checked != UNCHECKED


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its own name and in English, with its lines, the most urgent first."""

    code: str  #: ISO 3166-1, upper case; ANYWHERE for what holds in all
    name: str
    lines: tuple[Hotline, ...]


@cache
def countries() -> dict[str, Country]:
    """The countries of the file by their codes, in its order."""
    text = files("hueandcry.doors.desk").joinpath("data/hotlines.json").read_text("utf-8")
    return {
        code: Country(code, row["name"], tuple(map(_hotline, row["lines"])))
        for code, row in json.loads(text)["countries"].items()
    }


def named() -> list[Country]:
    """The countries that can be chosen."""
    return [country for country in countries().values() if country.code != ANYWHERE]


def of(country: str, *purposes: Purpose) -> list[Hotline]:
    """The lines of a country for these purposes, in their order; what holds anywhere without."""
    for place in (country.upper(), ANYWHERE):
        lines = countries()[place].lines if place in countries() else ()
        found = [line for purpose in purposes for line in lines if line.purpose is purpose]
        if found:
            return found
    return []


def _hotline(row: dict[str, str]) -> Hotline:
    return Hotline(**{**row, "purpose": Purpose(row["purpose"])})  # type: ignore[arg-type]
