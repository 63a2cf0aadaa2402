"""The one WSGI application: plain doors by prefix, everything else Django."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hueandcry.config.settings")

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from hueandcry.config import logs
from hueandcry.config.loops import start_loops
from hueandcry.doors.api.app import api
from hueandcry.doors.desk.metering import metered
from hueandcry.doors.desk.wire import App
from hueandcry.doors.health.app import health
from hueandcry.doors.lookup.app import lookup
from hueandcry.doors.peer.app import peer
from hueandcry.doors.taxii.app import taxii
from hueandcry.engine.jobs.bell import close_at_the_end

#: Prefix → door. Longest first where one begins another.
DOORS = (
    ("/v1/", metered("lookup", lookup)),
    ("/api/v1/", metered("api", api)),
    ("/healthz", metered("health", health)),
    ("/metrics", metered("health", health)),
    ("/peer/v1/", _peer := metered("peer", peer)),
    ("/.well-known/hueandcry", _peer),
    ("/log/", _peer),
    ("/witness/v1/", _peer),
    ("/taxii2/", metered("taxii", taxii)),
)
_pages = metered("pages", cast(App, _django))


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Hands a request to the door of its path."""
    path: str = environ["PATH_INFO"]
    for prefix, door in DOORS:
        if path.startswith(prefix):
            return door(environ, start_response)
    return _pages(environ, start_response)


logs.begin(os.environ.get(logs.LEVEL, "warning"))

# What is loaded by now lives for ever: no collection need walk through it again.
gc.collect()
gc.freeze()
# A posting makes thousands of objects that all die with it: walking through them is for nothing.
gc.set_threshold(20_000, 20, 20)

close_at_the_end()
start_loops()
