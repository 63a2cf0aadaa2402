"""Real nodes on loopback: each its own folder, port and processes, all ended by process group."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

import databases
from hueandcry.core.types import Micros
from hueandcry.doors.cli.processes import PROGRAM, Server, bare_environment
from hueandcry.doors.cli.processes import free_ports as free_ports
from hueandcry.engine.keys.keyring import Keyring

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src"
START = 150.0  #: seconds that a node may take to be founded, or to answer, on a busy machine
PATIENCE = 90.0  #: seconds that anything else may take

#: (claim id, modified, state, verdict)
Held = tuple[str, Micros, int, int]


def wait_until(told: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
    """Returns after how many seconds `told` was true; fails with `what` when it never was."""
    began = time.monotonic()
    while not told():
        if time.monotonic() - began > patience:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.05)  # what is looked at costs the nodes their time
    return time.monotonic() - began


@dataclass(slots=True)
class Hand:
    """A process that acts as a node's own people; it answers each line that it is sent."""

    process: subprocess.Popen[str]

    def do(self, act: str, **given: Any) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"act": act, **given}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the hand ended while it did {act}"
        answer = json.loads(line)
        assert "failed" not in answer, answer
        return answer["done"]

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@dataclass
class Node:
    """One node as its operator and its callers see it."""

    name: str
    folder: Path
    port: int
    fingerprint: str = ""
    token: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    inbound: bool = True  #: False: its card has no address
    front: int | None = None  #: port of whatever stands before it, under which peers call it
    _hand: Hand | None = None

    @property
    def url(self) -> str:
        """The address in its card."""
        return f"http://127.0.0.1:{self.front or self.port}" if self.inbound else ""

    @cached_property
    def server(self) -> Server:
        return Server(self.folder, self.port)

    @property
    def database(self) -> str:
        """The address of its own PostgreSQL database; empty on SQLite."""
        return self.variables.get("HUEANDCRY_DATABASE_URL", "")

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring.open(self.folder, self.folder / "secret")

    # --- as its operator ----------------------------------------------------------------------

    def command(self, *words: str) -> Any:
        """Runs one command on this node; what it said as JSON."""
        done = self.try_command(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout or "null")

    def try_command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [*self._program(), *words, "--json"]
        return subprocess.run(line, env=self._environment(), capture_output=True, text=True)

    def answered(self, said: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs one command for people, who answer its questions with the lines of `said`."""
        line = [*self._program(), *words]
        return subprocess.run(
            line, env=self._environment(), input=said, capture_output=True, text=True
        )

    def said_by(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command in the process of its people, which saves the start of one of its own."""
        code, out, err = self.hand.do("cli", words=[*words, "--json"])
        return subprocess.CompletedProcess(words, code, out, err)

    def started(self, *words: str) -> subprocess.Popen[str]:
        """Begins one command on this node, which answers in JSON."""
        return subprocess.Popen(
            [*self._program(), *words, "--json"],
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        """Runs one command that answers otherwise than in JSON; what it said."""
        line = [*self._program(), *words]
        done = subprocess.run(line, env=self._environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def _program(self) -> list[str]:
        if "CLOCK_OFF_BY" in self.variables:
            return [sys.executable, str(HERE / "skewed.py")]
        return [*PROGRAM]

    def _environment(self) -> dict[str, str]:
        paths = f"{SOURCE}{os.pathsep}{HERE.parent}"
        folder = str(self.folder)
        return bare_environment(PYTHONPATH=paths, HUEANDCRY_DATA=folder, **self.variables)

    def found(self) -> subprocess.Popen[str]:
        """Begins to found the node, with tables that were migrated once; `founded` waits for it."""
        if not self.database:
            self.folder.mkdir(mode=0o700)
            own = sqlite3.connect(self.folder / "node.sqlite3")
            with closing(sqlite3.connect(databases.migrated_file())) as made, closing(own):
                made.backup(own)
        words = ("init", "--name", self.name, "--country", "TH", "--role", "asc")
        where = ("--url", self.url) if self.inbound else ("--no-inbound",)
        return subprocess.Popen(
            [*self._program(), *words, *where, "--json"],
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )

    def founded(self, founding: subprocess.Popen[str]) -> None:
        said, _ = founding.communicate(timeout=START)
        self.fingerprint = json.loads(said)["fingerprint"]
        if not self.inbound:
            # It has no address of its own that would tell that all this is on one machine.
            done = subprocess.run(
                [*self._program(), "settings", "set", "peers.private_hosts", "127.0.0.1"],
                env=self._environment(),
            )
            assert done.returncode == 0

    def launch(self) -> None:
        """Starts the node's processes; `answering` waits for them."""
        self.server.launch(self._environment(), self._program())

    def answering(self) -> None:
        assert self.server.answering(START), f"{self.name} does not answer: {self.said()[-2000:]}"

    def start(self) -> None:
        self.launch()
        self.answering()

    @contextmanager
    def only_answering(self) -> Iterator[None]:
        """The node without its loops: what changes meanwhile was changed by a call."""
        self._again(HUEANDCRY_LOOPS_APART="1")
        try:
            yield
        finally:
            self._again(HUEANDCRY_LOOPS_APART="")

    def _again(self, **changed: str) -> None:
        self.stop()
        self.variables.update(changed)
        self.start()

    def stop(self) -> float:
        """Ends the node in order; after how many seconds it had."""
        began = time.monotonic()
        self.server.end(patience=30)
        return time.monotonic() - began

    def kill(self) -> None:
        """Ends every process of the node at once, as a power cut would."""
        self.server.end(signal.SIGKILL)

    def said(self) -> str:
        """Everything that the node has logged."""
        log = self.server.log
        return log.read_text() if log.exists() else ""

    def findings(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(self.try_command("doctor").stdout)
        return found

    def verified(self) -> None:
        """Its whole ledger was read again, and holds."""
        said = self.command("log", "verify")
        assert said["holds"] and said["openings"] > 0, said

    # --- as its people ------------------------------------------------------------------------

    @property
    def hand(self) -> Hand:
        if self._hand is None:
            process = subprocess.Popen(
                [sys.executable, str(HERE / "acting.py")],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._hand = Hand(process)
        return self._hand

    def raised(self, *values: str, **more: Any) -> list[str]:
        """Raises claims of our own people; their ids."""
        ids: list[str] = self.hand.do("raise", values=values, **more)
        return ids

    def retracted(self, value: str, kind: str = "domain", **more: Any) -> list[str]:
        ids: list[str] = self.hand.do("retract", value=value, kind=kind, **more)
        return ids

    def ingested(self, values: Sequence[str]) -> int:
        accepted: int = self.hand.do("ingest", values=list(values))
        return accepted

    # --- as a caller --------------------------------------------------------------------------

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Any = None
    ) -> tuple[int, bytes]:
        """One plain HTTP request, sent as it is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            with suppress(BrokenPipeError):  # an answer may come before all was read
                connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()

    def answer(self, value: str, kind: str = "domain") -> dict[str, Any]:
        """What the look-up door answers to our own people."""
        path = "/v1/lookup?" + urlencode({"value": value, "kind": kind})
        status, body = self.ask("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def verdict(self, value: str, kind: str = "domain") -> str:
        return str(self.answer(value, kind)["verdict"])

    # --- what it holds ------------------------------------------------------------------------

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """Runs one statement in the words that both databases have, with `hex` and `?`."""
        if self.database:
            with psycopg.connect(self.database) as db:
                return db.execute(sql.replace("?", "%s").encode(), given or None).fetchall()
        path = f"file:{self.folder / 'node.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=20)) as db:
            return db.execute(sql, given).fetchall()

    def change(self, sql: str) -> None:
        """Changes what a node that is stopped holds, behind its back."""
        with closing(sqlite3.connect(self.folder / "node.sqlite3", timeout=20)) as db, db:
            db.execute(sql)

    def tables(self) -> list[str]:
        return [name for (name,) in self.rows(TABLES[bool(self.database)])]

    def count(self, table: str, where: str = "1 = 1") -> int:
        return int(self.rows(f"SELECT COUNT(*) FROM {table} WHERE {where}")[0][0])

    def counts(self) -> dict[str, int]:
        """Rows of every table except those that a refused call may leave a trace in."""
        passing = {"peers_nonce", "jobs_lease", "ledger_checkpoint", "sqlite_sequence"}
        # What a node's own loops note (how far a peer has read, whom it trusts, which lists it
        # knows) comes in their own time, and no call writes it.
        passing.add("exchange_reading")
        passing |= {"ledger_cosignature", "ledger_witnessed", "peers_witness", "peers_doubt"}
        only = {
            "store_interned": "space NOT LIKE 'signals-%'",
            "store_head": "name NOT LIKE 'signals-%'",
        }
        each = (
            f"SELECT '{name}', COUNT(*) FROM {name} WHERE {only.get(name, '1 = 1')}"
            for name in self.tables()
            if name not in passing
        )
        return {name: int(count) for name, count in self.rows(" UNION ALL ".join(each))}

    def claims(self, claimant: Node | None = None) -> set[Held]:
        """Every claim held, or every one of one member."""
        sql = (
            "SELECT hex(c.claim_id), c.modified, c.state, c.verdict, hex(m.fingerprint)"
            " FROM signals_claim c JOIN members_member m ON m.id = c.claimant_id"
        )
        wanted = claimant.fingerprint.upper() if claimant else None
        return {
            (id, modified, state, verdict)
            for id, modified, state, verdict, of in self.rows(sql)
            if wanted is None or of == wanted
        }

    def idle(self) -> bool:
        """Nothing of ours waits to be signed or delivered."""
        waiting = self.count("peers_delivery", "state = 'waiting'")
        unsaid = "from_peer_id IS NOT NULL AND effective_at IS NULL"
        owed = sum(self.count(t, unsaid) for t in ("exchange_batch", "exchange_retraction"))
        return waiting == owed == 0

    def settled(self) -> None:
        """Returns when nothing is owed and nothing has changed for a while.

        What others still have on the way to this node can be seen only by its arrival.
        """

        def still() -> bool:
            before = self.counts()
            time.sleep(0.6)
            return self.idle() and self.counts() == before

        wait_until(still, f"{self.name} has settled")

    def close(self) -> None:
        if self._hand is not None:
            self._hand.close()
            self._hand = None
        self.kill()


#: What lists the tables of a node, by whether it is on PostgreSQL.
TABLES = {
    False: "SELECT name FROM sqlite_master WHERE type = 'table'",
    True: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def join(one: Node, other: Node, agreement: str = "standard") -> None:
    """Makes two running nodes peers; both sides sign."""
    # Who cannot be called calls last: the other side then expects it.
    pair = (one, other) if one.inbound else (other, one)
    for node, peer in (pair, pair[::-1]):
        where = (peer.url,) if peer.url else ()
        words = ("peer", "add", *where, "--fingerprint", peer.fingerprint)
        done = node.said_by(*words, "--agreement", agreement, "--wait", "0.2")
        assert done.returncode == 0, done.stderr
    for node, peer in ((one, other), (other, one)):
        wait_until(lambda n=node, p=peer: _in_force(n, p), "the agreement is in force")  # type: ignore[misc]


def _in_force(node: Node, peer: Node) -> bool:
    sql = (
        "SELECT 1 FROM peers_agreement a JOIN peers_peer p ON p.id = a.peer_id"
        " JOIN members_member m ON m.id = p.member_id"
        " WHERE hex(m.fingerprint) = ? AND a.state = 'in_force'"
    )
    return bool(node.rows(sql, peer.fingerprint.upper()))


@contextmanager
def founded_only(
    folder: Path,
    names: str,
    *,
    skewed: dict[str, float] | None = None,
    no_inbound: str = "",
    fronts: dict[str, int] | None = None,
    on: dict[str, str] | None = None,
) -> Iterator[dict[str, Node]]:
    """Founded nodes called by the letters of `names`, of which none runs.

    `on` names the database of some, whatever this run uses.

    `fronts` are ports under which others call a node, when something stands before it. Each node
    has a database of its own: a file, or one in the PostgreSQL of this run.
    """
    ports = free_ports(len(names))
    nodes = {n: Node(n, folder / n, port) for n, port in zip(names, ports, strict=True)}
    for name, seconds in (skewed or {}).items():
        nodes[name].variables["CLOCK_OFF_BY"] = str(seconds)
    for name, node in nodes.items():
        node.inbound, node.front = name not in no_inbound, (fronts or {}).get(name)
        if url := (on or {}).get(name) or databases.own_database(f"{folder.name}-{name}".lower()):
            node.variables["HUEANDCRY_DATABASE_URL"] = url
    try:
        founding = {name: node.found() for name, node in nodes.items()}
        for name, node in nodes.items():
            node.founded(founding[name])
        yield nodes
    finally:
        for node in nodes.values():
            node.close()


@contextmanager
def partnership(
    folder: Path,
    names: str,
    pairs: Sequence[str],
    agreement: str = "standard",
    **more: Any,
) -> Iterator[dict[str, Node]]:
    """Running nodes, joined as `pairs` such as `AB` say; `more` is as for `founded_only`."""
    with founded_only(folder, names, **more) as nodes:
        for node in nodes.values():
            node.launch()
        for node in nodes.values():
            node.token = node.hand.do("token")
        for node in nodes.values():
            node.answering()
        for pair in pairs:
            join(nodes[pair[0]], nodes[pair[1]], agreement)
        yield nodes
