"""What `hueandcry doctor` looks at. Each finding says what is so and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.reports import face as reports
from hueandcry.apps.webhooks import face as webhooks
from hueandcry.core.errors import HueError
from hueandcry.core.types import SECOND
from hueandcry.doors.cli import duty_checks, showing, soundness
from hueandcry.doors.cli.findings import Finding
from hueandcry.engine import clock
from hueandcry.engine.backup import face as backups
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.stamps import face as stamps

#: A peer that asks us and has not for so long is away; it is noted once a minute.
SILENT = 180 * SECOND


def findings() -> list[Finding]:
    """Every check, in order; none changes anything, and one that fails hides no other."""
    return [finding for check in CHECKS for finding in _found(check)]


def _found(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except HueError as refused:
        name = check.__name__.strip("_").replace("_", " ")
        return [Finding(name, "wrong", refused.what, refused.do)]


def database() -> Iterator[Finding]:
    """The tables are those of this version."""
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


def _forks() -> Iterator[Finding]:
    for fork in peers.open_forks():
        heads = f"heads of {fork.smaller} and {fork.larger} entries, found by {fork.finder}"
        if fork.ours:
            what = f"Our own ledger: {fork.kind}, {heads}"
            do = "Stop this node and restore its newest backup, then `hueandcry log succeed`"
        else:
            what = f"{fork.whose}: {fork.kind}, {heads}"
            do = f"Ask its people; then `hueandcry log clear {fork.number} WORDS`"
        yield Finding("fork", "wrong", what, do)
    for doubt in peers.doubts():
        yield Finding("doubt", "warning", f"The log of {doubt.whose} is not proved: {doubt.said}")


def _witnesses() -> Iterator[Finding]:
    listed, quorum = peers.witnesses(), peers.quorum()
    head, size = peers.newest_cosigned(), ledger.signed_size()
    if not listed:
        yield Finding("witnesses", "well", "none yet: every peer will be one")
    elif head is None:
        what = f"No head is cosigned by {quorum} of {len(listed)} yet"
        yield Finding("witnesses", "warning" if size else "well", what)
    else:
        what = f"{quorum} of {len(listed)} have cosigned {head.first + head.size} of {size} entries"
        yield Finding("witnesses", "well", what)
    for each in listed:
        if each.failures:
            again = showing.time(each.due_at)
            yield Finding(f"witness {each.name}", "warning", f"{each.said} Next try {again}")


def _stamps() -> Iterator[Finding]:
    authorities, newest = stamps.authorities(), stamps.newest_head()
    if authorities and newest is not None:
        yield Finding("time-stamp", "well", f"the last one is of {showing.time(newest.stamped_at)}")
    for each in stamps.wanted():
        if each.failures:
            what = f"{each.url} has not stamped {each.subject} in {each.failures} tries"
            yield Finding("time-stamp", "warning", f"{what}: {each.said}")


def _peers() -> Iterator[Finding]:
    for peer in peers.peers():
        name = f"peer {peer.name}"
        if peer.failures:
            again = showing.time(peer.retry_at)
            yield Finding(name, "warning", f"{peer.last_error} Next try {again}")
        elif peer.state == "barred":
            why = "The partnership has suspended or expelled it: nothing passes"
            yield Finding(name, "warning", why, "See `hueandcry directory list`")
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


def _backups() -> Iterator[Finding]:
    found = backups.stale(clock.now())
    if found.newest is None:
        what = "none was ever made: run `hueandcry backup --to RECIPIENT`"
        yield Finding("backup", "warning" if found.stale else "well", what)
    elif found.stale:
        yield Finding("backup", "warning", f"the last one is of {showing.time(found.newest)}")
    else:
        yield Finding("backup", "well", f"the last one is of {showing.time(found.newest)}")


def _restored() -> Iterator[Finding]:
    held = peers.standing()
    if held is None:
        return
    what = f"out of a backup of {showing.time(held.made_at)}: {held.state}"
    if held.state == "behind":
        yield Finding("restored", "wrong", f"{what}; run `hueandcry log succeed` with the root")
    elif held.state == "asking":
        missing = ", ".join(held.missing)
        yield Finding("restored", "warning", f"{what}; waits for {missing or 'its loops'}")
    else:
        yield Finding("restored", "well", what)


def _webhooks() -> Iterator[Finding]:
    for webhook in webhooks.every():
        name = f"webhook {webhook.number}"
        if webhook.state == "paused":
            do = f"Once its receiver is well: `hueandcry webhook resume {webhook.number}`"
            yield Finding(name, "warning", f"Paused: {webhook.notice or 'by its owner'}", do)
        elif webhook.failures:
            said = f"{webhook.failures} tries in a row failed, {webhook.waiting} notices wait"
            yield Finding(name, "warning", said, f"See `hueandcry webhook test {webhook.number}`")


def _legal_holds() -> Iterator[Finding]:
    found = reports.standing(clock.now())
    if found.reviews:
        what = f"{found.reviews} of {found.held} reports are held past the day of their review"
        do = "See `hueandcry reports list --held`; hold each again, or release it"
        yield Finding("legal holds", "warning", what, do)
    elif found.held:
        yield Finding("legal holds", "well", f"{found.held} reports are held")


def _held_exhibits() -> Iterator[Finding]:
    standing, now = evidence.holds(standing=True), clock.now()
    late = sum(1 for each in standing if each.review_at <= now)
    if late:
        what = f"{late} of {len(standing)} holds on exhibits are past the day of their review"
        do = "See `hueandcry evidence holds`; review each, or end it"
        yield Finding("holds on exhibits", "warning", what, do)
    elif standing:
        yield Finding("holds on exhibits", "well", f"{len(standing)} stand")


def _clock() -> Iterator[Finding]:
    yield Finding("clock", "well", showing.time(clock.now()))


_UNUSUAL: Final = {
    "differs": "the two sides do not say the same number of hits",
    "forged": "a dummy of ours was found, which nobody else can have",
    "many": "they have more than half of what we asked for",
    "seldom": "they try much and find nothing",
}


def _deconfliction() -> Iterator[Finding]:
    for each in deconfliction.alarms(clock.now()):
        what = f"With {each.peer_name}, {showing.time(each.ended_at)}: {_UNUSUAL[each.alarm]}"
        do = f"See `hueandcry deconflict show {each.request}`, and speak to their desk"
        yield Finding("deconfliction", "warning", what, do)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    database,
    *soundness.CHECKS,
    _root,
    _card,
    _clock,
    _log,
    _restored,
    _forks,
    _witnesses,
    _stamps,
    _backups,
    _peers,
    _webhooks,
    _legal_holds,
    _held_exhibits,
    _deconfliction,
    *duty_checks.CHECKS,
)
