"""Settings of the public site."""

from __future__ import annotations

from typing import Final

from hueandcry.engine.policy import face as policy

EXIT: Final = policy.declare(
    policy.Setting(
        "web.exit",
        str,
        "https://www.wikipedia.org/",
        "the harmless page to which “Leave now” leads",
    )
)
