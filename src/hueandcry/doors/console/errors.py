"""Pages of the console for what went wrong, in the frame of all others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hueandcry.core.errors import HueError
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
