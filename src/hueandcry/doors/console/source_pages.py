"""Sources: lists of others that this node takes by itself; look first, then save and run."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.sources import face as sources
from hueandcry.core.formats import FORMATS
from hueandcry.core.types import Kind, Tlp
from hueandcry.doors.console import words
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import actor, check, page
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.taxonomy import LURES, METHODS
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

LIMIT: Final = 20
_NONE: Final = [("", _("Not said"))]


class SourceForm(forms.Form):
    """Where a list is, how it is read, and what is claimed of what it holds."""

    name = forms.SlugField(
        label=_("Name"),
        max_length=64,
        help_text=_("Lower-case letters, digits and hyphens; its claims stand under it."),
    )
    what = forms.ChoiceField(
        label=_("What it is"), choices=[(w.value, words.SOURCE_KINDS[w]) for w in sources.What]
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=2_000,
        help_text=_("An https address, or a path in a folder that sources may read."),
    )
    every = forms.IntegerField(
        label=_("Minutes between two runs"), min_value=1, max_value=43_200, initial=60
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[("", _("What it looks like")), *((name, name) for name in FORMATS)],
        required=False,
    )
    column = forms.CharField(label=_("Column"), max_length=200, required=False)
    kind = forms.ChoiceField(
        label=_("Read as"), choices=[("", _("What it looks like")), *KINDS.items()], required=False
    )
    lure = forms.ChoiceField(label=_("Lure"), choices=_NONE + list(LURES.items()), required=False)
    method = forms.ChoiceField(
        label=_("Method"), choices=_NONE + list(METHODS.items()), required=False
    )
    tlp = forms.ChoiceField(
        label=_("Who may know"), choices=[(t.name, words.TLPS[t]) for t in Tlp], initial="GREEN"
    )
    confidence = forms.IntegerField(
        label=_("Confidence"), min_value=0, max_value=100, required=False, help_text=_("0 to 100")
    )
    gone = forms.ChoiceField(
        label=_("What the list no longer holds"),
        choices=[("keep", _("stays until it ends")), ("retract", _("is taken back"))],
    )
    user = forms.CharField(label=_("User"), max_length=200, required=False)
    secret = forms.CharField(
        label=_("Password or token"),
        max_length=2_000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Sealed when it is saved. After a look it must be written again."),
    )
    note = forms.CharField(
        label=_("Who runs it, and why it is believed"), max_length=500, required=False
    )

    def new(self) -> sources.NewSource:
        """What the form says; the secret is sealed when it is saved."""
        said = self.cleaned_data
        credentials = sources.Credentials()
        if said["secret"]:
            auth = "basic" if said["user"] else "bearer"
            credentials = sources.Credentials(auth, said["user"], said["secret"])
        mapping = sources.Mapping(
            format=said["format"],
            column=said["column"],
            kind=Kind(said["kind"]).value if said["kind"] else "",
            lure=said["lure"],
            method=said["method"],
            tlp=Tlp[said["tlp"]].wire,
            confidence=said["confidence"],
        )
        return sources.NewSource(
            said["name"],
            sources.What(said["what"]),
            said["address"],
            said["every"],
            mapping,
            gone=said["gone"],
            note=said["note"],
            credentials=credentials,
        )


@require_safe
@page("sources")
def every(request: HttpRequest) -> HttpResponseBase:
    """Every source with its last run."""
    return render(request, "console/sources.html", {"sources": sources.sources()})


@require_http_methods(["GET", "HEAD", "POST"])
@page("sources:change")
def add(request: HttpRequest) -> HttpResponseBase:
    """A new source: `step=preview` fetches it and shows what would change, and writes nothing."""
    form = SourceForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        new = form.new()
        if request.POST.get("step") == "preview":
            context["preview"] = sources.preview_new(actor(request), new, clock.now())
            return render(request, "console/source_new.html", context)
        with unit_of_work():
            sources.add(actor(request), new, clock.now())
        messages.success(request, gettext("Saved. It runs now, and then on its schedule."))
        return HttpResponseRedirect(reverse("console:source", args=[new.name]))
    status = 400 if form.errors else 200
    return render(request, "console/source_new.html", context, status=status)


@require_safe
@page("sources")
def one(request: HttpRequest, name: str) -> HttpResponseBase:
    """One source and its runs, newest first."""
    return render(request, "console/source.html", _one(request, name))


def _one(request: HttpRequest, name: str) -> dict[str, Any]:
    runs = sources.runs(name, LIMIT, cursor(request, "before"))
    return {
        "source": sources.source(name),
        "runs": runs,
        "before": runs[-1].number if len(runs) == LIMIT else None,
    }


@require_POST
@page("sources:run")
def act(request: HttpRequest, name: str) -> HttpResponseBase:
    """Looks at, runs, pauses, resumes or removes a source."""
    by, wanted, now = actor(request), request.POST.get("act"), clock.now()
    if wanted == "preview":
        found = sources.preview(by, name, now)
        return render(request, "console/source.html", {**_one(request, name), "preview": found})
    if wanted == "run" and sources.source(name).state == "active":
        with unit_of_work():
            sources.hasten(by, name, now)
        messages.success(request, gettext("It runs now. Load this page again in a moment."))
    elif wanted == "run":
        sources.run_now(by, name)
    elif wanted == "remove":
        check(request, "sources:change")
        with unit_of_work():
            sources.remove(by, name, now)
        messages.success(request, gettext("Removed. What it brought stays until it ends."))
        return HttpResponseRedirect(reverse("console:sources"))
    elif wanted in ("pause", "resume"):
        with unit_of_work():
            (sources.pause if wanted == "pause" else sources.resume)(by, name, now)
    return HttpResponseRedirect(reverse("console:source", args=[name]))
