"""An exhibit on the screen: pictures and pages painted anew, an e-mail as text; nothing in it runs.

What is shown is a help to look. The exhibit is the file.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hueandcry.apps.detection import face as detection
from hueandcry.apps.evidence import face as evidence
from hueandcry.core.errors import NotFound
from hueandcry.doors.console import exhibit_page
from hueandcry.doors.console.staff import page

#: Headers of an e-mail that stand above its words; the others are one click away.
_ABOVE: Final = ("from", "reply-to", "to", "cc", "date", "subject", "return-path", "message-id")


def _picture(data: bytes, _first: int) -> dict[str, Any]:
    return {"pictures": [_inline(detection.picture_preview(data))]}


def _pdf(data: bytes, first: int) -> dict[str, Any]:
    sheets = detection.pdf_pages(data, first)
    return {
        "pictures": [_inline(each) for each in sheets.pages],
        "first": first,
        "next": first + len(sheets.pages) if sheets.more else None,
    }


def _mail(data: bytes, _first: int) -> dict[str, Any]:
    mail = detection.read_mail(data)
    above = [each for each in mail.headers if each[0].lower() in _ABOVE]
    return {
        "mail": mail,
        "above": above,
        "below": [each for each in mail.headers if each not in above],
        "files": [(each, each.sha256.hex()) for each in mail.files],
    }


def _inline(jpeg: bytes) -> str:
    """A picture of ours as an address that holds it: one reading, one request."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


#: What `exhibit_page.viewer` says of an exhibit → what is shown of its bytes.
_SHOWN: Final[Mapping[str, Callable[[bytes, int], dict[str, Any]]]] = {
    "picture": _picture,
    "pdf": _pdf,
    "mail": _mail,
}


@require_http_methods(["GET", "HEAD", "POST"])  # GET: the page in another language
@page("exhibits")
def look(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """What can be seen of it; custody and access log tell of it before a byte is read."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("console:exhibit", args=[exhibit]))
    view = evidence.exhibit(str(exhibit))
    way = exhibit_page.viewer(view)
    if way is None:
        raise NotFound("viewer", "Nothing here shows a file of this sort", do="Save the file")
    asked = exhibit_page.look_form(view, request.POST)
    if not asked.is_valid():
        return exhibit_page.shown(request, exhibit, {("look", 0): asked}, status=400)
    exhibit_page.note_reading(request, view, asked.said())
    data = b"".join(evidence.stream(view.id))
    shown = _SHOWN[way](data, asked.cleaned_data.get("first") or 1)
    return render(request, "console/exhibit_look.html", {"exhibit": view, "way": way, **shown})
