"""The hot machine door: a token, a value or many, and verdicts. Plain WSGI, one read, no writes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final, NoReturn
from urllib.parse import unquote_plus

import msgspec
from django.db import close_old_connections

from hueandcry.apps.signals import face as signals
from hueandcry.core import jcs
from hueandcry.core.errors import HueError, Malformed, NotFound, TooLarge
from hueandcry.core.types import Audience, Kind
from hueandcry.doors.desk import limits, wire
from hueandcry.doors.desk.callers import caller_of, challenges
from hueandcry.doors.desk.wire import Answer, Environ, StartResponse
from hueandcry.doors.lookup import lists

log = logging.getLogger("hueandcry.doors.lookup")

MAX_VALUES: Final = 10_000
MAX_BODY: Final = 1_048_576  #: bytes of a request in bulk

_encode = msgspec.json.Encoder().encode
_lookups: dict[Audience, signals.Lookups] = {}


def forget() -> None:
    """Drops what is held for each audience: after a swap of databases in tests."""
    _lookups.clear()


def lookup(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answers `/v1/lookup` and `/v1/lists`; everything else here is 404."""
    try:
        if environ["PATH_INFO"].startswith(lists.PREFIX):
            return lists.serve(environ, start_response)
        answer = _routed(environ)
    except HueError as refused:
        answer = _refusal(refused)
    except Exception:
        log.exception("a look-up failed")
        close_old_connections()  # one that broke would fail this thread's every later request
        answer = wire.json(
            {"code": "fault", "what": "This node failed to answer; it is logged"}, 500
        )
    return wire.send(answer, start_response)


def _routed(environ: Environ) -> Answer:
    methods = _ROUTES.get(environ["PATH_INFO"])
    if methods is None:
        raise NotFound("path", "There is nothing at this address", do="Ask /v1/lookup")
    method = environ["REQUEST_METHOD"]
    step = methods.get(method)
    if step is not None:
        return step(environ)
    allowed = ", ".join(methods)
    value = {"code": "method", "what": f"{method} is not done here", "do": f"Use {allowed}"}
    return Answer(405, _encode(value), headers={"Allow": allowed})


def _refusal(refused: HueError) -> Answer:
    answer = wire.error(refused)
    if answer.status != 401:
        return answer
    return Answer(
        401, answer.body, headers={"WWW-Authenticate": challenges("hueandcry look-up", refused)}
    )


# --- look-up -------------------------------------------------------------------------------------


def _get(environ: Environ) -> Answer:
    """`?value=…[&kind=…]`: the answer for one value."""
    lookups = _for(caller_of(environ, "lookup").audience)
    value, kind = _query(environ.get("QUERY_STRING", ""))
    return Answer(200, _encode(lookups.one(value, kind)))


def _post(environ: Environ) -> Answer:
    """`{"values":[…], "kind"?: …}`: `{"results":[…]}` in the order asked."""
    caller = caller_of(environ, "lookup")
    values, kind = _body(wire.read_body(environ, MAX_BODY))
    limits.client(environ, caller.token, limits.bulk_cost(len(values)) - 1)
    lookups = _for(caller.audience)
    return Answer(200, _encode({"results": lookups.many(values, kind)}))


def _for(audience: Audience) -> signals.Lookups:
    """The look-ups of an audience, made once."""
    known = _lookups.get(audience)
    if known is None:
        known = _lookups[audience] = signals.Lookups(audience)
    return known


def _query(query: str) -> tuple[str, Kind | None]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, text = pair.partition("=")
        if name not in ("value", "kind"):
            raise Malformed("parameter", f"{name[:40]!r} is not known", do=_HOW_GET)
        if name in found:
            raise Malformed("parameter", f"{name!r} stands twice", do=_HOW_GET)
        found[name] = _text(text)
    if "value" not in found:
        raise Malformed("parameter", "There is no value", do=_HOW_GET)
    return found["value"], _kind(found["kind"]) if "kind" in found else None


def _text(escaped: str) -> str:
    try:
        return unquote_plus(escaped, errors="strict")
    except UnicodeDecodeError as error:
        raise Malformed("not_utf8", "The value is not UTF-8", why=str(error)) from None


def _body(raw: bytes) -> tuple[list[str], Kind | None]:
    value = jcs.parse_compact(raw, max_bytes=MAX_BODY)
    if not isinstance(value, dict) or not {"values"} <= value.keys() <= {"values", "kind"}:
        _misshapen("This is not a request for look-ups")
    values = value["values"]
    if not isinstance(values, list):
        _misshapen("`values` is not a list")
    if len(values) > MAX_VALUES:
        raise TooLarge(
            "too_many_values",
            f"{len(values)} values at once",
            do=f"Send at most {MAX_VALUES} values in one request, and the rest in the next",
        )
    for place, text in enumerate(values):
        if type(text) is not str:
            _misshapen(f"Value {place} (counted from 0) is not text")
    return values, _kind(value["kind"]) if "kind" in value else None


def _kind(text: object) -> Kind:
    kind = _KINDS.get(text) if isinstance(text, str) else None
    if kind is None:
        known = ", ".join(_KINDS)
        raise Malformed("kind", "There is no such kind of signal", do=f"Use one of: {known}")
    return kind


def _misshapen(what: str) -> NoReturn:
    raise Malformed("misshapen", what, do='Send {"values": ["…", …]}, and "kind" if all have one')


_HOW_GET: Final = "Ask /v1/lookup?value=… with at most one kind=…, both percent-encoded"
_KINDS: Final[dict[str, Kind]] = {kind.value: kind for kind in Kind}
_ROUTES: Final[dict[str, dict[str, Callable[[Environ], Answer]]]] = {
    "/v1/lookup": {"GET": _get, "POST": _post},
}
