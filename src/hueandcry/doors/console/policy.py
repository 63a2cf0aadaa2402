"""Settings of the console: how long sessions live, what they are bound to, what counts as fresh."""

from __future__ import annotations

from typing import Final

from hueandcry.core.types import DAY, MINUTE, Micros
from hueandcry.engine.policy import face as policy
from hueandcry.engine.policy.face import Setting

IDLE: Final = policy.declare(
    Setting(
        "console.idle_minutes",
        int,
        30,
        "minutes without a request after which a session of the console ends",
        low=5,
        high=480,
    )
)
ABSOLUTE: Final = policy.declare(
    Setting(
        "console.session_hours",
        int,
        12,
        "hours after which a session of the console ends however busy it is",
        low=1,
        high=24,
    )
)
NETWORK: Final = policy.declare(
    Setting(
        "console.bind_network",
        bool,
        True,
        "whether a session is good only in the /24 or /48 network where it began",
    )
)
FRESH: Final = policy.declare(
    Setting(
        "console.fresh_minutes",
        int,
        15,
        "minutes after a sign-in for which sensitive acts do not ask for another proof",
        low=1,
        high=60,
    )
)
ONE_TIME: Final = policy.declare(
    Setting(
        "console.one_time_days",
        int,
        7,
        "days for which a password that was given out opens the page to choose an own one",
        low=1,
        high=30,
    )
)
PURPOSE: Final = policy.declare(
    Setting(
        "console.purpose_minutes",
        int,
        30,
        "minutes for which a purpose once given opens the same person's data again",
        low=1,
        high=480,
    )
)
ORIGIN: Final = policy.declare(
    Setting(
        "console.origin",
        str,
        "",
        "address at which people reach the console, such as https://console.example; "
        "empty: that of the node",
    )
)

ENTRANCE: Final = policy.declare(
    Setting(
        "limits.sign_in",
        int,
        30,
        "attempts a minute to sign in to the console from one address",
        low=5,
        high=10_000,
    )
)
PERSON: Final = policy.declare(
    Setting(
        "limits.person",
        int,
        600,
        "requests a minute to the console by one person",
        low=60,
        high=100_000,
    )
)


def idle() -> Micros:
    return policy.number(IDLE.name) * MINUTE


def absolute() -> Micros:
    return policy.number(ABSOLUTE.name) * 60 * MINUTE


def fresh() -> Micros:
    return policy.number(FRESH.name) * MINUTE


def one_time() -> Micros:
    return policy.number(ONE_TIME.name) * DAY


def purpose() -> Micros:
    return policy.number(PURPOSE.name) * MINUTE


def binds_network() -> bool:
    return bool(policy.value(NETWORK.name))


def origin() -> str:
    return str(policy.value(ORIGIN.name)).rstrip("/")
