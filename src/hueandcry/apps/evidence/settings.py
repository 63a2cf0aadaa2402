"""What of evidence is policy: how long is kept what nobody has taken as evidence."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

EVIDENCE_DAYS: Final = policy.declare(
    Setting(
        "evidence.days",
        int,
        365,
        "days after which an exhibit is purged that no authority has taken, or that one released",
        low=1,
        high=3_650,
    )
)
