"""Stored files on their way out: to be kept by a browser, never to be opened in it.

Each time is noted in the access log before the first byte goes, and each refusal too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.core import quarantine
from hueandcry.core.errors import NotPermitted
from hueandcry.core.files import clean_name
from hueandcry.core.quarantine import Use
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.store.work import unit_of_work

#: Nothing of what is served here runs, is framed, or is guessed to be something else.
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: Bytes of a picture that is made smaller to be shown.
_SHOWN: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as its app knows it."""

    blob: str
    name: str
    sort: str  #: media type, by its bytes
    quarantined: bool = False


def download(file: Stored, note: members.AccessNote, *, police: bool = False) -> HttpResponseBase:
    """The file itself; raises NotPermitted, NotFound. `police`: who asks takes such files over."""
    _noted(Use.DOWNLOAD, file, note, police=police)
    name, size = clean_name(file.name, file.sort), blobs.get(file.blob).size
    return given_out(name, size, blobs.stream(file.blob))


def given_out(name: str, size: int, pieces: Iterable[bytes]) -> HttpResponseBase:
    """Bytes of this length for a browser to keep under a name; whoever calls has noted why."""
    # Never by its own type: what a browser does not know it does not open.
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(size)
    answer.headers["Content-Disposition"] = _disposition(name)
    return _harmless(answer)


def preview(file: Stored, note: members.AccessNote) -> HttpResponseBase:
    """A small JPEG, painted anew from a picture; raises NotPermitted, and as `picture_preview`."""
    _noted(Use.PREVIEW, file, note)
    small = detection.picture_preview(blobs.read(file.blob, _SHOWN))
    return _harmless(HttpResponse(small, content_type="image/jpeg"))


def _harmless(answer: HttpResponseBase) -> HttpResponseBase:
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def _noted(use: Use, file: Stored, note: members.AccessNote, *, police: bool = False) -> None:
    try:
        quarantine.check(use, file.sort, quarantined=file.quarantined, police=police)
    except NotPermitted:
        note = replace(note, outcome="refused")
        raise
    finally:
        with unit_of_work():
            members.log_access(note, clock.now())


def _disposition(name: str) -> str:
    """RFC 6266: the name in ASCII for old readers, and as it is."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
