"""Legal holds on reports: the legal desk keeps one from being purged, and releases it."""

from __future__ import annotations

from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Malformed
from hueandcry.doors.console import report_page, report_queue
from hueandcry.doors.console.forms import micros_of
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_RELEASE: Final = "release"


@require_POST
@page("reports:hold")
def hold(request: HttpRequest, number: int) -> HttpResponseBase:
    """Holds a report, or (`act=release`) ends the hold; a form that is wrong is shown again."""
    if request.POST.get("act") == _RELEASE:
        return _released(request, number)
    form = report_page.HoldForm(request.POST)
    if form.is_valid() and _held(request, number, form):
        messages.success(request, gettext("Held. Nothing of it is purged until it is released."))
        return _back(request, number)
    return report_page.shown(request, number, holding=form, status=400)


def _held(request: HttpRequest, number: int, form: forms.Form) -> bool:
    """Whether it is held now; a day that does not do is an error of its field."""
    said, now = form.cleaned_data, clock.now()
    why = reports.Hold(said["reason"], said["authority"], micros_of(said["review"], end=True) or 0)
    try:
        with unit_of_work():
            reports.hold(actor(request), number, why, now)
    except Malformed:
        form.add_error("review", _("A day to come, within a year."))
        return False
    return True


def _released(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        reason = request.POST.get("reason", "")
        reports.release_hold(actor(request), number, reason, clock.now())
    messages.success(request, gettext("Released. What is due goes with the next purge."))
    return _back(request, number)


def _back(request: HttpRequest, number: int) -> HttpResponseBase:
    url = reverse("console:report", args=[number])
    return HttpResponseRedirect(url + report_queue.kept(request))
