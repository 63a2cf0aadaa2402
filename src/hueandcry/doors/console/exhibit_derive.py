"""What was redacted, extracted or copied becomes a child exhibit; its parent stays as it is."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Doing, ExhibitView, Told
from hueandcry.core.custody import Action
from hueandcry.core.errors import Malformed
from hueandcry.doors.console import exhibit_new
from hueandcry.doors.console.exhibit_forms import DeriveForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import Upload, received, receiving
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def derive(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """Asks for the file and how it was made, and makes it an exhibit of its own."""
    parent = evidence.exhibit(str(exhibit))
    if parent.quarantined:
        evidence.check_may(actor(request).roles, Doing.QUARANTINED)
    return _derive(request, parent)


@receiving(exhibit_new.LIMITS, exhibit_new.too_large)
def _derive(request: HttpRequest, parent: ExhibitView) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, parent, DeriveForm())
    form = DeriveForm(request.POST)
    file = next(iter(received(request, "file")), None)
    problem = exhibit_new.problem_of(file)
    added = (
        _added(request, parent, form, file) if form.is_valid() and file and not problem else None
    )
    if added is None:
        return _page(request, parent, form, problem, status=400)
    number = added.exhibit.number
    messages.success(request, gettext("Kept as exhibit %(number)s.") % {"number": number})
    return HttpResponseRedirect(reverse("console:exhibit", args=[added.exhibit.id]))


def _page(
    request: HttpRequest,
    parent: ExhibitView,
    form: DeriveForm,
    problem: str = "",
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {"parent": parent, "form": form, "problem": problem, "most": exhibit_new.MOST_GIB}
    return render(request, "console/exhibit_derive.html", context, status=status)


def _added(
    request: HttpRequest, parent: ExhibitView, form: DeriveForm, file: Upload
) -> Added | None:
    """The child, or None with the error at the form."""
    said = form.cleaned_data
    told = Told(said["description"], said["number"], tool=said["tool"], reason=said["reason"])
    action, taken = Action(said["how"]), exhibit_new.taken(file)
    try:
        with unit_of_work():
            return evidence.derive(
                actor(request), str(parent.id), taken, told, action, said["changes"], clock.now()
            )
    except Malformed as wrong:
        exhibit_new.told(form, wrong)
        return None
