"""Granian in front of the WSGI application: one worker process, with the loops on its threads."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

#: Threads that answer requests: a third only fights the other two over the interpreter lock
#: (docs/performance.md), and a single one would wait for itself when two nodes call each other.
THREADS = 2


def serve_forever(host: str, port: int) -> None:
    """Serves until a signal ends it."""
    Granian(
        "hueandcry.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()
