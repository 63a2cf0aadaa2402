"""People and roles: who may work here, and as what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.members import face as members
from hueandcry.core.errors import NotPermitted
from hueandcry.doors.console.permissions import GUEST, ROLES
from hueandcry.doors.console.staff import fresh, page
from hueandcry.doors.desk import accounts
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

ACTS = ("activate", "deactivate", "password", "factors", "sign-out")


class Roles(forms.Form):
    """What a person may do."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=[(code, name) for code, name in ROLES.items() if code != GUEST],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("An administrator of accounts cannot be a checker."),
    )


class NewPerson(Roles):
    """Somebody who is to work here."""

    login = forms.RegexField(
        r"^[a-z0-9][a-z0-9._-]*$",
        label=_("Login"),
        max_length=64,
        help_text=_("Small letters, digits, dots and hyphens. It cannot be changed."),
        widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    member = forms.ChoiceField(
        label=_("Member"),
        required=False,
        help_text=_("Somebody of a guest member sees only what is that member’s."),
    )
    field_order = ("login", "name", "member", "roles")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        seats = [(str(s.guest), s.name) for s in members.seats() if s.guest and not s.ended]
        self.fields["member"].choices = [("", _("Our own")), *seats]  # type: ignore[attr-defined]
        self.fields["roles"].required = False
        if not seats:
            del self.fields["member"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("member"):
            said["roles"] = [GUEST]
        elif not said.get("roles"):
            self.add_error("roles", gettext("Choose at least one."))
        return said


@require_safe
@page("people")
def everybody(request: HttpRequest) -> HttpResponseBase:
    """All people with roles, second factor and last sign-in."""
    seen, secured = accounts.seen(), accounts.with_second_factor()
    rows = [
        {
            "person": person,
            "roles": [ROLES.get(role, role) for role in person.roles],
            "member": members.member(person.member) if person.member else None,
            "account": seen.get(person.number),
            "secured": person.number in secured,
        }
        for person in members.people()
    ]
    return render(request, "console/people.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@page("people")
@fresh
def new(request: HttpRequest) -> HttpResponseBase:
    """Adds somebody; the password that they begin with is shown once."""
    form = NewPerson(request.POST or None)
    if not form.is_valid():
        return render(request, "console/person_new.html", {"form": form})
    said = form.cleaned_data
    with unit_of_work():
        person, password = members.add_person(
            said["login"],
            said["roles"],
            said["name"],
            by=request.user.pk,
            at=clock.now(),
            member=int(said["member"]) if said.get("member") else None,
        )
    return _once(request, person.pk, password)


@require_safe
@page("people")
def person(request: HttpRequest, number: int) -> HttpResponseBase:
    """One person, and what can be done to their account."""
    return render(request, "console/person.html", _about(number))


@require_POST
@page("people")
@fresh
def roles(request: HttpRequest, number: int) -> HttpResponseBase:
    """Other roles; the person's sessions end."""
    form = Roles(request.POST)
    if not form.is_valid():
        return render(request, "console/person.html", _about(number) | {"form": form})
    with unit_of_work():
        accounts.set_roles(number, form.cleaned_data["roles"], request.user.pk, clock.now())
    return _back(number)


@require_POST
@page("people")
@fresh
def act(request: HttpRequest, number: int, act: str) -> HttpResponseBase:
    """Lets in, locks out, signs out everywhere, or gives a new password or second factor."""
    by, at = request.user.pk, clock.now()
    if act not in ACTS:
        raise Http404
    if act in ("password", "factors") and number == by:
        raise NotPermitted(
            "own_account",
            "Nobody resets their own account here",
            do="Change it under My account, or ask another administrator",
        )
    with unit_of_work():
        if act == "password":
            password = accounts.give_password(number, by, at)
        elif act == "factors":
            accounts.reset_second_factor(number, by, at)
        elif act == "activate":
            members.set_active(number, True, by, at)
        elif act == "deactivate":
            accounts.deactivate(number, by, at)
        else:
            members.person(number)
            accounts.end_sessions(number)
    return _once(request, number, password) if act == "password" else _back(number)


def _about(number: int) -> dict[str, Any]:
    found = members.person(number)
    guest = found.member is not None
    return {
        "person": found,
        "roles": [ROLES.get(role, role) for role in found.roles],
        "member": members.member(found.member) if found.member is not None else None,
        "account": accounts.seen().get(number),
        "secured": number in accounts.with_second_factor(),
        "form": None if guest else Roles(initial={"roles": found.roles}),
    }


def _once(request: HttpRequest, number: int, password: str) -> HttpResponseBase:
    context = {"person": members.person(number), "password": password}
    return render(request, "console/person_password.html", context)


def _back(number: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:person", args=[number]))
