"""One's own account: second factors, sessions, language and time zone."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.members import face as members
from hueandcry.doors.console import binding
from hueandcry.doors.console.oidc import is_connected
from hueandcry.doors.console.permissions import NAVIGATION
from hueandcry.doors.console.sessions import digest, sessions_of
from hueandcry.doors.console.staff import allowed, page
from hueandcry.doors.desk.frame import no_store


class Preferences(forms.Form):
    """How somebody wants to be spoken to."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.STAFF_LANGUAGES)
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[("UTC", "UTC"), *((z, z) for z in sorted(available_timezones()) if "/" in z)],
    )


@require_safe
@page("account")
def start(request: HttpRequest) -> HttpResponseBase:
    """The first page of the navigation that this person may open."""
    for entry in (entry for _group, group in NAVIGATION for entry in group):
        try:
            if allowed(request, entry.permission):
                return HttpResponseRedirect(reverse(entry.url))
        except NoReverseMatch:
            continue
    return HttpResponseRedirect(reverse("console:account"))


@require_http_methods(["GET", "HEAD", "POST"])
@page("account")
def own(request: HttpRequest) -> HttpResponseBase:
    """Who I am here, where I am signed in, in which language and zone."""
    person = members.person(request.user.pk or 0)
    start = {"language": person.language, "zone": person.zone}
    form = Preferences(request.POST or None, initial=start)
    if form.is_valid():
        return _prefer(request, form)
    context = {
        "form": form,
        "sessions": sessions_of(person.number),
        "current": digest(request.session.session_key or ""),
        "connected": is_connected(person.number),
    }
    return render(request, "console/account.html", context)


def _prefer(request: HttpRequest, form: Preferences) -> HttpResponse:
    said = form.cleaned_data
    members.set_preferences(request.user.pk or 0, said["language"], said["zone"])
    response = HttpResponseRedirect(reverse("console:account"))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, said["language"], httponly=True, samesite="Lax"
    )
    return response


@require_POST
@page("account")
def sign_out_elsewhere(request: HttpRequest) -> HttpResponseBase:
    """Ends every session of mine but this one."""
    binding.alone(request, request.user)
    return HttpResponseRedirect(reverse("console:account"))


@require_safe
@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """The choice of a second factor, at the first sign-in."""
    return no_store(render(request, "console/enrol.html"))
