"""Duty: who is on, what rang and nobody answered, what is handed over."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from hueandcry.apps.duty import face as duty
from hueandcry.core.types import DAY
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: How far the roster is shown.
AHEAD: Final = 14 * DAY
SHOWN: Final = 100


class NoteForm(forms.Form):
    """What the next should know."""

    words = forms.CharField(
        label=_("What the next should know"),
        max_length=duty.WORDS,
        help_text=_("Open requests with their deadlines are added by themselves."),
        widget=forms.Textarea({"rows": 5}),
    )


@require_safe
@page("duty")
def show(request: HttpRequest) -> HttpResponseBase:
    """The roster, the calls and the notes."""
    return _page(request, NoteForm())


@require_POST
@page("duty:acknowledge")
def acknowledge(request: HttpRequest, number: int) -> HttpResponseBase:
    """Says that somebody sees to a call."""
    with unit_of_work():
        duty.acknowledge(actor(request), number, clock.now())
    return _done(request, gettext("Acknowledged: nobody else is told of it."))


@require_POST
@page("duty:hand_over")
def leave(request: HttpRequest) -> HttpResponseBase:
    """Leaves a note for the next."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    with unit_of_work():
        duty.leave_note(actor(request), form.cleaned_data["words"], clock.now())
    return _done(request, gettext("The note is there for the next."))


@require_POST
@page("duty:hand_over")
def take(request: HttpRequest, number: int) -> HttpResponseBase:
    """Takes over by a note."""
    with unit_of_work():
        duty.take_note(actor(request), number, clock.now())
    return _done(request, gettext("You have taken over."))


def _done(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("console:duty"))


def _page(request: HttpRequest, form: NoteForm, status: int = 200) -> HttpResponseBase:
    at = clock.now()
    context = {
        "calls": duty.calls(SHOWN),
        "waiting": duty.count_open(),
        "on": duty.on_now(at),
        "shifts": duty.shifts(at, at + AHEAD),
        "gaps": duty.gaps(at, at + AHEAD),
        "notes": duty.notes(),
        "me": request.user.get_username(),
        "form": form,
    }
    return render(request, "console/duty.html", context, status=status)
