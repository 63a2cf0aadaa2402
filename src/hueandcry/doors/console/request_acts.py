"""One act upon a request, by who is signed in; what stops it is told, and nothing typed is lost."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import RequestView, Said
from hueandcry.core.errors import HueError, NotFound
from hueandcry.doors.console import (
    request_forms,
    request_money_forms,
    request_page,
)
from hueandcry.doors.console import request_words as words
from hueandcry.doors.console.request_forms import Act
from hueandcry.doors.console.request_page import Stopped
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


@require_POST
@page("requests")
def act(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Does what `act` says, if the request still stands as the page with `seen` showed it."""
    event, more = request.POST.get("act", ""), request.POST.get("more", "")
    view = request_page.seen(request, uuid)
    filled = _filled(request, view, event, more)
    if more:
        return request_page.shown(request, uuid, filled)
    if not filled.form.is_valid() and _is_open(view, event):
        return request_page.shown(request, uuid, filled, status=400)
    try:
        said = filled.form.said(request_forms.changed(view, event, request.POST))
        shares = request_money_forms.to_look_at(view, filled, said, request.POST.get("shown", ""))
        if shares is not None:
            return request_page.shown(request, uuid, shares)
        _do(request, uuid, event, said)
    except HueError as refused:
        if refused.code == "role":
            raise
        if request_money_forms.beside(filled, refused):
            return request_page.shown(request, uuid, filled, status=status_of(refused))
        return _stopped(request, uuid, filled, refused)
    messages.success(request, gettext("Done: %(act)s.") % {"act": filled.label})
    return HttpResponseRedirect(reverse("console:request", args=[uuid]))


def _filled(request: HttpRequest, view: RequestView, event: str, more: str) -> Act:
    """The form of an act upon the request, its hold or its money, as it was filled in."""
    if request_money_forms.concerns(view, event):
        return request_money_forms.act(view, event, request.POST, more)
    if event not in words.ACTS:
        raise NotFound("act", "There is no such act")
    return request_forms.act(view, event, request.user.pk, request.POST, more)


def _do(request: HttpRequest, uuid: UUID, event: str, said: Said) -> None:
    with unit_of_work():
        cooperation.act(
            actor(request), uuid, event, said, clock.now(), seen=request_page.version(request)
        )


def _is_open(view: RequestView, event: str) -> bool:
    return event in view.open_to_us


def _stopped(request: HttpRequest, uuid: UUID, filled: Act, error: HueError) -> HttpResponseBase:
    """The page as it is by now, with what stopped the act and the form as it was filled in."""
    now = cooperation.shown(uuid, clock.now())
    closed = None if _is_open(now, filled.event) else filled
    stopped = Stopped(error, closed, error.code == "moved_on")
    return request_page.shown(request, uuid, filled, stopped, status=status_of(error))
