"""How the node is: `/healthz` for whoever keeps it alive, `/metrics` for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from hueandcry.core.errors import HueError, NotFound
from hueandcry.doors.desk import wire
from hueandcry.doors.desk.callers import caller_of, challenges
from hueandcry.doors.desk.metering import REGISTRY
from hueandcry.doors.desk.wire import Answer, Environ, StartResponse
from hueandcry.doors.health.gauges import Gauges
from hueandcry.engine.store import feed
from hueandcry.engine.store.reading import close_reader, reader

log = logging.getLogger("hueandcry.doors.health")

REGISTRY.register(Gauges())

_READS: Final = ("GET", "HEAD")


def health(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answers `/healthz` and `/metrics`; everything else here is 404."""
    return wire.send(wire.guarded(lambda: _routed(environ)), start_response)


def _routed(environ: Environ) -> Answer:
    step = _ROUTES.get(environ["PATH_INFO"])
    if step is None:
        raise NotFound("path", "There is nothing at this address", do="Ask /healthz or /metrics")
    if environ["REQUEST_METHOD"] not in _READS:
        value = {"code": "method", "what": "This is only read", "do": "Use GET"}
        return Answer(405, wire.json(value).body, headers={"Allow": ", ".join(_READS)})
    return step(environ)


def _health(environ: Environ) -> Answer:
    """Whether the database answers; says nothing else, since anybody may ask."""
    try:
        well = bool(reader().rows("SELECT value FROM store_head WHERE name = ?", [feed.FEED]))
    except Exception:
        log.exception("the database does not answer")
        close_reader()
        well = False
    return wire.json({"status": "ok"}) if well else wire.json({"status": "no database"}, 503)


def _metrics(environ: Environ) -> Answer:
    """Counts and gauges in the text form of Prometheus, for a token with `metrics:read`.

    They tell who our peers are, and so are not for everybody.
    """
    try:
        caller_of(environ, "metrics:read")
    except HueError as refused:
        answer = wire.error(refused)
        fields = {"WWW-Authenticate": challenges("hueandcry metrics", refused, basic=True)}
        return Answer(answer.status, answer.body, headers=fields if answer.status == 401 else {})
    return Answer(200, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)


_ROUTES: Final = {"/healthz": _health, "/metrics": _metrics}
