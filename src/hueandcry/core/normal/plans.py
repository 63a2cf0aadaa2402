"""Numbering plans of single regions as one pattern each: most numbers are told without a parser.

Only what a plan takes for certain is answered here, and exactly as phonenumbers answers it (the
oracle of the tests); all else is left to the parser, which is twenty times as slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

#: The types of numbers that make one valid (`phonenumberutil._number_type_helper`).
_TYPES = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip"),
    *("personal_number", "pager", "uan", "voicemail"),
)
_LONGEST_CODE = 3  #: digits of a country code (ITU-T E.164)


@dataclass(frozen=True, slots=True)
class Plan:
    """One region that has its country code for itself."""

    code: str  #: digits of the country code
    trunk: str  #: what national numbers begin with at home, mostly 0 or nothing
    valid: re.Pattern[str]  #: a valid national number, without the trunk prefix
    stripped: re.Pattern[str] | None  #: what the parser would take for a trunk or carrier prefix

    def takes(self, national: str) -> bool:
        """Whether `national` is valid and the parser would take nothing off it."""
        if national[:1] == "0" or (self.stripped and self.stripped.match(national)):
            return False
        return self.valid.fullmatch(national) is not None


def international(text: str) -> str | None:
    """`+` and digits if that is the canonical form of a valid number, as it is; or None."""
    for length in range(1, _LONGEST_CODE + 1):
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(text[1 : 1 + length] or 0), ())
        if regions:
            plan = plan_of(regions[0]) if len(regions) == 1 else None
            return text if plan and plan.takes(text[1 + length :]) else None
    return None


def national(digits: str, region: str) -> str | None:
    """The canonical form of a national number as it is dialled in `region`; or None."""
    plan = plan_of(region)
    if plan is None:
        return None
    bare = digits.removeprefix(plan.trunk)
    # Without the trunk prefix, digits that begin like the country code may be meant with it.
    if bare == digits and digits.startswith(plan.code):
        return None
    return f"+{plan.code}{bare}" if plan.takes(bare) else None


@lru_cache(maxsize=512)
def plan_of(region: str) -> Plan | None:
    """The plan of a region with a country code for itself and without rewriting; or None."""
    found = PhoneMetadata.metadata_for_region(region)
    if found is None or found.country_code is None or found.national_prefix_transform_rule:
        return None
    if len(COUNTRY_CODE_TO_REGION_CODE[found.country_code]) > 1:
        return None
    prefix = found.national_prefix_for_parsing
    return Plan(
        code=str(found.country_code),
        trunk=found.national_prefix or "",
        valid=re.compile(_validity(found)),
        stripped=re.compile(prefix) if prefix else None,
    )


def _validity(found: PhoneMetadata) -> str:
    """A pattern of what the general description and one of the types take."""
    types = "|".join(filter(None, (_taken(getattr(found, name)) for name in _TYPES)))
    return rf"(?={_taken(found.general_desc) or '(?!)'}\Z)(?:{types or '(?!)'})"


def _taken(description: PhoneNumberDesc | None) -> str:
    """The pattern of a description, held to its lengths; empty if the region has none such."""
    if description is None or not description.national_number_pattern:
        return ""
    sizes = "|".join(rf"\d{{{length}}}" for length in description.possible_length if length > 0)
    pattern = rf"(?:{description.national_number_pattern})"
    return rf"(?=(?:{sizes})\Z){pattern}" if sizes else pattern
