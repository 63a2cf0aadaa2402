"""Search: a value whole, or a part of what people claimed. What is asked stays out of addresses."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import HueError
from hueandcry.core.types import PERSONAL, Kind
from hueandcry.doors.console import seats, values
from hueandcry.doors.console.staff import page
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.unreadable import help_with

#: The search by part shows no kind that names a person: such a value is found whole only.
OPEN: Final = frozenset(Kind) - PERSONAL
LONGEST: Final = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@page("search")
def search(request: HttpRequest) -> HttpResponseBase:
    """What reads as one whole value leads to its page at once; anything else is looked for.

    Asked by POST, because what people look for may be a person's, and addresses stand in logs.
    """
    text = request.POST.get("q", "").strip()[:LONGEST]
    asked = request.POST.get("kind")
    kind = Kind(asked) if asked in set(Kind) else None
    context: dict[str, Any] = {"q": text, "kind": kind, "kinds": KINDS.items()}
    if not text:
        return render(request, "console/search.html", context)
    try:
        return HttpResponseRedirect(values.url(values.read(text, kind)))
    except HueError as refusal:
        context |= {"found": _by_part(request, text, kind), "help": help_with(refusal.code)}
        return render(request, "console/search.html", context)


def _by_part(request: HttpRequest, text: str, kind: Kind | None) -> signals.Search:
    guest = seats.guest_of(request) is not None
    return signals.search(
        text,
        kind=kind,
        market=values.market(),
        within=frozenset() if guest else OPEN,
        audience=seats.audience(request),
        sight=seats.sight(request),
    )
