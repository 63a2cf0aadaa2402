"""Watches for commits of other processes: `PRAGMA data_version` on SQLite, LISTEN on PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from django.db import connection

from hueandcry.engine.store.dialect import Postgres

#: Seconds between two looks at SQLite's data version: one look is 4 µs, so 50 a second are free.
INTERVAL = 0.02


def watch(told: Callable[[], None], stop: threading.Event) -> None:
    """Calls `told` after every commit by anybody, until `stop` is set."""
    if connection.vendor == "postgresql":
        _watch_postgres(told, stop)
    else:
        _watch_sqlite(str(connection.settings_dict["NAME"]), told, stop)


def _watch_sqlite(path: str, told: Callable[[], None], stop: threading.Event) -> None:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=20)
    seen = -1
    while not stop.wait(INTERVAL):
        (version,) = db.execute("PRAGMA data_version").fetchone()
        if version != seen:
            seen = version
            told()
    db.close()


def _watch_postgres(told: Callable[[], None], stop: threading.Event) -> None:
    import psycopg

    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    while not stop.is_set():
        try:
            with psycopg.connect(**parameters, autocommit=True) as db:
                db.execute(f"LISTEN {Postgres.CHANNEL}")
                told()  # whatever was committed while nobody listened
                while not stop.is_set():
                    for _ in db.notifies(timeout=0.5, stop_after=1):
                        told()
        except psycopg.OperationalError:
            stop.wait(1.0)
