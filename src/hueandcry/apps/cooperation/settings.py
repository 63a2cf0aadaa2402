"""What of cooperation is policy: where the days of a request's clocks end."""

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
