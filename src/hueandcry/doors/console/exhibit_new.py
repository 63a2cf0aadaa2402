"""A file becomes an exhibit: streamed into the store as it comes, sealed, numbered, logged."""

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
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Taken, Told
from hueandcry.core.errors import Conflict, HueError, Malformed
from hueandcry.doors.console import errors
from hueandcry.doors.console.exhibit_forms import AddForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: What one upload brings at most: what is larger comes by the command, which a page cannot resume.
MOST_GIB: Final = 4
MOST: Final = MOST_GIB << 30
#: Whatever was seized can be an exhibit; nothing here opens it.
LIMITS: Final = Limits(files=1, each=MOST, whole=MOST + (1 << 20), other="application/octet-stream")


def too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    """The page for a form whose files are too many or too large."""
    return errors.refused(request, error)


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def add(request: HttpRequest) -> HttpResponseBase:
    """Asks for a file and what is known of it, and makes it an exhibit."""
    return _add(request)


@receiving(LIMITS, too_large)
def _add(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, AddForm())
    form = AddForm(request.POST)
    file = next(iter(received(request, "file")), None)
    problem = problem_of(file)
    added = _added(request, form, file) if form.is_valid() and file and not problem else None
    if added is None:
        return _page(request, form, problem, status=400)
    number = added.exhibit.number
    messages.success(request, gettext("Kept as exhibit %(number)s.") % {"number": number})
    return HttpResponseRedirect(reverse("console:exhibit", args=[added.exhibit.id]))


def _page(
    request: HttpRequest, form: AddForm, problem: str = "", *, status: int = 200
) -> HttpResponseBase:
    context = {"form": form, "problem": problem, "most": MOST_GIB}
    return render(request, "console/exhibit_new.html", context, status=status)


def problem_of(file: Upload | None) -> str:
    """Why there is no file, in words; empty where there is one."""
    if file is None:
        return str(_("Choose a file."))
    return "" if file.refused is None else f"{file.refused.what}. {file.refused.do}".strip()


def _added(request: HttpRequest, form: AddForm, file: Upload) -> Added | None:
    """The exhibit, or None with the error at the form; what was not kept, `receiving` removes."""
    said = {name: value for name, value in form.cleaned_data.items() if value}
    try:
        with unit_of_work():
            return evidence.add(actor(request), taken(file), Told(**said), clock.now())
    except (Conflict, Malformed) as wrong:
        told(form, wrong)
        return None


def taken(file: Upload) -> Taken:
    """A file that was received, as evidence takes it."""
    assert file.fresh is not None  # nothing refused it
    return Taken(file.fresh, file.given, file.sort)


def told(form: forms.Form, wrong: HueError) -> None:
    """Says at its field what the use case found wrong."""
    field = "number" if wrong.code == "exhibit_number" else None
    form.add_error(field, f"{wrong.what}. {wrong.do}".strip())
