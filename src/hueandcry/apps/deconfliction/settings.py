"""What of deconfliction is policy: how much may be tried, how long a session and traces live."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

DAY: Final = policy.declare(
    Setting(
        "deconflict.day",
        int,
        10_000,
        "elements of either side that may be tried with one peer within 24 hours, dummies counted",
        low=0,
        high=1_000_000,
    )
)

MONTH: Final = policy.declare(
    Setting(
        "deconflict.month",
        int,
        50_000,
        "the same within 30 days",
        low=0,
        high=10_000_000,
    )
)

HOURS: Final = policy.declare(
    Setting(
        "deconflict.hours",
        int,
        24,
        "hours that a session may take; after them it has expired and its messages are deleted",
        low=1,
        high=24,
    )
)

DAYS: Final = policy.declare(
    Setting(
        "deconflict.days",
        int,
        365,
        "days after its end until the set of a session, which opens its commitment, is purged",
        low=1,
        high=3_650,
    )
)

CONTACT: Final = policy.declare(
    Setting(
        "deconflict.contact",
        str,
        "",
        "desk that the other member speaks to after a hit; empty: the name of this member",
    )
)
