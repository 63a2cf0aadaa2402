"""What of duty is policy: how fast a call goes on, what is worth a phone, where notices may go."""

from __future__ import annotations

from typing import Final

from hueandcry.core.types import DAY, MINUTE, Micros
from hueandcry.engine.egress.listing import is_listed
from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

ESCALATE: Final = policy.declare(
    Setting(
        "duty.escalate_minutes",
        int,
        5,
        "minutes without anybody answering a call until the next ones are told",
        low=1,
        high=720,
    )
)
PHONE: Final = policy.declare(
    Setting(
        "duty.phone_hours",
        int,
        72,
        "hours before a deadline from which a call goes by SMS too; until then by mail alone",
        low=1,
        high=8_760,
    )
)
CONSOLE: Final = policy.declare(
    Setting(
        "duty.console",
        str,
        "",
        "address of the console that notices lead to, such as https://console.example; "
        "empty: that of the node",
    )
)
PRIVATE: Final = policy.declare(
    Setting(
        "duty.private",
        tuple,
        (),
        "hosts, addresses or networks in private ranges that mail and notices may go through",
    )
)
DAYS: Final = policy.declare(
    Setting(
        "duty.days",
        int,
        400,
        "days for which shifts, calls with their notices, and hand-over notes are kept",
        low=30,
        high=3_650,
    )
)


def escalates_after() -> Micros:
    """How long a step waits for an answer."""
    return policy.number(ESCALATE.name) * MINUTE


def phones_before() -> Micros:
    """How long before a deadline a call is worth a phone."""
    return policy.number(PHONE.name) * 60 * MINUTE


def kept() -> Micros:
    """How long things of the past are kept."""
    return policy.number(DAYS.name) * DAY


def allowed(host: str, address: str) -> bool:
    """Whether the operator lists a host in a private range."""
    return is_listed(policy.items(PRIVATE.name), host, address)
