"""Every request is counted, timed and given a number of its own; nobody's words are kept.

A line of the log names the door, the outcome and the time, never the path's tail or the query:
what is asked for may be somebody's telephone number.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from hueandcry.doors.desk.wire import App, Environ, StartResponse
from hueandcry.engine.clock import monotonic

log = logging.getLogger("hueandcry.requests")

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY: Final = CollectorRegistry(auto_describe=False)

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_requests = Counter(
    "hueandcry_requests", "Requests answered", ("door", "status"), registry=REGISTRY
)
_seconds = Histogram(
    "hueandcry_request_seconds",
    "Seconds until an answer began",
    ("door",),
    buckets=_SECONDS,
    registry=REGISTRY,
)


def metered(door: str, app: App) -> App:
    """The same application, with its requests counted under the name of the door.

    Every answer carries `X-Request-Id`, which the log line repeats.
    """
    timer = _seconds.labels(door)
    counters: dict[str, Counter] = {}

    def answered(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        number = secrets.token_hex(8)
        environ["hueandcry.request"] = number
        said = "500"

        def started(status: str, fields: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal said
            said = status[:3]
            return start_response(status, [*fields, ("X-Request-Id", number)], *more)

        began = monotonic()
        try:
            return app(environ, started)
        finally:
            took = monotonic() - began
            timer.observe(took)
            counter = counters.get(said)
            if counter is None:
                counter = counters[said] = _requests.labels(door, said)
            counter.inc()
            if log.isEnabledFor(logging.INFO):
                log.info("request", extra=_line(environ, door, number, said, took))

    return answered


def _line(environ: Environ, door: str, number: str, status: str, took: float) -> dict[str, Any]:
    return {
        "door": door,
        "request": number,
        "method": str(environ.get("REQUEST_METHOD", ""))[:8],
        "status": int(status),
        "ms": round(took * 1_000, 2),
    }
