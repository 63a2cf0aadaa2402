"""Letters of a request taken away, acts entered with their scan, scans read, translations."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Letter, RequestView
from hueandcry.core.errors import HueError, Malformed, NotFound
from hueandcry.core.files import clean_name
from hueandcry.doors.console import errors, notes, request_forms, request_page, request_paper
from hueandcry.doors.console.purpose import purpose_asked
from hueandcry.doors.console.request_page import Stopped
from hueandcry.doors.console.request_paper import Lettered, LetterForm, TranslationForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk import attachments
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: One letter or scan; what it is, `cooperation` tells by its bytes.
LIMITS: Final = Limits(
    files=1,
    each=cooperation.LETTER_BYTES,
    whole=cooperation.LETTER_BYTES + (1 << 20),
    kept=False,
    other="application/octet-stream",
)
#: Sort of a scan → its media type, by which a download gets its ending.
_MEDIA: Final = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}


@require_safe
@page("requests")
def letter(request: HttpRequest, uuid: UUID, language: str) -> HttpResponseBase:
    """The request as PDF, to be kept; `?original=1` leaves a translation out. It is noted."""
    request_page.seen(request, uuid)
    if language not in request_paper.LANGUAGES:
        raise NotFound("language", "There is no letter in that language")
    translated = request.GET.get("original") != "1"
    data = cooperation.letter(uuid, language, translated=translated)
    notes.looked(request, "request.letter", f"request {uuid}")
    answer = HttpResponse(data, content_type="application/pdf")
    name = f"request-{uuid}.{language}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _subject(_request: HttpRequest, uuid: UUID, number: int) -> str:
    """How the access log names a letter or scan."""
    return f"request {uuid} letter {number}"


@require_http_methods(["GET", "HEAD", "POST"])  # POST: the purpose
@page("requests")
@purpose_asked("request.paper", _subject)
def paper(request: HttpRequest, uuid: UUID, number: int) -> HttpResponseBase:
    """The letter or scan of an act, in the bytes in which it came; each time is noted."""
    request_page.seen(request, uuid)
    told, data = cooperation.paper(uuid, number)
    notes.looked(request, "request.paper.read", _subject(request, uuid, number))
    name = clean_name(told.name, _MEDIA.get(told.sort, "image/tiff"))
    return attachments.given_out(name, len(data), [data])


# --- entered --------------------------------------------------------------------------------------


def too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    """The page for a letter beyond the limits."""
    return errors.refused(request, error)


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_POST
@page("requests")
def enter(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Enters the act that a letter tells of, if the request still stands as the page showed it."""
    request_page.seen(request, uuid)
    return _enter(request, uuid)


@receiving(LIMITS, too_large)
def _enter(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    view, event = request_page.seen(request, uuid), request.POST.get("act", "")
    if not request_paper.is_act(view, event):
        raise NotFound("act", "There is no such act")
    more = request.POST.get("more", "")
    filled = request_paper.act(view, event, bool(request.POST.get("theirs")), request.POST, more)
    if more:
        return request_page.shown(request, uuid, lettered=filled)
    if not (filled.letter.is_valid() and filled.form.is_valid()):
        return request_page.shown(request, uuid, lettered=filled, status=400)
    try:
        _do(request, view, filled)
    except HueError as refused:
        if refused.code == "role":
            raise
        stopped = Stopped(refused, None, refused.code == "moved_on")
        status = status_of(refused)
        return request_page.shown(request, uuid, stopped=stopped, lettered=filled, status=status)
    messages.success(request, gettext("Entered with its letter: %(act)s.") % {"act": filled.label})
    return _back(uuid)


def _do(request: HttpRequest, view: RequestView, filled: Lettered) -> None:
    by, seen = actor(request), request_page.version(request)
    said = filled.form.said(request_forms.changed(view, filled.event, request.POST))
    with taken(request, filled.letter, theirs=filled.theirs) as kept, unit_of_work():
        cooperation.act(by, view.listed.id, filled.event, said, clock.now(), seen=seen, letter=kept)


def taken(
    request: HttpRequest, form: LetterForm, *, theirs: bool = True
) -> AbstractContextManager[Letter]:
    """The letter that was posted, for one act; enter it before the transaction begins."""
    said, file = form.cleaned_data, _file(request)
    return cooperation.letter_taken(
        file.data, file.clean, said["channel"], said["carried_by"], form.at, theirs=theirs
    )


def _file(request: HttpRequest) -> Upload:
    """The letter or scan; raises Malformed where there is none, or what refused it."""
    found = next(iter(received(request, "file")), None)
    if found is None:
        raise Malformed("no_file", gettext("Choose the letter or its scan."))
    if found.refused is not None:
        raise found.refused
    return found


# --- translations ---------------------------------------------------------------------------------


@require_POST
@page("requests:write")
def translate(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Attaches a translation; a form that is wrong is shown again with what was typed."""
    form = TranslationForm(request_page.seen(request, uuid), request.POST)
    if not form.is_valid():
        return request_page.shown(request, uuid, translation=form, status=400)
    said = form.cleaned_data
    try:
        with unit_of_work():
            cooperation.attach_translation(
                actor(request), uuid, said["language"], form.text(), said["translator"], clock.now()
            )
    except Malformed as wrong:
        form.add_error(None, f"{wrong.what}. {wrong.do}".strip())
        return request_page.shown(request, uuid, translation=form, status=400)
    messages.success(request, gettext("The translation is there. Another person certifies it."))
    return _back(uuid)


@require_POST
@page("requests")
def certify(request: HttpRequest, uuid: UUID, language: str) -> HttpResponseBase:
    """Answers for the newest translation into a language."""
    request_page.seen(request, uuid)
    with unit_of_work():
        cooperation.certify_translation(actor(request), uuid, language, clock.now())
    messages.success(request, gettext("Certified: letters in this language show it."))
    return _back(uuid)


def _back(uuid: UUID) -> HttpResponseBase:
    return HttpResponseRedirect(reverse("console:request", args=[uuid]))
