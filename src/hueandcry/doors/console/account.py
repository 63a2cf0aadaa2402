"""One's own account: second factors, sessions, language and time zone."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from hueandcry.doors.console.permissions import NAVIGATION
from hueandcry.doors.console.staff import allowed, page
from hueandcry.doors.desk.frame import no_store


@require_safe
@page("account")
def start(request: HttpRequest) -> HttpResponseBase:
    """The first page of the navigation that this person may open."""
    entries = [entry for _, group in NAVIGATION for entry in group]
    for entry in entries:
        try:
            if allowed(request, entry.permission):
                return HttpResponseRedirect(reverse(entry.url))
        except NoReverseMatch:
            continue
    return HttpResponseRedirect(reverse("console:account"))


@require_safe
@page("account")
def own(request: HttpRequest) -> HttpResponseBase:
    """Who I am here."""
    return render(request, "console/account.html")


@require_safe
@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """The choice of a second factor, at the first sign-in."""
    return no_store(render(request, "console/enrol.html"))
