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
