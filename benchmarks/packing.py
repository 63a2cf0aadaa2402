"""Inside a node's folder: exhibits packed, sealed and verified, and other tools on the same."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hueandcry.doors.cli import opening

opening.prepare()

from django.conf import settings

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Told, Wanted
from hueandcry.apps.members import face as members
from hueandcry.config.loops import log_signer
from hueandcry.engine import clock
from hueandcry.engine.keys import age, agefile
from hueandcry.engine.keys.keyring import KeyPurpose
from hueandcry.engine.keys.own import own
from hueandcry.engine.ledger.publisher import publish
from hueandcry.engine.store.work import unit_of_work
from hueandcry.verifier.examining import examine

_PIECE = 1 << 20
_T = TypeVar("_T")


def main(exhibits: int, size: int) -> None:
    """Prints seconds of each step, of the same work by other tools, and the peak of memory."""
    actor = opening.open_node()
    numbers = []
    for _ in range(exhibits):
        taken = evidence.take_bytes(_bytes(size), "exhibit.bin")
        with unit_of_work():
            added = evidence.add(actor, taken, Told(description="bench"), clock.now())
        numbers.append(added.exhibit.number)
    us = members.us().fingerprint
    with TemporaryDirectory(dir=settings.DATA) as name:
        folder = Path(name)
        view, signed = _timed(lambda: evidence.package(actor, Wanted(numbers, us, "bench")))
        while publish(settings.DATA, log_signer(), "bench"):
            continue
        path = folder / "package.tar.age"
        built, sealed = _timed(lambda: evidence.build(view.id, path))
        tar = folder / "package.tar"
        with path.open("rb") as source, tar.open("wb") as target:
            agefile.unseal(source, target, _identities())
        (folder / "package.tar.jws").write_bytes(built.note)
        report, verified = _timed(lambda: examine(tar, policy=evidence.trust_policy()))
        assert report.accepted, [c.reason for c in report.checks if c.result != "PASS"]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        foreign = _foreign(folder, tar)
    said = {"sign": signed, "seal": sealed, "verify": verified, "peak": peak, **foreign}
    print(json.dumps(said))


def _bytes(size: int) -> list[bytes]:
    return [os.urandom(min(_PIECE, size - at)) for at in range(0, size, _PIECE)]


def _identities() -> list[str]:
    return [own().identity(each) for each in own().key_ids(KeyPurpose.AGE)]


def _timed(step: Callable[[], _T]) -> tuple[_T, float]:
    began = time.perf_counter()
    done = step()
    return done, time.perf_counter() - began


def _foreign(folder: Path, tar: Path) -> dict[str, float]:
    """`sha256sum` over the same files, and `age` over the same tar where it is installed."""
    with tarfile.open(tar) as file:
        file.extractall(folder / "opened", filter="data")
    tar.unlink()
    (bag,) = (folder / "opened").iterdir()
    check = ["sha256sum", "--quiet", "-c", "manifest-sha256.txt"]
    _, hashed = _timed(lambda: subprocess.run(check, cwd=bag, check=True))
    said = {"sha256sum": hashed}
    if shutil.which("age"):
        key = age.recipient(members.age_key(members.us().fingerprint, clock.now()))
        words = f"tar -cf - {bag.name} | age -r {key} > {folder / 'foreign.age'}"
        run = ["sh", "-c", words]
        _, said["age"] = _timed(lambda: subprocess.run(run, cwd=bag.parent, check=True))
    return said


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
