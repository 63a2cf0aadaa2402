"""How fast the console is asked: strangers by address, and slower where they try to sign in."""

from __future__ import annotations

from math import ceil

from django.http import HttpRequest

from hueandcry.core.errors import TooMany
from hueandcry.doors.console import policy
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.addresses import site
from hueandcry.doors.desk.noting import note_refusal

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
        wait = _people.take(request.user.pk, 1.0, limits.rate(policy.PERSON))
        return _refuse(request, "rate_person", wait) if wait else None
    limits.address(request.META)
    if request.method == "POST":
        wait = _entrance.take(site(request.META), 1.0, limits.rate(policy.ENTRANCE))
        if wait:
            _refuse(request, "rate_sign_in", wait)
    return None


def _refuse(request: HttpRequest, code: str, wait: float) -> None:
    if not _said.take((code, site(request.META)), limits.SPAN, 60):
        note_refusal(request.META, code, person=request.user.pk)
    refused = TooMany(code, "Too many requests", do="Wait a little")
    refused.after = max(1, ceil(wait))
    raise refused
