"""A process that does one thing with an exhibit, and is killed before or after one step of it.

Each line of stdin, `ACT STEP before|after [ABOUT]`, is done by a process that is forked for it from
one that has opened nothing yet: `ended CODE` says how it ended. With `full BYTES` instead of a step
no file may grow beyond so many bytes, as on a disk that is full, and nobody kills it.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django.setup()

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import QuerySet

from evidence_scene import CHAT, handed_over
from hueandcry.apps.evidence import face, uploading
from hueandcry.apps.evidence.face import Told
from hueandcry.apps.members import face as members
from hueandcry.core.types import Actor
from hueandcry.engine import clock
from hueandcry.engine.blobs import face as blobs
from hueandcry.engine.blobs import models as blob_models
from hueandcry.engine.blobs.store import Store
from hueandcry.engine.keys.keyring import Keyring
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.purge import face as purge
from hueandcry.engine.store import feed
from hueandcry.engine.store.work import unit_of_work
from other_member import OtherMember

#: Every step that makes something last, of the store, the rows, the ledger and the commit.
STEPS: dict[str, tuple[Any, str]] = {
    "bytes": (Store, "put"),
    "settle": (Store, "_settle"),
    "key": (blob_models.Blob.objects, "create"),
    "signature": (Keyring, "sign"),
    "exhibit": (QuerySet, "update"),
    "position": (feed, "advance"),
    "entry": (ledger, "append_many"),
    "erasure": (purge, "write_erasure"),
    "commit": (BaseDatabaseWrapper, "_commit"),
    "remove": (Store, "remove"),
}


def police() -> Actor:
    return Actor(members.us().fingerprint, None, frozenset({"police"}))


def add(_: str) -> None:
    taken = face.take_bytes([CHAT], "chat.txt")
    with unit_of_work():
        face.add(police(), taken, Told(number="EX-1"), clock.now())


def take(exhibit: str) -> None:
    with unit_of_work():
        face.take(police(), exhibit, "Court", "For trial", clock.now())


def destroy(exhibit: str) -> None:
    with unit_of_work():
        face.destroy(police(), exhibit, "Court", "By judgment", clock.now())


def receive(_: str) -> None:
    given = handed_over(OtherMember("hanoi", roles=("lea",)), members.us().fingerprint)
    with unit_of_work():
        face.receive(police(), given, clock.now())


def piece(about: str) -> None:
    """`about`: an upload and the person whose it is."""
    upload, _, person = about.partition("/")
    who = Actor(members.us().fingerprint, int(person), frozenset({"police"}))
    fresh = blobs.take([CHAT], 1_000)
    with unit_of_work():
        face.take_piece(who, UUID(upload), 0, fresh, clock.now())


def join(_: str) -> None:
    uploading.join()


def arrive(path: str) -> None:
    face.receive_package(Path(path), Path(f"{path}.jws").read_bytes())


def large(_: str) -> None:
    face.take_bytes([bytes(1 << 20)] * 20, "disk.img")


ACTS: dict[str, Callable[[str], None]] = {
    "add": add,
    "take": take,
    "destroy": destroy,
    "receive": receive,
    "piece": piece,
    "join": join,
    "arrive": arrive,
    "large": large,
}


def die(act: str, step: str, when: str, exhibit: str = "") -> None:
    """Does it in a process that ends at that step, without a word to anybody; or fills the disk."""
    if step == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(when), int(when)))
        return ACTS[act](exhibit)
    owner, name = STEPS[step]
    original = getattr(owner, name)

    def killed(*args: Any, **options: Any) -> Any:
        if when == "after":
            original(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, killed)
    return ACTS[act](exhibit)


def forked(words: list[str]) -> int:
    """How a process that does this ended; one that nobody killed says why, and ends with 1."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        die(*words)
    except Exception:
        traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
    os._exit(1)


if __name__ == "__main__":
    for line in sys.stdin:
        print("ended", forked(line.split()), flush=True)
