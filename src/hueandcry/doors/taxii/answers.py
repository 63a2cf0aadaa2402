"""TAXII resources as bytes: objects go out as they came, and are never written again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from hueandcry.apps.collections import face as collections
from hueandcry.core.errors import HueError
from hueandcry.core.times import time_text
from hueandcry.doors.desk import wire
from hueandcry.doors.desk.wire import Answer
from hueandcry.doors.taxii.asking import next_text
from hueandcry.doors.taxii.media import STIX, TAXII

_encode: Final = msgspec.json.Encoder().encode

#: Codes that TAXII 2.1 answers by a status of its own.
STATUSES: Final = {
    "method": 405,
    "accept": 406,
    "content_type": 415,
    "envelope": 422,
    "bundle": 422,
}
_TITLES: Final = {
    400: "Bad request",
    401: "Who are you?",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not an envelope of objects",
    429: "Too many requests",
    500: "This node failed",
    503: "Busy",
}


def resource(value: Any, status: int = 200) -> Answer:
    """A resource that is written now."""
    return Answer(status, _encode(value), TAXII)


def ready(body: bytes, status: int = 200) -> Answer:
    """A resource that is kept as bytes."""
    return Answer(status, body, TAXII)


def envelope(page: collections.Page) -> Answer:
    """Objects, each byte for byte as it came."""
    more, dates = _going_on(page), _dates(page.objects)
    body = b"{" + more
    if page.objects:
        body += b',"objects":[' + b",".join([each.body for each in page.objects]) + b"]"
    return Answer(200, body + b"}", TAXII, dates)


def manifest(page: collections.Page) -> Answer:
    """Ids, versions and dates of objects."""
    more, dates = _going_on(page), _dates(page.objects)
    entries = [_entry(each) for each in page.objects]
    body = b"{" + more + (b',"objects":' + _encode(entries) if entries else b"") + b"}"
    return Answer(200, body, TAXII, dates)


def versions(page: collections.Page) -> Answer:
    """The versions of one object."""
    more, dates = _going_on(page), _dates(page.objects)
    listed = [collections.name_of(each).version for each in page.objects]
    body = b"{" + more + (b',"versions":' + _encode(listed) if listed else b"") + b"}"
    return Answer(200, body, TAXII, dates)


def _entry(found: collections.Found) -> dict[str, str]:
    name = collections.name_of(found)
    return {
        "id": name.id,
        "date_added": time_text(found.added),
        "version": name.version,
        "media_type": STIX,
    }


def _going_on(page: collections.Page) -> bytes:
    return (
        b'"more":true,"next":%b' % _encode(next_text(page.upto)) if page.more else b'"more":false'
    )


def _dates(objects: Sequence[collections.Found]) -> Mapping[str, str]:
    if not objects:
        return {}
    return {
        "X-TAXII-Date-Added-First": time_text(objects[0].added),
        "X-TAXII-Date-Added-Last": time_text(objects[-1].added),
    }


def error(refused: HueError, headers: Mapping[str, str]) -> Answer:
    """The error message of TAXII 2.1 (section 3.6.1)."""
    status = STATUSES.get(refused.code) or wire.status_of(refused)
    return _error(status, refused.code, refused.what, headers, why=refused.why, do=refused.do)


def fault(request: str) -> Answer:
    """What nobody foresaw: its words are in the log, under the number of the request."""
    return _error(500, "fault", "This node failed to answer; it is logged", {}, number=request)


def busy(request: str) -> Answer:
    """The database gave way to another writer, or does not answer: nothing was done."""
    headers = {"Retry-After": "1"}
    what = "The database did not answer"
    return _error(503, "busy", what, headers, number=request, do="Ask again soon")


def _error(
    status: int, code: str, what: str, headers: Mapping[str, str], *, number: str = "", **more: str
) -> Answer:
    value: dict[str, Any] = {
        "title": _TITLES.get(status, "Refused"),
        "description": what,
        "error_id": number or secrets.token_hex(8),
        "error_code": code,
        "http_status": str(status),
    }
    details = {name: text for name, text in more.items() if text}
    if details:
        value["details"] = details
    return Answer(status, _encode(value), TAXII, headers)
