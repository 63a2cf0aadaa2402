"""Files of reports: always a download, a preview only of what we encoded anew, and quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.detection import face as detection
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import NotFound, NotPermitted
from hueandcry.core.files import PICTURES
from hueandcry.doors.console import notes, report_queue
from hueandcry.doors.console.purpose import purpose_asked
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.store.work import unit_of_work

#: Bytes of a picture of which a preview is made.
MOST: Final = 32 * 1024 * 1024
_KEPT: Final = "kept"
_Answer = TypeVar("_Answer", bound=HttpResponseBase)


def _subject(_request: HttpRequest, number: int, file: int) -> str:
    """How the access log names a file."""
    return f"report {number} file {file}"


@require_safe
@page("reports")
def download(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """The file as it came, for the disk and never for the browser; that it went out is logged."""
    found = _open(number, file)
    notes.looked(request, "report.file", _subject(request, number, file), "triage")
    return sent(found)


def _open(number: int, file: int) -> reports.FileView:
    """A file that is not in quarantine; raises NotPermitted for one that is."""
    found = reports.file_of(number, file)
    if found.state != _KEPT:
        raise NotPermitted("quarantined", "This file is in quarantine", do="Ask the police role")
    return found


def sent(file: reports.FileView) -> StreamingHttpResponse:
    """A file that no browser opens, whatever is in it."""
    answer = StreamingHttpResponse(_pieces(file), content_type="application/octet-stream")
    name = quote(file.name or f"file-{file.number}", safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Content-Length"] = str(file.size)
    return _locked_in(answer)


def _pieces(file: reports.FileView) -> Iterator[bytes]:
    return blobs.stream(file.blob)


def _locked_in(answer: _Answer) -> _Answer:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_safe
@page("reports")
def preview(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A small picture that another process encoded anew; raises NotFound for what has none."""
    found = _open(number, file)
    if found.media_type not in PICTURES:
        raise NotFound("no_preview", "There is no preview of a file of this sort")
    picture = detection.preview(blobs.read(found.blob, MOST))
    return _locked_in(HttpResponse(picture, content_type="image/jpeg"))


# --- quarantine ----------------------------------------------------------------------------------


@require_POST
@page("reports:triage")
def lock(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """Puts a file into quarantine: from now on only the police may open it."""
    with unit_of_work():
        reports.lock_file(actor(request), number, file, clock.now())
    messages.success(request, gettext("In quarantine. Only the role Police can open it now."))
    url = reverse("console:report", args=[number])
    return HttpResponseRedirect(url + report_queue.kept(request))


@require_safe
@page("quarantine")
def locked(request: HttpRequest) -> HttpResponseBase:
    """What is in quarantine: when it came, its sort and its size, and nothing of what is in it."""
    return render(request, "console/quarantine.html", {"files": reports.locked_files()})


@require_http_methods(["GET", "HEAD", "POST"])  # POST: the purpose
@page("quarantine")
@purpose_asked("quarantine.open", _subject)
def open_locked(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A quarantined file, to the police who said why; each download is logged once more."""
    found = reports.file_of(number, file)
    notes.looked(request, "quarantine.download", _subject(request, number, file))
    return sent(found)


@require_POST
@page("quarantine")
def unlock(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """Takes a file out of quarantine again: it was put there by mistake."""
    with unit_of_work():
        reports.unlock_file(actor(request), number, file, clock.now())
    messages.success(request, gettext("Out of quarantine: who works on the report sees it again."))
    return HttpResponseRedirect(reverse("console:quarantine"))
