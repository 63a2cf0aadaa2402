"""What people did with an exhibit outside of the console, noted in its custody by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Noted
from hueandcry.core.custody import Action
from hueandcry.doors.console import exhibit_page
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


@require_POST
@page("exhibits")
def note(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """Notes one event that changes nothing of the exhibit; a wrong form is shown again."""
    form = exhibit_page.form("note", request.POST)
    if not form.is_valid():
        return exhibit_page.shown(request, exhibit, {("note", 0): form}, status=400)
    said = dict(form.cleaned_data)
    noted = Noted(Action(said.pop("action")), **said)
    with unit_of_work():
        evidence.note(actor(request), str(exhibit), noted, clock.now())
    messages.success(request, gettext("Noted in its custody."))
    return HttpResponseRedirect(reverse("console:exhibit", args=[exhibit]))
