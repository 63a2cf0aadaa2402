"""Pages of the console for what went wrong, in the frame of all others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hueandcry.core.errors import HueError, TooMany
from hueandcry.doors.desk.noting import note_refusal
from hueandcry.doors.desk.wire import status_of


def refused(request: HttpRequest, error: HueError) -> HttpResponse:
    """What a use case refused: its code, what, why and what to do, under its status."""
    return render(request, "console/refused.html", {"error": error}, status=status_of(error))


def not_found(request: HttpRequest) -> HttpResponse:
    """No such page, or no such thing for this reader: nobody can tell which."""
    return render(request, "console/not_found.html", status=404)


def session_ended(request: HttpRequest, error: HueError) -> HttpResponse:
    """The session is over, and why; from here one signs in again."""
    return render(request, "console/session_ended.html", {"error": error}, status=403)


def elsewhere(request: HttpRequest, url: str) -> HttpResponse:
    """The console was asked for under a name that is not its own."""
    return render(request, "console/elsewhere.html", {"url": url}, status=421)


def too_many(request: HttpRequest, error: TooMany | None = None) -> HttpResponse:
    """Too fast: wait. allauth gives no error, and counts by the minute."""
    response = render(request, "console/too_many.html", status=429)
    response.headers["Retry-After"] = str(error.after if error else 60)
    return response


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from a page of ours (CSRF): noted."""
    if request.path.startswith("/console/"):
        note_refusal(request.META, "csrf")
        return render(request, "console/forged.html", status=403)
    return render(request, "web/403.html", status=403)


def nowhere(request: HttpRequest) -> HttpResponse:
    """Every address of the console that is none."""
    return not_found(request)
