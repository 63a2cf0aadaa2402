"""A file becomes an exhibit: streamed into the store as it comes, sealed, numbered, logged."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Taken, Told, UploadView
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.doors.console import exhibit_file
from hueandcry.doors.console.exhibit_file import Brought
from hueandcry.doors.console.exhibit_forms import AddForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import receiving
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def add(request: HttpRequest) -> HttpResponseBase:
    """Asks for a file and what is known of it, and makes it an exhibit."""
    return _add(request)


@receiving(exhibit_file.LIMITS, exhibit_file.too_large)
def _add(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, AddForm())
    form, file = AddForm(request.POST), exhibit_file.brought(request)
    added = None
    if form.is_valid() and not isinstance(file, str):
        added = _added(request, form, file)
    return _page(request, form, file, status=400) if added is None else kept(request, added)


def kept(request: HttpRequest, added: Added) -> HttpResponseBase:
    """Leads to the new exhibit, and says its number."""
    number = added.exhibit.number
    messages.success(request, gettext("Kept as exhibit %(number)s.") % {"number": number})
    return HttpResponseRedirect(reverse("console:exhibit", args=[added.exhibit.id]))


def _page(
    request: HttpRequest, form: AddForm, file: Brought = "", *, status: int = 200
) -> HttpResponseBase:
    context = {"form": form, **exhibit_file.shown(request, file)}
    return render(request, "console/exhibit_new.html", context, status=status)


def _added(request: HttpRequest, form: AddForm, file: Taken | UploadView) -> Added | None:
    """The exhibit, or None with the error at the form; what was not kept, `receiving` removes."""
    said = {name: value for name, value in form.cleaned_data.items() if value}
    try:
        with unit_of_work():
            taken = exhibit_file.taken(request, file)
            return evidence.add(actor(request), taken, Told(**said), clock.now())
    except (Conflict, Malformed) as wrong:
        exhibit_file.told(form, wrong)
        return None
