"""What a form brings to become an exhibit: a file, or one that came piece by piece before."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Taken, UploadView
from hueandcry.core.errors import Conflict, HueError, NotFound
from hueandcry.doors.console import errors
from hueandcry.doors.console.staff import actor
from hueandcry.doors.desk.uploads import Limits, Upload, received

#: What one request brings at most; with script, what is larger comes piece by piece.
MOST_GIB: Final = 4
MOST: Final = MOST_GIB << 30
#: Whatever was seized can be an exhibit; nothing here opens it.
LIMITS: Final = Limits(files=1, each=MOST, whole=MOST + (1 << 20), other="application/octet-stream")

#: A file, one that came before, or why it is neither.
Brought = Taken | UploadView | str


def too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    """The page for a form whose files are too many or too large."""
    return errors.refused(request, error)


def brought(request: HttpRequest) -> Brought:
    """What the form brings; why nothing, in words for people."""
    named = request.POST.get("upload", "")
    if not named:
        return _received(next(iter(received(request, "file")), None))
    try:
        return evidence.upload(actor(request), UUID(named))
    except (ValueError, NotFound):
        return _("Choose the file again.")


def _received(file: Upload | None) -> Taken | str:
    if file is None:
        return _("Choose a file.")
    if file.refused is not None:
        return f"{file.refused.what}. {file.refused.do}".strip()
    assert file.fresh is not None  # nothing refused it
    return Taken(file.fresh, file.given, file.sort)


def shown(request: HttpRequest, file: Brought) -> dict[str, Any]:
    """What the page says of the file, and of those that are on their way."""
    return {
        "problem": file if isinstance(file, str) else "",
        "upload": file if isinstance(file, UploadView) else None,
        "unfinished": evidence.uploads(actor(request)),
        "most": MOST_GIB,
        "piece": evidence.MOST_PIECE,
    }


def taken(request: HttpRequest, file: Taken | UploadView) -> Taken:
    """The file as evidence takes it, in the caller's transaction."""
    if isinstance(file, Taken):
        return file
    return evidence.uploaded(actor(request), file.id)


def told(form: forms.Form, wrong: HueError) -> None:
    """Says at its field what the use case found wrong; raises again what no other answer mends."""
    if isinstance(wrong, Conflict) and wrong.code != "exhibit_number":
        raise wrong
    field = "number" if wrong.code == "exhibit_number" else None
    form.add_error(field, f"{wrong.what}. {wrong.do}".strip())
