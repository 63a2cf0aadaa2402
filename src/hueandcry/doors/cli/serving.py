"""Granian in front of the WSGI application: one worker process, with the loops on its threads."""

from __future__ import annotations

import logging

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

#: Threads that answer requests: a third only fights the other two over the interpreter lock
#: (docs/performance.md), and a single one would wait for itself when two nodes call each other.
THREADS = 2


#: Seconds that requests have to end in order once the node is told to stop.
STOP = 8


def serve_forever(host: str, port: int, waiting: int) -> None:
    """Serves until a signal ends it; `waiting` polls of peers may hold a thread each."""
    logging.getLogger("_granian").addFilter(_no_advice)
    Granian(
        "hueandcry.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS + waiting,
        workers_kill_timeout=STOP,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def _no_advice(record: logging.LogRecord) -> bool:
    """Drops its warning about many threads: those beyond THREADS sleep (ADR 0019)."""
    return not record.getMessage().startswith("Configuration allows spawning")
