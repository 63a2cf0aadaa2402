"""What of cooperation is policy: where days end, and how long requests are kept."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

ZONE: Final = policy.declare(
    Setting(
        "cooperation.zone",
        str,
        "UTC",
        "time zone (IANA) in which days end for requests to this member",
    )
)

HOLD_AT_ONCE: Final = policy.declare(
    Setting(
        "cooperation.hold_at_once",
        int,
        0,
        "how many matching reports and exhibits a preservation puts under legal hold as it arrives;"
        " 0, or more that match: a person decides",
        low=0,
        high=100_000,
    )
)

PROTECTION_RECIPIENT: Final = policy.declare(
    Setting(
        "cooperation.protection_recipient",
        str,
        "",
        "age recipient (`age1…`) of the protection desk, which alone reads referrals; empty: none",
    )
)

DAYS: Final = policy.declare(
    Setting(
        "cooperation.days",
        int,
        1_825,
        "days after its end until what a request says is purged, if nothing is held for it",
        low=30,
        high=18_250,
    )
)
