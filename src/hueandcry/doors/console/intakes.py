"""Trusted intakes: which of them a rule confirms domains and links for, and every hit of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Conflict
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import allowed, fresh, page
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work

#: Settings that the rule is made of (docs/reports.md).
_TRUSTED = "reports.trusted_intakes"
_LIKELIHOOD = "reports.trusted_likelihood"
_SCOPE = "reports:write"
LIMIT = 50


class RuleForm(forms.Form):
    """Who is trusted, and from which likelihood on."""

    trusted = forms.MultipleChoiceField(
        label=_("Intakes that are trusted"), required=False, widget=forms.CheckboxSelectMultiple
    )
    likelihood = forms.IntegerField(
        label=_("From this likelihood on, in per cent"), min_value=50, max_value=100
    )
    versions = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["trusted"].choices = _intakes()  # type: ignore[attr-defined]


def _intakes() -> list[tuple[str, Any]]:
    """Every intake that can be trusted, by the name that reports carry."""
    tokens = [t for t in members.tokens() if t.revoked_at is None and _SCOPE in t.scopes]
    return [
        ("hotline", _("Hotline")),
        ("bank", _("Bank file")),
        ("mail", _("E-mail file")),
        *((f"token:{t.number}", t.name or t.note or f"token {t.number}") for t in tokens),
    ]


@require_safe
@page("intakes")
def rule(request: HttpRequest) -> HttpResponseBase:
    """The rule as it stands, and what it did."""
    return _page(request, RuleForm(initial=_held()))


@require_http_methods(["GET", "HEAD", "POST"])
@page("intakes:change")
@fresh
def change(request: HttpRequest) -> HttpResponseBase:
    """Changes the rule: new versions of its two settings, on record as every setting is."""
    form = RuleForm(request.POST or None, initial=_held())
    if not form.is_valid():
        return _page(request, form, status=400 if request.method == "POST" else 200)
    said = form.cleaned_data
    with unit_of_work():
        if said["versions"] != _versions():
            raise Conflict("setting", "Somebody else changed this just now", do="Look again")
        now, by = clock.now(), request.user.pk
        policy.change(_TRUSTED, "\n".join(said["trusted"]), by, now)
        policy.change(_LIKELIHOOD, str(said["likelihood"]), by, now)
    messages.success(
        request, gettext("The rule is changed. It holds for what is read from now on.")
    )
    return HttpResponseRedirect(reverse("console:intakes"))


def _held() -> dict[str, Any]:
    return {
        "trusted": list(policy.items(_TRUSTED)),
        "likelihood": policy.number(_LIKELIHOOD),
        "versions": _versions(),
    }


def _versions() -> str:
    """Which versions of both settings somebody saw."""
    held = {each.setting.name: each.version for each in policy.every()}
    return f"{held[_TRUSTED]} {held[_LIKELIHOOD]}"


def _page(request: HttpRequest, form: RuleForm, status: int = 200) -> HttpResponseBase:
    names = dict(_intakes())
    hits = reports.hits(cursor(request, "before"), LIMIT)
    context = {
        "form": form,
        "may_change": allowed(request, "intakes:change"),
        "may_open": allowed(request, "reports"),
        "trusted": [str(names.get(name, name)) for name in policy.items(_TRUSTED)],
        "likelihood": policy.number(_LIKELIHOOD),
        "hits": hits,
        "before": hits[-1].report if len(hits) == LIMIT else None,
    }
    return render(request, "console/intakes.html", context, status=status)
