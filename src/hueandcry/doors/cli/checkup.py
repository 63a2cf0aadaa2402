"""What `hueandcry doctor` looks at. Each finding says what is so and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.types import SECOND
from hueandcry.doors.cli import showing
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger

#: A peer that asks us and has not for so long is away; it is noted once a minute.
SILENT = 180 * SECOND


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `well`, `warning` or `wrong`."""

    check: str
    result: str
    what: str

    def value(self) -> dict[str, str]:
        return {"check": self.check, "result": self.result, "what": self.what}


def findings() -> list[Finding]:
    """Every check, in order; none changes anything."""
    return [finding for check in CHECKS for finding in check()]


def _database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Finding("database", "wrong", "Tables are of an older version: run `hueandcry serve`")
    else:
        yield Finding("database", "well", f"{connection.vendor}, tables up to date")


def _root() -> Iterator[Finding]:
    if own().root_present():
        where = settings.DATA / "root"
        yield Finding("root key", "warning", f"{where} is still here: move it to a safe place")
    else:
        yield Finding("root key", "well", "moved away")


def _card() -> Iterator[Finding]:
    us = members.us()
    where = f"at {us.url}" if us.url else "without an inbound port"
    yield Finding("card", "well", f"{us.name}, serial {us.serial}, {where}")
    if us.url and not us.url.startswith("https://"):
        yield Finding("address", "warning", f"{us.url} is for this machine only: use https")


def _log() -> Iterator[Finding]:
    size = ledger.head()
    if size and ledger.checkpoint() is None:
        yield Finding("ledger", "warning", f"{size} entries, none published: start `serve`")
    else:
        yield Finding("ledger", "well", f"{size} entries; `hueandcry log verify` reads them all")


def _peers() -> Iterator[Finding]:
    for peer in peers.peers():
        name = f"peer {peer.name}"
        if peer.failures:
            again = showing.time(peer.retry_at)
            yield Finding(name, "warning", f"{peer.last_error} Next try {again}")
        elif peer.state == "refused":
            yield Finding(name, "warning", "Its terms are beyond ours: see `hueandcry peer list`")
        elif peer.way == "file":
            written, taken = (showing.time(at) for at in peers.last_files(peer.id))
            said = f"by file: last written {written}, last taken in {taken}"
            yield Finding(name, "well", f"{peer.state}, {said}")
        elif peer.way == "poll" and clock.now() - (peer.last_seen or 0) > SILENT:
            seen = showing.time(peer.last_seen)
            yield Finding(name, "warning", f"It asks us, and has not since {seen}")
        else:
            asks = "asks us, " if peer.way == "poll" else ""
            seen = showing.time(peer.last_seen)
            yield Finding(name, "well", f"{peer.state}, {asks}last seen {seen}")
        if abs(peer.clock_offset) > 2 * SECOND:
            by = f"{peer.clock_offset / SECOND:+.0f} s"
            yield Finding(name, "warning", f"Its clock differs by {by}: one of the two is wrong")


def _clock() -> Iterator[Finding]:
    yield Finding("clock", "well", showing.time(clock.now()))


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _database,
    _root,
    _card,
    _clock,
    _log,
    _peers,
)
