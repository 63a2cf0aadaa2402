"""What somebody pasted: a list of values to look up, or words to be read as a message. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from hueandcry.core.types import PERSONAL, Kind
from hueandcry.doors.web.results import read

#: Code points of a text that are looked at.
MAX_TEXT: Final = 20_000
#: Characters of a question that may stand in an address.
MAX_ADDRESS: Final = 1_500

#: One thing that is not a value, but was meant as one: a mistyped link, number or account.
_ATTEMPT: Final = re.compile(r"https?:.*|(?=.*[\d.:@])[!-~]+|[\d\s()+./-]+", re.IGNORECASE)


def is_values(lines: Sequence[str], market: str | None) -> bool:
    """Whether every line is one value, or was meant as one."""
    return all(read(line, market) or _ATTEMPT.fullmatch(line) for line in lines)


def may_stand_in_address(lines: Sequence[str], market: str | None) -> bool:
    """Whether an address may carry the question: short, and names nobody.

    The query of a link may name whoever got it, so that such a link stands in none either.
    """
    found = [read(line, market) for line in lines]
    return sum(map(len, lines)) <= MAX_ADDRESS and all(
        signal is not None
        and signal.kind not in PERSONAL
        and not (signal.kind is Kind.URL and "?" in signal.value)
        for signal in found
    )
