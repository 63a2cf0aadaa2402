"""What every page of the console may use: who is signed in, where they may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.reports import face as reports
from hueandcry.doors.console.gate import is_ours
from hueandcry.doors.console.permissions import MAY, NAVIGATION, ROLES, Entry
from hueandcry.doors.console.staff import allowed, roles

#: What waits is counted up to here: more are told as “999+”.
_COUNTED: Final = 1_000
#: Line of the navigation → how much waits there for this reader, counted up to `_COUNTED`.
_QUEUES: Final[Mapping[str, Callable[[HttpRequest], int]]] = {
    "console:reports": lambda _request: reports.waiting(_COUNTED),
    "console:requests": lambda request: cooperation.waiting(
        _COUNTED, cooperation.hidden_from(roles(request))
    ),
}


class Line(NamedTuple):
    """One line of the navigation, as this reader sees it."""

    text: str
    url: str
    current: bool
    waiting: str = ""  #: how much waits there


def console(request: HttpRequest) -> dict[str, Any]:
    """`navigation`, `may` (permission → bool, `may.claims_raise`), `my_roles`, `oidc`.

    Never fails, since error pages use it too.
    """
    if not is_ours(request):
        return {}
    entrance = {"oidc": settings.OIDC.get("name", "")}
    if not getattr(request, "console_opened", False):
        return entrance
    return entrance | {
        "navigation": [
            (group, lines)
            for group, entries in NAVIGATION
            if (lines := [line for entry in entries if (line := _line(request, entry))])
        ],
        "may": {name.replace(":", "_"): allowed(request, name) for name in MAY},
        "my_roles": [ROLES.get(role, role) for role in sorted(roles(request))],
    }


def _line(request: HttpRequest, entry: Entry) -> Line | None:
    """The line for this reader; None where the roles do not allow it."""
    try:
        url = reverse(entry.url)
    except NoReverseMatch:
        return None
    if not allowed(request, entry.permission):
        return None
    count = _waiting(request, _QUEUES[entry.url]) if entry.url in _QUEUES else ""
    return Line(str(entry.text), url, request.path.startswith(url), count)


def _waiting(request: HttpRequest, count: Callable[[HttpRequest], int]) -> str:
    """How many wait for somebody here; empty for none, and when the database is away."""
    try:
        number = count(request)
    except DatabaseError:
        return ""
    return f"{_COUNTED - 1}+" if number >= _COUNTED else str(number or "")
