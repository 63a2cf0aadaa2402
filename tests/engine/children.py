"""What other processes do to the same database while a test looks on; run as a script.

children.py feed WRITER TRANSACTIONS      rows in the feed, some transactions undone
children.py ledger WRITER TRANSACTIONS    entries in the ledger, some transactions undone
children.py both WRITER TRANSACTIONS      feed and ledger, in either order
children.py intern WRITER TRANSACTIONS    new texts, in an order of its own
children.py publish                       publishes until all is published
children.py die STEP before|after         publishes, and is killed at that step
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
from django.conf import settings
from django.db import connection

django.setup()

from hueandcry.apps.members.models import Card, Member
from hueandcry.engine.jobs import leases
from hueandcry.engine.keys.ed25519 import PrivateKey
from hueandcry.engine.ledger import face, publisher
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.store import feed, interned
from hueandcry.engine.store.work import unit_of_work

KEY = PrivateKey(bytes(range(32)))
HOST = "log.example"
KILLED = 9


class UndoneError(Exception):
    """Rolls a transaction back on purpose."""


def signer() -> publisher.LogSigner:
    return publisher.LogSigner(HOST, KEY.public, KEY.sign)


def member() -> Member:
    """The one member to which all logged rows of a test belong."""
    made, _ = Member.objects.get_or_create(
        fingerprint=bytes(32), defaults={"name": "Log", "country": "TH"}
    )
    return made


def card(of: Member, serial: int) -> Card:
    """A row that can be logged."""
    return Card(member=of, serial=serial, document=b"{}", received_at=0)


def feed_rows(n: int, writer: int) -> None:
    first = feed.advance(feed.FEED, n)
    with connection.cursor() as cursor:
        rows = [(seq, writer) for seq in range(first, first + n)]
        cursor.executemany("INSERT INTO trial_feed (seq, writer) VALUES (%s, %s)", rows)


def _transactions(writer: int, count: int, act: Callable[[random.Random, int], None]) -> None:
    chance = random.Random(writer)
    for turn in range(count):
        try:
            with unit_of_work():
                act(chance, turn)
                if chance.random() < 0.2:
                    raise UndoneError
        except UndoneError:
            continue


def write_feed(writer: int, count: int) -> None:
    _transactions(writer, count, lambda chance, _: feed_rows(chance.randint(1, 5), writer))


def write_ledger(writer: int, count: int) -> None:
    of = member()

    def act(chance: random.Random, turn: int) -> None:
        first = (writer * count + turn) * 10
        rows = [(card(of, first + i), {"n": first + i}) for i in range(chance.randint(1, 5))]
        face.append_many("trial", rows)

    _transactions(writer, count, act)


def write_both(writer: int, count: int) -> None:
    of = member()

    def act(chance: random.Random, turn: int) -> None:
        steps: list[Callable[[], Any]] = [
            lambda: feed_rows(1, writer),
            lambda: face.append("trial", card(of, writer * count + turn), n=turn),
        ]
        chance.shuffle(steps)
        for step in steps:
            step()

    _transactions(writer, count, act)


def write_interned(writer: int, count: int) -> None:
    def act(chance: random.Random, turn: int) -> None:
        texts = [f"text {turn} {n}" for n in range(8)]
        chance.shuffle(texts)
        for text in texts:
            interned.number("trial", text)
            if chance.random() < 0.3:
                feed.advance(feed.FEED, 1)

    _transactions(writer, count, act)


def publish() -> None:
    holder = str(uuid4())
    while publisher.publish(settings.DATA, signer(), holder):
        continue


STEPS: dict[str, tuple[object, str]] = {
    "lease": (leases, "take"),
    "tiles": (LogFolder, "write"),
    "rename": (Path, "replace"),
    "tidy": (LogFolder, "tidy"),
    "decision": (publisher, "_decide"),
    "note": (publisher, "_store_note"),
    "release": (leases, "give_back"),
}


def die(step: str, when: str) -> None:
    """Publishes in a process that ends, without a word to anybody, before or after one step."""
    owner, name = STEPS[step]
    original = getattr(owner, name)

    def killed(*args: Any, **options: Any) -> None:
        if when == "after":
            original(*args, **options)
        os._exit(KILLED)

    setattr(owner, name, killed)
    publish()


def run(command: str, *arguments: str) -> None:
    if command == "die":
        die(*arguments)
    elif command == "publish":
        publish()
    else:
        writers = {
            "feed": write_feed,
            "ledger": write_ledger,
            "both": write_both,
            "intern": write_interned,
        }
        writer, count = arguments
        writers[command](int(writer), int(count))


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    run(*sys.argv[1:])
