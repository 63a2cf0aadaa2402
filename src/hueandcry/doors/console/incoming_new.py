"""A package that came on a stick: taken in as one that was fetched, and its ten checks shown."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Doing
from hueandcry.core.errors import HueError, Malformed, NotFound, TooLarge, Untrusted
from hueandcry.core.jws import MAX_DOCUMENT
from hueandcry.doors.console import errors, notes
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving

#: Bytes that are taken in while somebody waits for a page: more is left to the command.
MOST_GIB: Final = 2
MOST: Final = MOST_GIB << 30
_LIMITS: Final = Limits(
    files=2, each=MOST, whole=MOST + (2 << 20), aside=True, other="application/octet-stream"
)
#: What says that these are no package and its note, or none for us.
_WRONG: Final = (Malformed, NotFound, TooLarge, Untrusted)


def _too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    return errors.refused(request, error)


@csrf_exempt  # not yet: `receiving` guards the form once its files are read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def bring(request: HttpRequest) -> HttpResponseBase:
    """Asks for the sealed file and its note, checks both, and takes over what is in it."""
    evidence.check_may(actor(request).roles, Doing.HAND)
    return _bring(request)


@receiving(_LIMITS, _too_large)
def _bring(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request)
    try:
        number = _taken_in(request)
    except _WRONG as wrong:
        return _page(request, wrong)
    return HttpResponseRedirect(reverse("console:incoming_one", args=[number]))


def _page(request: HttpRequest, wrong: HueError | None = None) -> HttpResponseBase:
    context = {"wrong": wrong, "most": MOST_GIB}
    return render(request, "console/incoming_new.html", context, status=400 if wrong else 200)


def _taken_in(request: HttpRequest) -> int:
    """The number of the package, whatever became of it; that it was brought is noted."""
    package = _file(request, "package", gettext("Choose the sealed file."))
    note = _file(request, "note", gettext("Choose the shipping note that goes with it."))
    assert package.path is not None and note.path is not None  # nothing refused them
    with note.path.open("rb") as file:
        said = file.read(MAX_DOCUMENT + 1)
    view = evidence.receive_package(package.path, said)
    notes.looked(request, "evidence.receive", f"package {view.package}")
    return view.number


def _file(request: HttpRequest, field: str, missing: str) -> Upload:
    """The file of a field; raises Malformed where there is none, or what refused it."""
    found = next(iter(received(request, field)), None)
    if found is None:
        raise Malformed("no_file", missing)
    if found.refused is not None:
        raise found.refused
    return found
