"""TAXII 2.1 for anybody's tools: plain WSGI, Basic or bearer, every collection by its rights."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, close_old_connections

from hueandcry.apps.collections import face as collections
from hueandcry.apps.members import face as members
from hueandcry.core import stix
from hueandcry.core.errors import HueError, Malformed, NotFound, NotPermitted, Untrusted
from hueandcry.doors.desk import limits, wire
from hueandcry.doors.desk.callers import caller_of, challenges
from hueandcry.doors.desk.wire import Answer, Environ, StartResponse
from hueandcry.doors.taxii import answers, asking
from hueandcry.doors.taxii.media import STIX, TAXII, accepts, sends_taxii
from hueandcry.engine import clock
from hueandcry.engine.store.reading import close_reader
from hueandcry.engine.store.work import unit_of_work

log = logging.getLogger("hueandcry.doors.taxii")

#: The one api root, under the address of the node.
ROOT: Final = "/taxii2/api/"
_REALM: Final = "hueandcry taxii"


@dataclass(frozen=True, slots=True)
class Call:
    """One request by a known client; `names` are what the address holds, in order."""

    environ: Environ
    caller: members.Caller
    names: tuple[str, ...] = ()

    def asked(self, known: frozenset[str]) -> asking.Asked:
        return asking.read_query(self.environ.get("QUERY_STRING", ""), known)

    def opened(self) -> collections.Opened:
        return collections.opened(self.caller, self.names[0])


def taxii(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answers everything under `/taxii2/`; to HEAD what it would to GET, without the body."""
    try:
        answer = _routed(environ)
    except HueError as refused:
        answer = _refusal(refused)
    except Exception as error:
        log.exception("a TAXII request failed")
        close_reader()
        close_old_connections()  # one that broke would fail this thread's every later request
        number = str(environ.get("hueandcry.request", ""))
        gave_way = isinstance(error, OperationalError)
        answer = answers.busy(number) if gave_way else answers.fault(number)
    sent = wire.send(answer, start_response)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else sent


def _refusal(refused: HueError) -> Answer:
    if isinstance(refused, Untrusted):
        return answers.error(refused, {"WWW-Authenticate": challenges(_REALM, refused, basic=True)})
    if isinstance(refused, _MethodError):
        return answers.error(refused, {"Allow": refused.allowed})
    return answers.error(refused, wire.retry_after(refused))


class _MethodError(HueError):
    """A method that an address does not know."""

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.allowed = ", ".join(allowed)
        super().__init__("method", f"{method[:20]} is not done here", do=f"Use {self.allowed}")


def _routed(environ: Environ) -> Answer:
    """Who calls comes first: a stranger learns nothing, not even which addresses there are."""
    caller = caller_of(environ, collections.READ, collections.WRITE)
    methods, names = _route(environ["PATH_INFO"])
    method = environ["REQUEST_METHOD"]
    step = methods.get("GET" if method == "HEAD" else method)
    if step is None:
        raise _MethodError(method, (*methods, "HEAD"))
    if not accepts(environ.get("HTTP_ACCEPT")):
        raise Malformed(
            "accept", "The Accept field names nothing that is sent here", do=f"Accept {TAXII}"
        )
    return step(Call(environ, caller, names))


def _route(path: str) -> tuple[dict[str, Callable[[Call], Answer]], tuple[str, ...]]:
    """What may be done at an address, and the names in it; raises NotFound."""
    parts = path.split("/")
    if path == "/taxii2/":
        return {"GET": _discovery}, ()
    if not path.startswith(ROOT) or parts[-1] != "":
        do = "An address here ends with a slash" if parts[-1] else f"Ask {ROOT}collections/"
        raise NotFound("path", "There is nothing at this address", do=do)
    words = tuple(parts[3:-1])
    for shape, methods in _ROUTES:
        if len(shape) == len(words) and all(
            s in ("*", w) for s, w in zip(shape, words, strict=True)
        ):
            return methods, tuple(w for s, w in zip(shape, words, strict=True) if s == "*")
    raise NotFound("path", "There is nothing at this address", do=f"Ask {ROOT}collections/")


# --- the server ----------------------------------------------------------------------------------


def _discovery(call: Call) -> Answer:
    us = members.us()
    root = us.url + ROOT
    return answers.resource(
        {
            "title": f"Hue and Cry at {us.name}",
            "description": "Signals of scams, shared by the members of a partnership",
            "contact": us.url,
            "default": root,
            "api_roots": [root],
        }
    )


