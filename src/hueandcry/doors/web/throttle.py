"""The public site serves each address at a bounded rate; what lies beyond it gets a page too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from hueandcry.core.errors import TooMany
from hueandcry.doors.desk import limits
from hueandcry.doors.web.pages import too_many

#: Not of the public site: assets are kept by browsers, and staff have limits of their own.
_APART: Final = ("/static/", "/console/")


class PublicRate:
    """Refuses what comes too fast from one address, before any view looks at it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(_APART):
            try:
                limits.address(request.META)
            except TooMany as refused:
                return too_many(request, refused)
        return self._next(request)
