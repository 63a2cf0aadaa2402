"""A PostgreSQL of our own, under /tmp: for tests and for benchmarks, reached by its socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_START_SECONDS = 60
_PORT = 5432  # names the socket file only: nothing listens on a network
_OWNER = "hueandcry"


def postgres_folder() -> Path | None:
    """Where initdb and postgres are: the newest Debian version, else the PATH, else None."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    for initdb in sorted(versions, key=lambda path: float(path.parts[-3]), reverse=True):
        return initdb.parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL that only this machine's owner of `folder` can reach."""

    programs: Path
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, name: str) -> str:
        """The address of the database `name`, as HUEANDCRY_DATABASE_URL takes it."""
        return f"postgresql://{_OWNER}@/{name}?host={self.folder}&port={_PORT}"

    def create(self, name: str, like: str = "template1") -> str:
        """Makes a copy of the database `like`, by itself an empty one; returns its address."""
        _run([self.programs / "createdb", *self._where(), "-U", _OWNER, "-T", like, name])
        return self.url(name)

    def run(self, name: str, sql: str) -> None:
        """Runs a statement in one of the databases."""
        words = ["-U", _OWNER, "-d", name, "-q", "-c", sql]
        _run([self.programs / "psql", *self._where(), *words])

    def _where(self) -> list[str]:
        return ["-h", str(self.folder), "-p", str(_PORT)]

    @property
    def pid(self) -> int:
        """The server's first process, whose children do the work."""
        return self.process.pid

    def stop(self) -> None:
        """Fast shutdown of exactly this server, then its files."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(_START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster(programs: Path, *, durable: bool = True) -> Cluster:
    """A new cluster under /tmp, run by an unprivileged user.

    One that is not `durable` outlives the death of its clients, not that of the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="hueandcry-pg-"))
    user = _unprivileged(folder)
    data = folder / "data"
    initdb = f"{programs}/initdb -U {_OWNER} -A trust -E UTF8 --no-locale --no-sync -D"
    _run([*initdb.split(), data], **user)
    options = {
        "listen_addresses": "",
        "port": str(_PORT),
        "unix_socket_directories": str(folder),
        "shared_buffers": "32MB",
        "max_connections": "400",  # several whole nodes at once
        "fsync": "on" if durable else "off",
    }
    settings = [text for name, value in options.items() for text in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *settings],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for pytest, which then stops the server in order
            **user,
        )
    cluster = Cluster(programs, folder, process)
    _wait(cluster)
    return cluster


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Arguments of Popen that give up root, which initdb and postgres refuse."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = names.get("postgres") or names["nobody"]
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": folder}


def _run(command: Sequence[str | Path], **options: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _wait(cluster: Cluster) -> None:
    until = time.monotonic() + _START_SECONDS
    ready = [str(cluster.programs / "pg_isready"), "-q", *cluster._where()]
    while subprocess.run(ready, check=False).returncode:
        if cluster.process.poll() is not None or time.monotonic() > until:
            log = (cluster.folder / "server.log").read_text()
            raise RuntimeError(f"PostgreSQL did not start: {log}")
        time.sleep(0.05)
