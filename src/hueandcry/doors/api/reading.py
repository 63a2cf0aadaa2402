"""Requests as values: everything about the bytes is judged here, before any handler runs."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec
from django.utils.http import parse_header_parameters

from hueandcry.core import jcs
from hueandcry.core.errors import HueError, Malformed
from hueandcry.doors.api.endpoint import MAX_BODY, Endpoint
from hueandcry.doors.desk import uploads, wire
from hueandcry.doors.desk.uploads import Limits, Upload
from hueandcry.doors.desk.wire import Environ

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_JSON: Final = frozenset({"*/*", "application/*", "application/json", "application/problem+json"})


class WrongForm(HueError):
    """The body, or the answer that is wanted, is in no form that is spoken here."""


def accepts(environ: Environ) -> None:
    """Raises WrongForm("accept") unless JSON is acceptable (RFC 9110 section 12.5.1)."""
    wanted: str = environ.get("HTTP_ACCEPT", "") or "*/*"
    for each in wanted.split(","):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        refused = any(re.fullmatch(r"q=0(\.0{0,3})?", parameter) for parameter in parameters)
        if name in _JSON and not refused:
            return
    raise WrongForm("accept", "Answers are JSON", do="Accept application/json")


def key(environ: Environ) -> str | None:
    """The Idempotency-Key of a request; raises Malformed for one of another form."""
    shown: str | None = environ.get("HTTP_IDEMPOTENCY_KEY")
    if shown is None:
        return None
    if not _KEY.fullmatch(shown):
        raise Malformed(
            "idempotency_key",
            "An Idempotency-Key has 1 to 255 visible ASCII signs",
            do="Send a new UUID for each request, and the same one when you repeat it",
        )
    return shown


def query(endpoint: Endpoint, environ: Environ) -> Any:
    """The query of a request; raises Malformed("parameter"), also where one stands twice."""
    found: dict[str, str] = {}
    for pair in filter(None, environ.get("QUERY_STRING", "").split("&")):
        name, _, text = pair.partition("=")
        name = _text(name)
        if name in found:
            raise Malformed("parameter", f"{name[:40]!r} stands twice")
        found[name] = _text(text)
    if endpoint.query is None:
        if found:
            raise Malformed("parameter", f"{next(iter(found))[:40]!r} is not known here")
        return None
    try:
        return msgspec.convert(found, endpoint.query, strict=False)
    except msgspec.ValidationError as wrong:
        raise Malformed("parameter", "The query is not as it should be", why=str(wrong)) from None


def _text(escaped: str) -> str:
    try:
        return unquote_plus(escaped, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8", "The query is not UTF-8", why=str(error)) from None


def body(endpoint: Endpoint, environ: Environ) -> tuple[bytes, Any]:
    """(bytes, value) of a request's body, duplicate members refused before anything else."""
    raw = wire.read_body(environ, MAX_BODY)
    if endpoint.body is None:
        if raw:
            raise Malformed("body", "There is no body to this request", do="Send none")
        return raw, None
    content = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if content != "application/json":
        raise WrongForm("content_type", "The body is not said to be JSON", do="application/json")
    value = jcs.parse(raw, max_bytes=MAX_BODY)
    try:
        return raw, msgspec.convert(value, endpoint.body)
    except msgspec.ValidationError as wrong:
        raise Malformed("misshapen", "The body is not as it should be", why=str(wrong)) from None


#: What a body is said to be when it is fields of a form, and no file.
_FORMS: Final = ("multipart/", "application/x-www-form-urlencoded", "application/json")


def file(endpoint: Endpoint, environ: Environ) -> Upload:
    """The body of a request as a file, sealed as it arrives; raises WrongForm for a form's fields.

    What it is goes by its bytes, its name by Content-Disposition (RFC 6266).
    """
    said = str(environ.get("CONTENT_TYPE", "")).strip().lower()
    if said.startswith(_FORMS):
        do = "Send the bytes of the file as the body, as application/octet-stream"
        raise WrongForm("content_type", "The body is not said to be a file", do=do)
    _, shown = parse_header_parameters(environ.get("HTTP_CONTENT_DISPOSITION", ""))
    return uploads.posted(environ, shown.get("filename", ""), Limits(each=endpoint.file))


def visible(name: str, text: str) -> str:
    """A text for people to read, without control characters; raises Malformed."""
    if not text.isprintable():
        raise Malformed("misshapen", f"`{name}` holds a sign that cannot be printed")
    return text