def _root(call: Call) -> Answer:
    return answers.resource(
        {
            "title": members.us().name,
            "versions": [TAXII],
            "max_content_length": stix.MAX_ENVELOPE,
        }
    )


def _status(call: Call) -> Answer:
    key = stix.read_id(f"status--{call.names[0]}")
    if key is None:
        raise NotFound("status", "There is no such status, or it is no longer kept")
    return answers.ready(collections.status(key, call.caller.token))


def _collections(call: Call) -> Answer:
    found = [_described(each) for each in collections.listed(call.caller)]
    return answers.resource({"collections": found} if found else {})


def _collection(call: Call) -> Answer:
    return answers.resource(_described(call.opened()))


def _described(opened: collections.Opened) -> dict[str, object]:
    return {
        "id": str(opened.id),
        "title": opened.title,
        **({"description": opened.description} if opened.description else {}),
        "alias": opened.alias,
        "can_read": opened.can_read,
        "can_write": opened.can_write,
        "media_types": [STIX],
    }


# --- reading -------------------------------------------------------------------------------------


def _readable(call: Call) -> collections.Opened:
    opened = call.opened()
    if not opened.can_read:
        raise NotPermitted("not_readable", "This client may not read here, only write")
    return opened


def _page(call: Call, known: frozenset[str]) -> collections.Page:
    opened, asked = _readable(call), call.asked(known)
    return collections.page(opened, asked.filters, asked.after, asked.limit, clock.now())


def _manifest(call: Call) -> Answer:
    return answers.manifest(_page(call, asking.PAGED | asking.MATCHES))


def _objects(call: Call) -> Answer:
    return answers.envelope(_page(call, asking.PAGED | asking.MATCHES))


def _one(call: Call, known: frozenset[str], *, every: bool = False) -> collections.Page:
    """The versions of one object that are asked for; raises NotFound where there is none."""
    opened, asked = _readable(call), call.asked(known)
    filters = asked.filters.of(call.names[1], every=every)
    page = collections.page(opened, filters, asked.after, asked.limit, clock.now())
    if not page.objects and not collections.holds(opened, call.names[1], clock.now()):
        raise NotFound("object", "There is no such object in this collection")
    return page


def _object(call: Call) -> Answer:
    return answers.envelope(_one(call, asking.OBJECT))


def _versions(call: Call) -> Answer:
    return answers.versions(_one(call, asking.VERSIONS, every=True))


# --- writing -------------------------------------------------------------------------------------


def _writable(call: Call) -> collections.Opened:
    opened = call.opened()
    if not opened.can_write:
        raise NotPermitted("not_writable", "This client may not write here")
    return opened


def _add(call: Call) -> Answer:
    opened = _writable(call)
    if not sends_taxii(call.environ.get("CONTENT_TYPE", "")):
        raise Malformed("content_type", "The body is of another media type", do=f"Send {TAXII}")
    call.asked(frozenset())
    body = wire.read_body(call.environ, stix.MAX_ENVELOPE)
    items = collections.read_items(opened, body, clock.now())
    limits.client(call.environ, call.caller.token, limits.bulk_cost(len(items)) - 1)
    with unit_of_work():
        said = collections.post(opened, items, clock.now())
    return answers.ready(said, 202)


def _delete(call: Call) -> Answer:
    opened = _writable(call)
    if not opened.can_read:
        raise NotPermitted("not_readable", "Who deletes must be able to read")
    asked = call.asked(asking.DELETING)
    # Without a version all go (TAXII 2.1 section 5.7), where reading would mean the last.
    filters = asked.filters.of(call.names[1], every=not asked.names_version)
    with unit_of_work():
        collections.delete(opened, call.names[1], filters, clock.now())
    return answers.resource({})


_ROUTES: Final[tuple[tuple[tuple[str, ...], dict[str, Callable[[Call], Answer]]], ...]] = (
    ((), {"GET": _root}),
    (("status", "*"), {"GET": _status}),
    (("collections",), {"GET": _collections}),
    (("collections", "*"), {"GET": _collection}),
    (("collections", "*", "manifest"), {"GET": _manifest}),
    (("collections", "*", "objects"), {"GET": _objects, "POST": _add}),
    (("collections", "*", "objects", "*"), {"GET": _object, "DELETE": _delete}),
    (("collections", "*", "objects", "*", "versions"), {"GET": _versions}),
)
