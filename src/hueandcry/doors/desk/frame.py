"""The frame of every page: what a browser may load, the reader's language, whose node this is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.translation import activate, get_language, get_supported_language_variant

from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError
from hueandcry.doors.desk.languages import REVIEWED, offered, reading

#: Everything that a page loads comes from this node; a script also needs the page's nonce.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: The parameter by which any page is asked for in one language: `?lang=th`.
LANGUAGE: Final = "lang"


class ContentSecurityPolicy:
    """Gives every request a nonce, and every answer the policy that names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]  # for templates
        response = self._next(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
        return response


class ReadersLanguage(LocaleMiddleware):
    """`?lang=` before the cookie, before Accept-Language; a choice by `?lang=` is remembered."""

    def process_request(self, request: HttpRequest) -> None:
        if chosen := chosen_language(request):
            request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
        super().process_request(request)
        if get_language() not in dict(offered(request)):
            activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if chosen := chosen_language(request):
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=365 * 86_400,
                secure=request.is_secure(),
                httponly=True,
                samesite="Lax",
            )
        return super().process_response(request, response)


def chosen_language(request: HttpRequest) -> str | None:
    """The supported language that `?lang=` asks for, if any."""
    try:
        chosen = get_supported_language_variant(_query(request).get(LANGUAGE, ""))
    except LookupError:
        return None
    return chosen if chosen in dict(offered(request)) else None


def page(request: HttpRequest) -> dict[str, Any]:
    """What every template may use; never fails, since error pages use it too."""
    return {
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": [_language(request, code, name) for code, name in offered(request)],
        "node": our_member(),
        "path": request.path,
        "unreviewed": reading() not in REVIEWED,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


def _language(request: HttpRequest, code: str, name: str) -> dict[str, str]:
    """A language by its own name, and this same page in it."""
    query = _query(request).copy()
    query[LANGUAGE] = code
    return {"code": code, "name": name, "url": f"?{query.urlencode()}"}


def _query(request: HttpRequest) -> QueryDict:
    """The query, or an empty one where Django refuses it: a page must still come out."""
    try:
        return request.GET
    except SuspiciousOperation:
        return QueryDict()


def our_member() -> members.MemberView | None:
    """Whose node this is; None before `init`, or when the database does not answer."""
    try:
        return members.us()
    except (HueError, DatabaseError):
        return None


def no_store(response: HttpResponse) -> HttpResponse:
    """The answer, never to be kept by a browser or a cache on the way: it echoes what was asked."""
    response.headers["Cache-Control"] = "no-store"
    return response
