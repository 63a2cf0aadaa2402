"""Yardsticks of the same run: what the server and the database cost when they do nothing else."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.hammer import get, hammer
from benchmarks.nodes import free_port
from benchmarks.processes import cpu_seconds, tree

ANSWER = b'{"value":"bare.example","verdict":"unknown","reasons":[],"until":null}' * 3


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The least that a WSGI application can do."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))]
    start_response("200 OK", headers)
    return [ANSWER]


def bare_requests(n: int) -> float:
    """Requests per CPU-second of granian with a WSGI application that answers a constant."""
    port = free_port()
    words = ("--interface", "wsgi", "--port", str(port), "--no-ws", "--log-level", "warning")
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *words, "benchmarks.bare:application"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until_open(port)
        hammer(port, [get("/", "none")], 1_000, 16)
        cpu = cpu_seconds(server.pid)
        hammer(port, [get("/", "none")], n, 16)
        return n / (cpu_seconds(server.pid) - cpu)
    finally:
        assert tree(server.pid)
        server.terminate()
        server.wait(15)


def _until_open(port: int) -> None:
    for _ in range(1_000):
        try:
            hammer(port, [get("/", "none")], 1, 1)
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("granian does not start")


def bare_inserts(folder: Path, n: int) -> float:
    """Rows per CPU-second of SQLite alone: a 16-byte key, two indexes, 2 000 rows a transaction."""
    db = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, key BLOB UNIQUE, value TEXT, a INTEGER)")
    db.execute("CREATE TABLE two (id INTEGER PRIMARY KEY, claim BLOB UNIQUE, one INTEGER, a, b, c)")
    cpu = time.process_time()
    for first in range(0, n, 2_000):
        ids = range(first, first + 2_000)
        keys = [hashlib.sha256(b"%d" % id).digest()[:16] for id in ids]
        claims = [secrets.token_bytes(16) for _ in ids]
        db.execute("BEGIN IMMEDIATE")
        one = [
            (id, key, "a-host-of-usual-length.com", 1) for id, key in zip(ids, keys, strict=True)
        ]
        db.executemany("INSERT INTO one VALUES (?, ?, ?, ?)", one)
        two = [(id, claim, id, 1, 2, 3) for id, claim in zip(ids, claims, strict=True)]
        db.executemany("INSERT INTO two VALUES (?, ?, ?, ?, ?, ?)", two)
        db.execute("COMMIT")
    used = time.process_time() - cpu
    db.close()
    return n / used
