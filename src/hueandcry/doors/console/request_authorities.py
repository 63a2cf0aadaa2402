"""Authorities without a node: whom letters reach, and a form that notes one more."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.core.errors import HueError
from hueandcry.doors.console.request_words import PARTIES
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


class AuthorityForm(forms.Form):
    """An authority as a letter names it, and as the law looks at it."""

    name = forms.CharField(label=_("Name"), max_length=200)
    country = forms.RegexField(
        "[A-Za-z]{2}",
        label=_("Country"),
        max_length=2,
        help_text=_("Two letters, as ISO 3166 has them, such as LA."),
    )
    roles = forms.MultipleChoiceField(
        label=_("What it is"),
        choices=list(PARTIES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("By this the law tells what may be asked of it."),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page("requests:authorities")
def authorities(request: HttpRequest) -> HttpResponseBase:
    """Those that are known; a posted form notes one more."""
    if request.method != "POST":
        return _page(request, AuthorityForm())
    form = AuthorityForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 400)
    said = form.cleaned_data
    country = said["country"].upper()
    try:
        with unit_of_work():
            cooperation.add_authority(
                actor(request), said["name"], country, said["roles"], said["address"], clock.now()
            )
    except HueError as wrong:
        form.add_error(None, f"{wrong.what}. {wrong.do}".strip())
        return _page(request, form, 400)
    messages.success(request, gettext("It can be asked by letter from now on."))
    return HttpResponseRedirect(reverse("console:request_authorities"))


def _page(request: HttpRequest, form: AuthorityForm, status: int = 200) -> HttpResponseBase:
    context = {"known": [each for _key, each in cooperation.authorities()], "form": form}
    return render(request, "console/request_authorities.html", context, status=status)
