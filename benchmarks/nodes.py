"""Whole nodes as processes on loopback, each in a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.processes import cpu_seconds, resident, tree
from clusters import Cluster, postgres_folder, start_cluster

#: While set, nodes keep their rows on this server instead of in SQLite files.
_cluster: list[Cluster] = []


@contextmanager
def on_postgresql() -> Iterator[bool]:
    """Nodes made inside have databases on a PostgreSQL of our own; False where there is none."""
    programs = postgres_folder()
    if programs is None:
        yield False
        return
    cluster = start_cluster(programs)
    _cluster.append(cluster)
    try:
        yield True
    finally:
        _cluster.clear()
        cluster.stop()


def embedded() -> bool:
    """Whether nodes are their own database."""
    return not _cluster


def server_cpu() -> float:
    """What the database server has used; 0 where the node itself is the database."""
    return cpu_seconds(_cluster[0].pid) if _cluster else 0.0


class Node:
    """One node: its folder, its address, and its server while that runs."""

    def __init__(self, folder: Path, name: str, *, inbound: bool = True) -> None:
        self.data = folder / name
        self.name = name
        self.database_url = _cluster[0].create(f"{name}{time.monotonic_ns()}") if _cluster else ""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None
        self.inbound = inbound
        where = ("--url", self.url) if inbound else ("--no-inbound",)
        said = self.cli("init", "--name", name, "--country", "TH", *where, "--role", "asc")
        self.fingerprint = str(said["fingerprint"])
        if not inbound:
            # Nothing else tells it that all this is on one machine.
            self._run("settings", "set", "peers.private_hosts", "127.0.0.1")

    def database_bytes(self) -> int:
        """What the rows and their indexes take on disk."""
        if self.database_url:
            ((size,),) = self.query("SELECT pg_database_size(current_database())")
            return int(size)
        return sum(path.stat().st_size for path in self.data.glob("node.sqlite3*"))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What a statement reads from the node's database, from outside."""
        if self.database_url:
            with psycopg.connect(self.database_url) as remote:
                return remote.execute(sql).fetchall()
        with closing(sqlite3.connect(f"file:{self.data}/node.sqlite3?mode=ro", uri=True)) as local:
            return local.execute(sql).fetchall()

    def cli(self, *words: str) -> dict[str, Any]:
        """Runs one command in this folder; its JSON answer."""
        answer: dict[str, Any] = json.loads(self._run(*words, "--json"))
        return answer

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hueandcry", *words],
            env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{words} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def environment(self) -> dict[str, str]:
        url = self.database_url
        return {**os.environ, "HUEANDCRY_DATA": str(self.data), "HUEANDCRY_DATABASE_URL": url}

    def start(self, *options: str) -> float:
        """Starts the server; the seconds until it answered."""
        began = time.monotonic()
        log = (self.data / "serve.log").open("ab")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "hueandcry", "serve", "--port", str(self.port), *options],
            env=self.environment(), stdout=log, stderr=log,
        )  # fmt: skip
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() - began > 60:
                raise RuntimeError(f"{self.name} does not start: see {log.name}")
            time.sleep(0.01)
        return time.monotonic() - began

    def _answers(self) -> bool:
        call = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            call.request("GET", "/healthz")
            return call.getresponse().status == 200
        except OSError:
            return False
        finally:
            call.close()

    @property
    def pid(self) -> int:
        assert self._server is not None, "the server does not run"
        return self._server.pid

    @property
    def pids(self) -> str:
        """The processes whose work is the node's, as a word of a command: its database's too."""
        return ",".join(str(pid) for pid in (self.pid, *(one.pid for one in _cluster)))

    @staticmethod
    def server_pids() -> str:
        """The database server alone, for what needs no server of the node."""
        return ",".join(str(one.pid) for one in _cluster)

    def cpu(self) -> float:
        return cpu_seconds(self.pid) + server_cpu()

    def resident(self) -> int:
        return resident(self.pid)

    def stop(self) -> None:
        """Ends the server and whatever it started, by their ids."""
        if self._server is None:
            return
        ours = tree(self._server.pid)
        self._server.terminate()
        try:
            self._server.wait(15)
        except subprocess.TimeoutExpired:
            for pid in ours:
                os.kill(pid, signal.SIGKILL)
            self._server.wait()
        self._server = None

    def token(self) -> str:
        return str(self.cli("token", "new", "--audience", "own")["token"])

    def inside(self, module: str, *words: str) -> subprocess.Popen[str]:
        """Starts one of our own modules in this node's folder; it prints JSON lines."""
        return subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.{module}", *words],
            env=self.environment(), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def said(self, module: str, *words: str) -> Iterator[dict[str, Any]]:
        """What such a module prints, line by line; raises when it fails."""
        process = self.inside(module, *words)
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
        if process.wait():
            raise RuntimeError(f"{module} failed in {self.data}")


@contextmanager
def running(*nodes: Node, options: tuple[str, ...] = ()) -> Iterator[None]:
    """Servers of these nodes, stopped at the end whatever happens."""
    try:
        for node in nodes:
            node.start(*options)
        yield
    finally:
        for node in nodes:
            node.stop()


def join(one: Node, other: Node, agreement: str = "standard") -> None:
    """Both sides of an agreement between two nodes that run; `one` can be called."""
    rounds = [(one, other, "0"), (other, one, "10"), (one, other, "10")]
    for us, them, wait in rounds if other.inbound else rounds[:2]:
        words = ("--fingerprint", them.fingerprint, "--agreement", agreement, "--wait", wait)
        where = (them.url,) if them.inbound else ()
        said = us.cli("peer", "add", *where, *words)
    if said["state"] != "in_force":
        raise RuntimeError(f"{one.name} and {other.name} came to no terms: {said}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
