"""Files of reports: a download or a preview, both noted; and quarantine, for the police alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.doors.console import binding, report_queue
from hueandcry.doors.console.purpose import purpose_asked
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk import attachments
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def _subject(_request: HttpRequest, number: int, file: int) -> str:
    """How the access log names a file."""
    return f"report {number} file {file}"


def _stored(number: int, file: int) -> attachments.Stored:
    """A file as it leaves, if it does; raises NotFound."""
    found = reports.file_of(number, file)
    locked = found.state == "quarantined"
    return attachments.Stored(found.blob, found.name, found.media_type, locked)


def _note(request: HttpRequest, action: str, number: int, file: int) -> members.AccessNote:
    return members.AccessNote(
        action,
        _subject(request, number, file),
        purpose="triage" if action != "quarantine.download" else "",
        person=request.user.pk,
        address=binding.address(request),
    )


@require_safe
@page("reports")
def download(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """The file as it came; raises NotPermitted for one in quarantine."""
    note = _note(request, "report.file", number, file)
    return attachments.download(_stored(number, file), note)


@require_safe
@page("reports")
def preview(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """A small picture, painted anew; raises NotPermitted for what has none."""
    note = _note(request, "report.preview", number, file)
    return attachments.preview(_stored(number, file), note)


@require_POST
@page("reports:exhibit")
def keep(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """Makes a file an exhibit, under a key of its own: it stays when the report is purged."""
    told = evidence.Told(description=request.POST.get("description", "").strip())
    copied = reports.copy_file(number, file)
    try:
        with unit_of_work():
            added = reports.take_as_exhibit(actor(request), copied, told, clock.now())
    finally:
        evidence.drop_unkept([copied.taken])
    said = gettext("Kept as exhibit %(number)s.") % {"number": added.exhibit.number}
    messages.success(request, said)
    return HttpResponseRedirect(reverse("console:exhibit", args=[added.exhibit.id]))


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
    note = _note(request, "quarantine.download", number, file)
    return attachments.download(_stored(number, file), note, police=True)


@require_POST
@page("quarantine")
def unlock(request: HttpRequest, number: int, file: int) -> HttpResponseBase:
    """Takes a file out of quarantine again: it was put there by mistake."""
    with unit_of_work():
        reports.unlock_file(actor(request), number, file, clock.now())
    messages.success(request, gettext("Out of quarantine: who works on the report sees it again."))
    return HttpResponseRedirect(reverse("console:quarantine"))
