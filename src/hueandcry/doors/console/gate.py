"""What stands before every page of the console: its origin, its session, its second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.contrib.auth import logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from hueandcry.core.errors import TooMany, Untrusted
from hueandcry.doors.console import binding, errors, factors, floods, notes, policy
from hueandcry.doors.console.templatetags.times import zone
from hueandcry.doors.desk.frame import our_member

Next = Callable[[HttpRequest], HttpResponseBase]

PREFIX: Final = "/console/"
_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


def is_ours(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX)


class Origin:
    """The console answers at its own address only, and its cookies go nowhere else.

    Behind a proxy that ends TLS the request looks like plain HTTP: the address decides.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_ours(request):
            return self._next(request)
        url = our_url()
        host = request.META.get("HTTP_HOST", "").lower()
        home = urlsplit(url)
        at_home = host in (home.netloc.lower(), home.hostname)  # proxies may leave the port out
        if not at_home and not _LOOPBACK.fullmatch(host):
            return errors.elsewhere(request, url)
        if at_home:
            request.META["HTTP_HOST"], request.META["wsgi.url_scheme"] = home.netloc, home.scheme
        response = self._next(request)
        response.headers.setdefault("Cache-Control", "no-store")
        # With no-referrer a browser sends `Origin: null` with its forms, which proves nothing.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if at_home and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        for cookie in response.cookies.values():
            cookie["secure"] = request.is_secure() or ""
        return response


def our_url() -> str:
    """The address under which people reach the console, without a path."""
    try:
        if given := policy.origin():
            return given
    except DatabaseError:
        return ""
    us = our_member()
    return us.url if us else ""


class BoundSession:
    """Whose session has ended, or is used elsewhere, is nobody from here on; it is logged."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_ours(request):
            return self._next(request)
        try:
            floods.check(request)
            if not request.user.is_authenticated:
                return self._next(request)
            binding.check(request)
        except TooMany as flood:
            return errors.too_many(request, flood)
        except Untrusted as refused:
            notes.refused(request, refused.code)
            logout(request)
            return errors.session_ended(request, refused)
        with timezone.override(zone(request.user.zone)):
            return self._next(request)


class SecondFactor:
    """Whoever signed in with a password alone reaches only the pages that end that."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_ours(request) or not request.user.is_authenticated:
            return self._next(request)
        missing = factors.missing(request)
        request.console_opened = missing is None  # type: ignore[attr-defined]  # for templates
        if missing is None or _name(request) in factors.WAY_TO[missing]:
            return self._next(request)
        return HttpResponseRedirect(reverse(factors.PAGE[missing]))


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
