"""Tokens of machines: made here, shown once, revoked at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.members import face as members
from hueandcry.core.types import DAY, Audience
from hueandcry.doors.console.staff import fresh, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


class NewToken(forms.Form):
    """What a machine is to be let in with."""

    name = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        label=_("Name"),
        max_length=64,
        help_text=_("The user name for tools that ask for one. Letters, digits, dots, hyphens."),
    )
    note = forms.CharField(label=_("For whom"), max_length=200)
    audience = forms.ChoiceField(
        label=_("Audience"),
        choices=[
            (Audience.CLEAR.value, _("clear: what anybody may know")),
            (Audience.GREEN.value, _("green: members and their partners")),
            (Audience.OWN.value, _("own: everything that this node holds")),
        ],
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it opens"),
        choices=[(scope, f"{scope}: {opens}") for scope, opens in members.SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    member = forms.ChoiceField(label=_("Member"), required=False)
    days = forms.IntegerField(
        label=_("Days until it expires"), min_value=1, max_value=1_095, initial=365
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        seats = [(str(s.guest), s.name) for s in members.seats() if s.guest and not s.ended]
        self.fields["member"].choices = [("", _("Our own")), *seats]  # type: ignore[attr-defined]
        if not seats:
            del self.fields["member"]


@require_safe
@page("tokens")
def everything(request: HttpRequest) -> HttpResponseBase:
    """All tokens, the live ones first."""
    now = clock.now()
    names = {person.number: person.login for person in members.people()}
    rows = [
        {
            "token": token,
            "maker": names.get(token.person or 0, ""),
            "member": members.member(token.member) if token.member else None,
            "ended": token.revoked_at is not None or (token.expires_at or now + 1) <= now,
        }
        for token in members.tokens()
    ]
    rows.sort(key=lambda row: (row["ended"], -row["token"].number))  # type: ignore[union-attr]
    return render(request, "console/tokens.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@page("tokens")
@fresh
def new(request: HttpRequest) -> HttpResponseBase:
    """Makes a token; its text is on this one answer and nowhere else."""
    form = NewToken(request.POST or None)
    if not form.is_valid():
        return render(request, "console/token_new.html", {"form": form})
    said, at = form.cleaned_data, clock.now()
    with unit_of_work():
        made = members.new_token(
            Audience(said["audience"]),
            said["note"],
            at,
            name=said["name"],
            scopes=said["scopes"],
            expires_at=at + said["days"] * DAY,
            person=request.user.pk,
            member=int(said["member"]) if said.get("member") else None,
        )
    return render(request, "console/token_made.html", {"made": made, "name": said["name"]})


@require_POST
@page("tokens")
@fresh
def revoke(request: HttpRequest, number: int) -> HttpResponseBase:
    """Ends a token: within a second nobody is let in with it."""
    with unit_of_work():
        members.revoke_token(number, clock.now(), by=request.user.pk)
    return HttpResponseRedirect(reverse("console:tokens"))
