"""Nodes of a demonstration as real processes: own folder, own port, own log, all on loopback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hueandcry.core.errors import Broken

#: Seconds that a node may take to start, and to stop before it is killed.
START, STOP = 30.0, 10.0


@dataclass(slots=True)
class Node:
    """One node: how it is called, where it lives, and its process once started."""

    title: str
    country: str
    role: str
    folder: Path
    port: int
    fingerprint: str = ""
    password: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self, *words: str) -> Any:
        """Runs one `hueandcry` command on this node; gives its JSON answer, raises Broken."""
        line = [sys.executable, "-m", "hueandcry", *words, "--data", str(self.folder), "--json"]
        done = subprocess.run(line, capture_output=True, text=True, env=_environment())
        if done.returncode != 0:
            what = done.stderr.strip() or done.stdout.strip()
            raise Broken("command", f"{self.title}: {' '.join(words[:2])} failed", why=what)
        return json.loads(done.stdout)

    def found(self) -> None:
        """Founds the node in its folder."""
        said = self.command(
            *("init", "--name", self.title, "--country", self.country),
            *("--role", self.role, "--url", self.url),
        )
        self.fingerprint, self.password = said["fingerprint"], said["password"]

    def start(self) -> None:
        """Starts the node's process; `wait` says when it answers."""
        words = ["serve", "--port", str(self.port), "--data", str(self.folder)]
        with (self.folder / "node.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hueandcry", *words],
                stdout=log,
                stderr=log,
                env=_environment(),
                start_new_session=True,
            )

    def wait(self) -> None:
        """Returns when the node answers; raises Broken when it does not."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            if self.process is not None and self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        log = self.folder / "node.log"
        raise Broken("not_started", f"{self.title} did not start", do=f"See {log}")

    def look_up(self, value: str, audience: str = "own") -> dict[str, Any]:
        """What this node's look-up door answers about one value."""
        query = urllib.parse.urlencode({"value": value})
        request = urllib.request.Request(
            f"{self.url}/v1/lookup?{query}",
            headers={"Authorization": f"Bearer {self.tokens[audience]}"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def stop(self) -> None:
        """Ends the node's processes, gently at first."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(STOP)
                break
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None


def stop_all(nodes: Iterable[Node]) -> None:
    """Ends every node."""
    for node in nodes:
        node.stop()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _environment() -> dict[str, str]:
    """Ours, without what would lead a node to another folder or database than its own."""
    return {k: v for k, v in os.environ.items() if not k.startswith("HUEANDCRY_")}
