"""Settings: each with its type and its bounds, its versions, and the way back to any of them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.members import face as members
from hueandcry.core.errors import Conflict, Malformed, NotFound
from hueandcry.doors.console.staff import fresh, page
from hueandcry.engine import clock
from hueandcry.engine.policy import face as policy
from hueandcry.engine.store.work import unit_of_work


def _field(setting: policy.Setting) -> forms.Field:
    """The field that takes what the setting takes."""
    if setting.kind is bool:
        return forms.ChoiceField(choices=[("yes", _("yes")), ("no", _("no"))])
    if setting.kind is int:
        return forms.IntegerField(min_value=setting.low, max_value=setting.high)
    if setting.choices:
        return forms.ChoiceField(choices=[(choice, choice) for choice in setting.choices])
    if setting.kind is tuple:
        return forms.CharField(required=False, widget=forms.Textarea({"rows": 6}))
    return forms.CharField(required=False, max_length=2_000)


class Change(forms.Form):
    """A new value, said by somebody who saw `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, setting: policy.Setting, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["value"] = _field(setting)
        self.fields["value"].label = str(_("Value"))
        if setting.kind is tuple:
            self.fields["value"].help_text = str(_("One to a line."))
        elif setting.low is not None and setting.high is not None:
            bounds = {"low": setting.low, "high": setting.high}
            self.fields["value"].help_text = gettext("From %(low)s to %(high)s.") % bounds


@require_safe
@page("settings")
def everything(request: HttpRequest) -> HttpResponseBase:
    """Every setting with what is in force, by room."""
    found = policy.every()
    rooms = groupby(found, lambda each: each.setting.name.partition(".")[0])
    shown = [(room, [_shown(each) for each in those]) for room, those in rooms]
    return render(request, "console/settings.html", {"rooms": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@page("settings")
@fresh
def setting(request: HttpRequest, name: str) -> HttpResponseBase:
    """One setting: its value and its history; a new value is a new version."""
    held = _in_force(name)
    start = {"version": held.version, "value": policy.text_of(held.value)}
    form = Change(held.setting, request.POST or None, initial=start)
    if form.is_valid():
        try:
            with unit_of_work():
                _expect(name, form.cleaned_data["version"])
                text = str(form.cleaned_data["value"])
                policy.change(name, text, request.user.pk, clock.now())
            return _back(name)
        except Malformed as wrong:
            form.add_error("value", wrong.what)
    return render(request, "console/setting.html", _about(held, form))


@require_POST
@page("settings")
@fresh
def undo(request: HttpRequest, name: str, version: int) -> HttpResponseBase:
    """Back to what an earlier version said, as a new version; 0 is the default."""
    with unit_of_work():
        seen = request.POST.get("version", "")
        _expect(name, int(seen) if seen.isascii() and seen.isdecimal() else -1)
        text = _text_of_version(name, version)
        if text is None:
            policy.clear(name, request.user.pk, clock.now())
        else:
            policy.change(name, text, request.user.pk, clock.now())
    return _back(name)


def _in_force(name: str) -> policy.InForce:
    found = next((each for each in policy.every() if each.setting.name == name), None)
    if found is None:
        raise NotFound("setting", "There is no such setting")
    return found


def _expect(name: str, version: int) -> None:
    """Raises Conflict when somebody else was faster: nobody overwrites what they have not seen."""
    if _in_force(name).version != version:
        raise Conflict("setting", f"Somebody else changed {name} meanwhile", do="Look again")


def _text_of_version(name: str, version: int) -> str | None:
    if version == 0:
        return None
    for change in policy.history(name):
        if change.version == version:
            return change.text
    raise NotFound("setting", "There is no such version")


def _about(held: policy.InForce, form: Change) -> dict[str, Any]:
    name = held.setting.name
    names = {person.number: person.login for person in members.people()}
    changes = policy.history(name)
    rows = [
        {
            "change": change,
            "by": names.get(change.person or 0, ""),
            "before": changes[n + 1].text if n + 1 < len(changes) else None,
        }
        for n, change in enumerate(changes)
    ]
    default = policy.text_of(held.setting.default)
    return {"held": held, "form": form, "rows": rows, "default": default}


def _shown(each: policy.InForce) -> dict[str, Any]:
    text = policy.text_of(each.value)
    return {"setting": each.setting, "text": text, "version": each.version, "at": each.at}


def _back(name: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console:setting", args=[name]))
