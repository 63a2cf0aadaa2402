"""`data/restrictions.json`: what may not be done with the exhibits of a package. Forms only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.apps.evidence.rules import Limit, RestrictionView, Terms
from hueandcry.core import jcs
from hueandcry.core.errors import Malformed
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Purpose

MOST: Final = 1 << 24  #: bytes
QUARANTINE: Final = "quarantine"


def stated(number: str, limits: Sequence[RestrictionView], quarantined: bool) -> list[Any]:
    """What stands in the file about one exhibit."""
    found: list[dict[str, Any]] = [
        {
            "exhibit": number,
            "kind": str(limit.terms.kind),
            "words": limit.terms.words,
            "authority": limit.terms.authority,
            "to": list(limit.terms.to),
            "purposes": [str(each) for each in limit.terms.purposes],
            "until": None if limit.terms.until is None else time_text(limit.terms.until),
            "imposed_by": limit.imposed_by,
        }
        for limit in limits
    ]
    return [*found, {"exhibit": number, "kind": QUARANTINE}] if quarantined else found


def encode(restrictions: Sequence[Mapping[str, Any]]) -> bytes:
    """The file."""
    return jcs.canonical({"v": 1, "restrictions": [dict(each) for each in restrictions]})


@dataclass(frozen=True, slots=True)
class Limits:
    """The file as it was read."""

    said: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, data: bytes) -> Limits:
        """The inverse of `encode`; Malformed (`restrictions`) where any cannot be understood.

        What restricts us and is not understood is not passed over: the package is refused.
        """
        said = jcs.parse(data, max_bytes=MOST)
        try:
            found = cls(said["restrictions"])
            for each in found.said:
                if each["kind"] != QUARANTINE:
                    _terms(each)
        except (KeyError, TypeError, ValueError):
            raise Malformed("restrictions", "The restrictions cannot be understood") from None
        return found

    def of(self, number: str) -> tuple[Terms, ...]:
        """What restricts one exhibit."""
        return tuple(
            _terms(each)
            for each in self.said
            if each["exhibit"] == number and each["kind"] != QUARANTINE
        )

    def quarantined(self, number: str) -> bool:
        """Whether it lies in quarantine, and is for the police alone."""
        return any(e["exhibit"] == number and e["kind"] == QUARANTINE for e in self.said)


def _terms(said: Mapping[str, Any]) -> Terms:
    until = said["until"]
    return Terms(
        Limit(said["kind"]),
        str(said["words"]),
        str(said["authority"]),
        tuple(str(each) for each in said["to"]),
        tuple(Purpose(each) for each in said["purposes"]),
        None if until is None else read_time(until),
    )
