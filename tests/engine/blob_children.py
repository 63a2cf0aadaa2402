"""A process that stores one blob of 20 MiB, and is killed before or after one step of it.

blob_children.py STEP before|after
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import django

django.setup()

from django.db.transaction import Atomic

from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs import models
from hueandcry.engine.blobs.store import Store
from hueandcry.engine.store.work import unit_of_work

STEPS: dict[str, tuple[Any, str]] = {
    "grow": (Store, "grow"),
    "add": (Store, "add"),
    "close": (Store, "close"),
    "settle": (Store, "_settle"),
    "row": (models.Blob.objects, "create"),
    "commit": (Atomic, "__exit__"),
}


def die(step: str, when: str) -> None:
    owner, name = STEPS[step]
    original = getattr(owner, name)

    def killed(*args: Any, **options: Any) -> None:
        if when == "after":
            original(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    fresh = None if step in ("grow", "add", "close", "settle") else taken()
    setattr(owner, name, killed)
    with unit_of_work():
        blobs.keep(fresh or taken())


def taken() -> blobs.Fresh:
    return blobs.take((os.urandom(1 << 20) for _ in range(20)), 20 << 20)


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    die(*sys.argv[1:])
