"""How fast the console is asked: strangers by address, and slower where they try to sign in."""

from __future__ import annotations

from math import ceil
from typing import Final

from django.http import HttpRequest

from hueandcry.core.errors import TooMany
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.addresses import site
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.engine.policy import face as policy

ENTRANCE: Final = policy.declare(
    policy.Setting(
        "limits.sign_in",
        int,
        30,
        "attempts a minute to sign in to the console from one address",
        low=5,
        high=10_000,
    )
)
PERSON: Final = policy.declare(
    policy.Setting(
        "limits.person",
        int,
        600,
        "requests a minute to the console by one person",
        low=60,
        high=100_000,
    )
)
_entrance = limits.Buckets()
_people = limits.Buckets()
_said = limits.Buckets()


def forget() -> None:
    """Fills every bucket."""
    for buckets in (_entrance, _people, _said):
        buckets.clear()


def check(request: HttpRequest) -> None:
    """Raises TooMany for what comes too fast; the first of a flood is noted, not each."""
    if request.user.is_authenticated:
        wait = _people.take(request.user.pk, 1.0, limits.rate(PERSON))
        return _refuse(request, "rate_person", wait) if wait else None
    limits.address(request.META)
    if request.method == "POST":
        wait = _entrance.take(site(request.META), 1.0, limits.rate(ENTRANCE))
        if wait:
            _refuse(request, "rate_sign_in", wait)
    return None


def _refuse(request: HttpRequest, code: str, wait: float) -> None:
    if not _said.take((code, site(request.META)), limits.SPAN, 60):
        note_refusal(request.META, code, person=request.user.pk)
    refused = TooMany(code, "Too many requests", do="Wait a little")
    refused.after = max(1, ceil(wait))
    raise refused
