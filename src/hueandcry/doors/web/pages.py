"""What every view of the public site shares: whose node it is, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, TooMany
from hueandcry.doors.desk.frame import no_store
from hueandcry.doors.web.advice import PAID

View = Callable[..., HttpResponseBase]

#: The country of a member that belongs to none (an international organisation).
_NO_COUNTRY: Final = "IO"


def market_of(us: members.MemberView) -> str | None:
    """Where a phone number without a country code is dialled."""
    return None if us.country.upper() == _NO_COUNTRY else us.country


def not_founded(request: HttpRequest) -> HttpResponse:
    """Before `init` nothing can be answered, but the one thing that cannot wait is said."""
    return no_store(render(request, "web/not_founded.html", {"paid": PAID}, status=503))


def too_many(request: HttpRequest, refused: TooMany) -> HttpResponse:
    """What comes too fast gets a page too."""
    response = no_store(render(request, "web/429.html", status=429))
    response.headers["Retry-After"] = str(refused.after)
    return response


def within_limits(view: View) -> View:
    """A view whose TooMany is that page."""

    @wraps(view)
    def limited(request: HttpRequest, *args: str, **named: str) -> HttpResponseBase:
        try:
            return view(request, *args, **named)
        except TooMany as refused:
            return too_many(request, refused)

    return limited


def bounded(limit: int) -> Callable[[View], View]:
    """A view that refuses a body of more than `limit` bytes before a byte of it is read."""

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: str, **named: str) -> HttpResponseBase:
            if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
                return too_large(request)
            return view(request, *args, **named)

        return guarded

    return around


def from_here(view: View) -> View:
    """A view that refuses a form which a browser says that another site has sent."""

    @wraps(view)
    def checked(request: HttpRequest, *args: str, **named: str) -> HttpResponseBase:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            return no_store(render(request, "web/403.html", status=403))
        return view(request, *args, **named)

    return checked


def too_large(request: HttpRequest, refused: HueError | None = None) -> HttpResponse:
    """The page for what is larger than we take; the connection ends, since its body is unread."""
    response = no_store(render(request, "web/413.html", status=413))
    response.headers["Connection"] = "close"
    return response
