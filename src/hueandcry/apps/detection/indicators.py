"""The sixteen indicators of trafficking in a job advert, and when they add up (Palermo, ILO).

Each is shown, met or not. Together they say who should look at the advert, and never that
somebody is guilty: who answers it may be a victim, and who posted it may be forced to.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hueandcry.apps.detection.assessment import Indicator, Span
from hueandcry.apps.detection.job_words import high_pay, places


class Weight(StrEnum):
    """How much one indicator says, in the three grades of the ILO's Delphi indicators (2009)."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


#: The screening list for job adverts, in its order.
INDICATORS: Final[dict[str, Weight]] = {
    "pay_above_skill": Weight.MEDIUM,
    "vague_role": Weight.WEAK,
    "no_qualifications": Weight.WEAK,
    "free_travel": Weight.MEDIUM,
    "tourist_entry": Weight.STRONG,
    "odd_workplace": Weight.MEDIUM,
    "chat_hiring": Weight.WEAK,
    "evades_borders": Weight.STRONG,
    "nameless_employer": Weight.WEAK,
    "passport_at_once": Weight.MEDIUM,
    "hurry": Weight.WEAK,
    "debt_clause": Weight.STRONG,
    "confined": Weight.MEDIUM,
    "age_sex_limits": Weight.WEAK,
    "bonus_for_recruits": Weight.WEAK,
    "reused": Weight.MEDIUM,
}

_NAMELESS_FROM: Final = 40  #: code points from which on a missing employer counts
_BY_WORDS: Final = frozenset(INDICATORS) - {"pay_above_skill", "nameless_employer", "reused"}


def indicators(spelt: str, reused: tuple[Span, ...] = ()) -> tuple[Indicator, ...]:
    """All sixteen, in order, of an advert that `plain` spelt; `reused` are places known before."""
    found = {code: places(code, spelt) for code in _BY_WORDS}
    high = tuple(pay.span for pay in high_pay(spelt))
    unskilled = found["no_qualifications"] or found["vague_role"]
    found["pay_above_skill"] = places("pay_above_skill", spelt) + (high if unskilled else ())
    found["reused"] = reused
    nameless = len(spelt) >= _NAMELESS_FROM and not places("employer", spelt)
    return tuple(
        Indicator(
            code,
            nameless if code == "nameless_employer" else bool(found[code]),
            found.get(code, ()),
        )
        for code in INDICATORS
    )


def is_positive(found: tuple[Indicator, ...]) -> bool:
    """Whether they add up: as one dimension of the ILO's list does, with one more for an advert.

    Two strong; or one strong with two medium, or with a medium and two weak; or three medium with
    two weak. One dimension alone asks for less, but an advert shows its best side, and honest
    ones offer lodging or ask for typing too.
    """
    counts = {weight: 0 for weight in Weight}
    for one in found:
        counts[INDICATORS[one.code]] += one.met
    strong, medium, weak = counts[Weight.STRONG], counts[Weight.MEDIUM], counts[Weight.WEAK]
    if strong:
        return strong > 1 or medium > 1 or (medium == 1 and weak > 1)
    return medium > 2 and weak > 1
