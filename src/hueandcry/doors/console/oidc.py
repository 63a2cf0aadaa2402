"""Signing in by an identity provider: it stands for the password, never for the second factor.

Nobody gets an account by it: a person who is signed in connects their own.
"""

from __future__ import annotations

import logging
from typing import Any, cast

import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from requests.adapters import BaseAdapter

from hueandcry.core.errors import HueError
from hueandcry.doors.console import notes
from hueandcry.doors.console.staff import fresh, page
from hueandcry.engine.egress.client import Egress

log = logging.getLogger("hueandcry.doors")

_OWN_FIELDS = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding")


class Outward(BaseAdapter):
    """Lets the library's calls out by the only way out there is."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        headers = {k: str(v) for k, v in request.headers.items() if k.lower() not in _OWN_FIELDS}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        with Egress(allow_private=settings.OIDC.get("private", False), timeout=10.0) as way:
            try:
                answer = way.request(
                    request.method or "GET", request.url or "", headers, cast("bytes | None", body)
                )
            except HueError as refused:
                raise requests.ConnectionError(str(refused)) from refused
        response = requests.Response()
        response.status_code, response._content = answer.status, answer.body
        response.headers.update(answer.headers)
        response.request, response.url, response.encoding = request, request.url or "", "utf-8"
        return response

    def close(self) -> None:
        """Nothing is kept open."""


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """No sign-up by a provider; its addresses are called through egress."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("console:account")

    def send_notification_mail(self, *args: Any, **more: Any) -> None:
        """Nothing here is told by mail."""

    def get_requests_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env, session.max_redirects = False, 0
        for scheme in ("https://", "http://"):
            session.mount(scheme, Outward())
        return session


@require_POST
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Leads to the provider, by a page: the policy lets no form of ours end elsewhere."""
    answer = _asked(views.login, request, provider_id)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "console/leaving.html", {"url": answer.url})
    return answer


@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Where the provider leads back to."""
    return _asked(views.callback, request, provider_id)


def _asked(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """The library's answer, or a page that says so where the provider gave none, or nonsense."""
    try:
        answer: HttpResponseBase = view(request, provider_id)
    except (requests.RequestException, KeyError, TypeError, ValueError) as wrong:
        log.warning("the identity provider did not answer as it should: %s", type(wrong).__name__)
        return render(request, "socialaccount/authentication_error.html", status=502)
    return answer


@require_safe
def cancelled(request: HttpRequest) -> HttpResponseBase:
    """Somebody turned back at the provider."""
    return HttpResponseRedirect(reverse("account_login"))


@require_POST
@page("account")
@fresh
def disconnect(request: HttpRequest) -> HttpResponseBase:
    """Forgets which account at the provider is mine."""
    SocialAccount.objects.filter(user_id=request.user.pk).delete()
    notes.looked(request, "oidc.disconnect")
    return HttpResponseRedirect(reverse("console:account"))


def is_connected(person: int) -> bool:
    """Whether a person may come by the provider."""
    return bool(SocialAccount.objects.filter(user_id=person).exists())
