"""A witness in a process of its own, on the database of a test; run as a script.

witness_children.py submit STORY OLD SIZE           one submission; says its status
witness_children.py die POINT before|after OLD SIZE  is killed there
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import django

django.setup()

from django.db.backends.base.base import BaseDatabaseWrapper

from hueandcry.core import notes
from hueandcry.doors.peer.app import peer as door
from hueandcry.engine import clock
from hueandcry.engine.ledger import witnessed
from other_log import OtherLog
from other_member import NOW, OtherMember
from wsgi_client import call

KILLED = 9
POINTS: dict[str, tuple[Any, str]] = {
    "sign": (notes, "cosign"),
    "keep": (witnessed, "keep"),
    "commit": (BaseDatabaseWrapper, "_commit"),
}


class Parting(OtherLog):
    """A log that goes on from the true one after `shared` leaves, by a story of its own."""

    def leaves(self, size: int) -> list[bytes]:
        true = OtherLog(self.of).leaves(size)
        return true[: self.shared] + super().leaves(size)[self.shared :]


def submit(story: str, old: str, size: str) -> None:
    log = Parting(OtherMember("bank"), story, shared=int(old))
    body = log.submission(int(old), int(size))
    answer = call(door, "POST", "/witness/v1/add-checkpoint", body=body, REMOTE_ADDR="192.0.2.9")
    print(answer.status)


def die(point: str, when: str, old: str, size: str) -> None:
    owner, name = POINTS[point]
    real = getattr(owner, name)

    def killed(*given: Any, **named: Any) -> Any:
        done = real(*given, **named) if when == "after" else None
        os._exit(KILLED)
        return done

    setattr(owner, name, killed)
    submit("true", old, size)


if __name__ == "__main__":
    clock.now = lambda: NOW
    print("ready", flush=True)
    sys.stdin.readline()
    if sys.argv[1] == "submit":
        submit(*sys.argv[2:])
    else:
        die(*sys.argv[2:])
