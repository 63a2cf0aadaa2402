"""A file becomes an exhibit: streamed into the store as it comes, sealed, numbered, logged."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Taken, Told, UploadView
from hueandcry.core.errors import Conflict, HueError, Malformed, NotFound
from hueandcry.doors.console import errors
from hueandcry.doors.console.exhibit_forms import AddForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_GIB: Final = 1 << 30
#: What one request brings at most; with script, what is larger comes piece by piece.
MOST: Final = 4 * _GIB
#: Whatever was seized can be an exhibit; nothing here opens it.
_LIMITS: Final = Limits(
    files=1, each=MOST, whole=MOST + (1 << 20), other="application/octet-stream"
)


def _too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    return errors.refused(request, error)


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def add(request: HttpRequest) -> HttpResponseBase:
    """Asks for a file and what is known of it, and makes it an exhibit."""
    return _add(request)


@receiving(_LIMITS, _too_large)
def _add(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, AddForm())
    form = AddForm(request.POST)
    brought = _brought(request)
    if not form.is_valid() or isinstance(brought, str):
        return _page(request, form, brought, status=400)
    added = _added(request, form, brought)
    if added is None:
        return _page(request, form, brought, status=400)
    number = added.exhibit.number
    messages.success(request, gettext("Kept as exhibit %(number)s.") % {"number": number})
    return HttpResponseRedirect(reverse("console:exhibit", args=[added.exhibit.id]))


#: What a form brings: a file, one that came piece by piece before, or why it is neither.
Brought = Taken | UploadView | str


def _brought(request: HttpRequest) -> Brought:
    named = request.POST.get("upload", "")
    if named:
        try:
            return evidence.upload(actor(request), UUID(named))
        except (ValueError, NotFound):
            return str(_("Choose the file again."))
    file = next(iter(received(request, "file")), None)
    problem = _problem(file)
    if problem or file is None:
        return problem
    assert file.fresh is not None  # nothing refused it
    return Taken(file.fresh, file.given, file.sort)


def _page(
    request: HttpRequest, form: AddForm, brought: Brought = "", *, status: int = 200
) -> HttpResponseBase:
    context = {
        "form": form,
        "problem": brought if isinstance(brought, str) else "",
        "upload": brought if isinstance(brought, UploadView) else None,
        "unfinished": evidence.uploads(actor(request)),
        "most": MOST // _GIB,
        "piece": evidence.MOST_PIECE,
    }
    return render(request, "console/exhibit_new.html", context, status=status)


def _problem(file: Upload | None) -> str:
    """Why there is no file, in words; empty where there is one."""
    if file is None:
        return str(_("Choose a file."))
    return "" if file.refused is None else f"{file.refused.what}. {file.refused.do}".strip()


def _added(request: HttpRequest, form: AddForm, brought: Taken | UploadView) -> Added | None:
    """The exhibit, or None with the error at the form; what was not kept, `receiving` removes."""
    said = {name: value for name, value in form.cleaned_data.items() if value}
    who = actor(request)
    try:
        with unit_of_work():
            if isinstance(brought, UploadView):
                brought = evidence.uploaded(who, brought.id)
            return evidence.add(who, brought, Told(**said), clock.now())
    except (Conflict, Malformed) as wrong:
        field = "number" if wrong.code == "exhibit_number" else None
        form.add_error(field, f"{wrong.what}. {wrong.do}".strip())
        return None
