"""Whole nodes as processes of this machine: free ports, starting, waiting, ending by group."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

#: How the command is called where it may not be on the path.
PROGRAM = (sys.executable, "-m", "hueandcry")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def bare_environment(**more: str) -> dict[str, str]:
    """Our variables, without what would lead a node to another folder or database than its own."""
    dropped = ("HUEANDCRY_", "DJANGO_SETTINGS_MODULE")
    return {**{k: v for k, v in os.environ.items() if not k.startswith(dropped)}, **more}


class Server:
    """The processes of one node that serves on loopback; what they say goes into its folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "node.log"

    def launch(self, environment: Mapping[str, str], program: Sequence[str] = PROGRAM) -> None:
        """Starts `serve` in a process group of its own; `answering` says when it is there."""
        words = ["serve", "--port", str(self.port), "--data", str(self.folder)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*program, *words], stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def answering(self, patience: float) -> bool:
        """Waits until the node answers; False when it ended, or not within `patience` seconds."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                return False
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                return True
            time.sleep(0.02)
        return False

    def end(self, how: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> None:
        """Ends every process of the node: by a signal, and for good when that does not help."""
        process, self.process = self.process, None
        if process is None:
            return
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, how)
            process.wait(patience)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(patience)
