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


@cache
def hotlines() -> dict[str, tuple[Hotline, ...]]:
    """Country (ISO 3166-1, upper case; ANYWHERE: any) → its lines, the most urgent first."""
    text = files("hueandcry.doors.web").joinpath("data/hotlines.json").read_text("utf-8")
    countries = json.loads(text)["countries"]
    return {country: tuple(map(_hotline, rows)) for country, rows in countries.items()}


def of(country: str, *purposes: Purpose) -> list[Hotline]:
    """The lines of a country for these purposes, in their order; what holds anywhere without."""
    for place in (country.upper(), ANYWHERE):
        lines = hotlines().get(place, ())
        found = [line for purpose in purposes for line in lines if line.purpose is purpose]
        if found:
            return found
    return []


def _hotline(row: dict[str, str]) -> Hotline:
    return Hotline(**{**row, "purpose": Purpose(row["purpose"])})  # type: ignore[arg-type]
