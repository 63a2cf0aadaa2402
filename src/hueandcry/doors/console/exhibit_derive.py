"""What was redacted, extracted or copied becomes a child exhibit; its parent stays as it is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Doing, ExhibitView, Taken, Told, UploadView
from hueandcry.core.custody import Action
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.doors.console import exhibit_file, exhibit_new
from hueandcry.doors.console.exhibit_file import Brought
from hueandcry.doors.console.exhibit_forms import DeriveForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import receiving
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


@receiving(exhibit_file.LIMITS, exhibit_file.too_large)
def _derive(request: HttpRequest, parent: ExhibitView) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, parent, DeriveForm())
    form, file = DeriveForm(request.POST), exhibit_file.brought(request)
    added = None
    if form.is_valid() and not isinstance(file, str):
        added = _added(request, parent, form, file)
    if added is None:
        return _page(request, parent, form, file, status=400)
    return exhibit_new.kept(request, added)


def _page(
    request: HttpRequest,
    parent: ExhibitView,
    form: DeriveForm,
    file: Brought = "",
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {"parent": parent, "form": form, **exhibit_file.shown(request, file)}
    return render(request, "console/exhibit_derive.html", context, status=status)


def _added(
    request: HttpRequest, parent: ExhibitView, form: DeriveForm, file: Taken | UploadView
) -> Added | None:
    """The child, or None with the error at the form."""
    said, who = form.cleaned_data, actor(request)
    told = Told(said["description"], said["number"], tool=said["tool"], reason=said["reason"])
    how, changes = Action(said["how"]), said["changes"]
    try:
        with unit_of_work():
            taken = exhibit_file.taken(request, file)
            return evidence.derive(who, str(parent.id), taken, told, how, changes, clock.now())
    except (Conflict, Malformed) as wrong:
        exhibit_file.told(form, wrong)
        return None
