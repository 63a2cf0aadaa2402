"""Whole nodes as processes on loopback, each in a folder of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.processes import cpu_seconds, resident, tree


class Node:
    """One node: its folder, its address, and its server while that runs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.data = folder / name
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None
        said = self.cli(
            "init", "--name", name, "--country", "TH", "--url", self.url, "--role", "asc"
        )
        self.fingerprint = str(said["fingerprint"])

    @property
    def database(self) -> Path:
        return self.data / "node.sqlite3"

    def cli(self, *words: str) -> dict[str, Any]:
        """Runs one command in this folder; its JSON answer."""
        done = subprocess.run(
            [sys.executable, "-m", "hueandcry", *words, "--json"],
            env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{words} failed: {done.stdout}{done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def environment(self) -> dict[str, str]:
        return {**os.environ, "HUEANDCRY_DATA": str(self.data)}

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

    def cpu(self) -> float:
        return cpu_seconds(self.pid)

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
    """Both sides of an agreement between two nodes that run."""
    for us, them, wait in ((one, other, "0"), (other, one, "10"), (one, other, "10")):
        words = ("--fingerprint", them.fingerprint, "--agreement", agreement, "--wait", wait)
        said = us.cli("peer", "add", them.url, *words)
    if said["state"] != "in_force":
        raise RuntimeError(f"{one.name} and {other.name} came to no terms: {said}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
