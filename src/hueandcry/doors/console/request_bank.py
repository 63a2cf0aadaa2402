"""Messages of banks about a stop-payment: recalls and returns come in, answers are taken along.

Nothing is sent from here, and no file that comes in is kept: what it says stands in a form, which a
person looks at and sends.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.formats import iso20022
from hueandcry.doors.console import (
    errors,
    notes,
    request_money_forms,
    request_new,
    request_page,
)
from hueandcry.doors.console.request_money import SETTLEMENTS
from hueandcry.doors.console.request_page import Stopped
from hueandcry.doors.console.staff import page
from hueandcry.doors.desk import attachments
from hueandcry.doors.desk.uploads import Limits, received, receiving
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock

_MOST: Final = 1 << 20  #: bytes of a message, as `core/formats/elements` reads it
_LIMITS: Final = Limits(
    files=1, each=_MOST, whole=_MOST + (64 << 10), kept=False, other="application/xml"
)
_RETURN: Final = "return"


def _too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    return errors.refused(request, error)


@require_safe
@page("requests")
def answer(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The camt.029 that says where the money stands."""
    view = request_page.seen(request, uuid)
    data = cooperation.answer_file(view.listed.id, clock.now())
    return _given_out(request, uuid, f"camt029-{uuid}.xml", data)


@require_safe
@page("requests")
def give_back(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The pacs.004 by which a bank pays back what was agreed."""
    settlement = request.GET.get("settlement", SETTLEMENTS[0])
    if settlement not in SETTLEMENTS:
        raise Malformed("settlement", f"A return is settled by {', '.join(SETTLEMENTS)}")
    view = request_page.seen(request, uuid)
    data = cooperation.return_file(view.listed.id, settlement, clock.now())
    return _given_out(request, uuid, f"pacs004-{uuid}.xml", data)


def _given_out(request: HttpRequest, uuid: UUID, name: str, data: bytes) -> HttpResponseBase:
    notes.looked(request, "request.message", f"request {uuid} {name.partition('-')[0]}")
    return attachments.given_out(name, len(data), [data])


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_POST
@page("requests")
def came_back(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The page with the amount that a pacs.004 returns in the form of the act, to be looked at."""
    return _came_back(request, uuid)


@receiving(_LIMITS, _too_large)
def _came_back(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    view = request_page.seen(request, uuid)
    try:
        amount, _currency = cooperation.came_back(view.listed.id, _message(request, "pacs004"))
    except HueError as refused:
        stopped = Stopped(refused, None, moved_on=False)
        return request_page.shown(request, uuid, None, stopped, status=status_of(refused))
    if not request_money_forms.concerns(view, _RETURN):
        return HttpResponseRedirect(reverse("console:request", args=[uuid]))
    said = QueryDict(mutable=True)
    said["amount"] = amount
    return request_page.shown(request, uuid, request_money_forms.act(view, _RETURN, said))


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])  # GET: the page in another language
@page("requests:write")
def recall(request: HttpRequest) -> HttpResponseBase:
    """The builder of a stop-payment, filled in from a camt.056."""
    return _recall(request)


@receiving(_LIMITS, _too_large)
def _recall(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        where = reverse("console:request_new")
        return HttpResponseRedirect(f"{where}?{request.GET.urlencode()}")
    try:
        found = iso20022.read_recall(_message(request, "camt056")).recalls
        if len(found) != 1:
            raise Malformed(
                "recalls", f"It recalls {len(found)} payments, and a request is about one"
            )
    except HueError as refused:
        return request_new.recalled(request, {}, refused)
    return request_new.recalled(request, iso20022.form_of(found[0]))


def _message(request: HttpRequest, field: str) -> bytes:
    """The bytes of the file; raises Malformed where there is none, or what refused it."""
    found = next(iter(received(request, field)), None)
    if found is None:
        raise Malformed("no_file", gettext("No file was chosen"))
    if found.refused is not None:
        raise found.refused
    return bytes(found.data)
