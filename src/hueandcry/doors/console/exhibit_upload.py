"""Large files come piece by piece and go on where the line broke.

The fields are those of draft-ietf-httpbis-resumable-upload: `Upload-Offset` says how far the file
is here, `Upload-Length` how long it is. A script of the page sends the pieces; the form that makes
the exhibit then names the upload instead of bringing a file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import UploadView
from hueandcry.core.errors import HueError, Malformed
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk import wire
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.store.work import unit_of_work

View = Callable[..., HttpResponseBase]


class BeginForm(forms.Form):
    """Which file begins: `modified` is its time of change in milliseconds."""

    name = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=1)
    modified = forms.IntegerField(min_value=0)


def _told(view: View) -> View:
    """What is refused is said to the script, in the one shape of errors."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except HueError as refused:
            answer = wire.error(refused)
            return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)

    return guarded


@require_POST
@page("exhibits")
@_told
def begin(request: HttpRequest) -> HttpResponseBase:
    """Begins a file, or finds the same one that the same person had begun."""
    form = BeginForm(request.POST)
    if not form.is_valid():
        raise Malformed("upload", "An upload names its file, its size and its time of change")
    with unit_of_work():
        found = evidence.begin_upload(actor(request), **form.cleaned_data, at=clock.now())
    return _state(found, status=201)


@require_http_methods(["GET", "HEAD", "PATCH"])
@page("exhibits")
@_told
def piece(request: HttpRequest, upload: UUID) -> HttpResponseBase:
    """How far a file is here; or its next piece, kept once this answers."""
    if request.method != "PATCH":
        return _state(evidence.upload(actor(request), upload))
    return _state(_taken(request, upload))


def _taken(request: HttpRequest, upload: UUID) -> UploadView:
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdecimal()):
        raise Malformed("upload_offset", "Upload-Offset says where the piece begins, in bytes")
    who = actor(request)
    evidence.upload(who, upload)  # before a byte is read
    most = evidence.MOST_PIECE
    fresh = blobs.take(wire.pieces(request.META, most), most)
    try:
        with unit_of_work():
            return evidence.take_piece(who, upload, int(offset), fresh, clock.now())
    finally:
        blobs.discard_unkept([fresh])


@require_POST
@page("exhibits")
def drop(request: HttpRequest, upload: UUID) -> HttpResponseBase:
    """Forgets a file on its way."""
    with unit_of_work():
        evidence.drop_upload(actor(request), upload)
    messages.success(request, gettext("What was here of the file is gone."))
    return HttpResponseRedirect(reverse("console:exhibit_new"))


def _state(found: UploadView, status: int = 200) -> JsonResponse:
    address = reverse("console:exhibit_piece", args=[found.id])
    said = {
        "id": str(found.id),
        "offset": found.offset,
        "size": found.size,
        "whole": found.whole,
        "piece": evidence.MOST_PIECE,
        "url": address,
    }
    where = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.size)}
    return JsonResponse(said, status=status, headers={**where, "Location": address})
