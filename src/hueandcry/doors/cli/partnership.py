"""Nodes of a demonstration as real processes: own folder, own port, own log, all on loopback."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hueandcry.core.errors import Broken
from hueandcry.doors.cli.processes import PROGRAM, Server, bare_environment
from hueandcry.doors.cli.resident import Resident

#: Seconds that a node may take to start on a busy machine.
START = 120.0


@dataclass
class Node:
    """One node: how it is called, where it lives, and its process once started."""

    title: str
    country: str
    roles: tuple[str, ...]
    folder: Path
    port: int
    fingerprint: str = ""
    password: str = ""
    analyst: str = ""  #: the password of somebody who works there
    tokens: dict[str, str] = field(default_factory=dict)

    @cached_property
    def server(self) -> Server:
        return Server(self.folder, self.port)

    @property
    def url(self) -> str:
        return self.server.url

    @cached_property
    def resident(self) -> Resident:
        """The process that runs its commands."""
        return Resident(bare_environment(HUEANDCRY_DATA=str(self.folder)))

    def command(self, *words: str) -> Any:
        """Runs one `hueandcry` command on this node; gives its JSON answer, raises Broken."""
        return self._answer(words, *self.resident.said([*words, "--json"]))

    def found(self) -> None:
        """Founds the node in its folder."""
        roles = (word for role in self.roles for word in ("--role", role))
        words = ("init", "--name", self.title, "--country", self.country, *roles)
        line = [*PROGRAM, *words, "--url", self.url, "--data", str(self.folder), "--json"]
        done = subprocess.run(line, capture_output=True, text=True, env=bare_environment())
        said = self._answer(words, done.returncode, done.stdout, done.stderr)
        self.fingerprint, self.password = said["fingerprint"], said["password"]

    def _answer(self, words: Sequence[str], code: int, out: str, err: str) -> Any:
        if code != 0:
            what = err.strip() or out.strip()
            raise Broken("command", f"{self.title}: {' '.join(words[:2])} failed", why=what)
        return json.loads(out) if out else None

    def start(self) -> None:
        """Starts the node's process; `wait` says when it answers."""
        self.server.launch(bare_environment())

    def wait(self) -> None:
        """Returns when the node answers; raises Broken when it does not."""
        if not self.server.answering(START):
            what = f"{self.title} did not start"
            raise Broken("not_started", what, do=f"See {self.server.log}")

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
        if "resident" in self.__dict__:
            self.resident.end()
        self.server.end()


def stop_all(nodes: Iterable[Node]) -> None:
    """Ends every node."""
    for node in nodes:
        node.stop()
