"""Inside a node's folder: a ledger is written, published, proved, and read again as a whole."""

from __future__ import annotations

import json
import random
import sys
import time

from benchmarks.processes import cpu_seconds, pids
from hueandcry.doors.cli import opening

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.signals.models import Act
from hueandcry.config.loops import log_signer
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import publisher
from hueandcry.engine.ledger.verify import verify
from hueandcry.engine.store.work import unit_of_work


def main(entries: int, together: int, proofs: int, server: list[int]) -> None:
    """Prints the CPU of appending, publishing and verifying, and the sorted seconds of proofs."""

    def used() -> float:
        return time.process_time() + cpu_seconds(*server)

    opening.open_node()
    cpu = used()
    for first in range(0, entries, together):
        at = clock.now()
        with unit_of_work():
            rows = [(Act(kind="bench", at=at, count=1), {"n": first + n}) for n in range(together)]
            ledger.append_many("bench", rows)
    appended = used()
    signer = log_signer()
    while publisher.publish(settings.DATA, signer, "bench"):
        continue
    published = used()
    taken = sorted(_proof() for _ in range(proofs))
    before = used()
    report = verify(settings.DATA, members.own_log_keys())
    assert report.holds, report.counts
    said = {"append": appended - cpu, "publish": published - appended, "proofs": taken}
    print(json.dumps({**said, "verify": used() - before, "entries": report.entries}))


def _proof() -> float:
    size = ledger.head()
    index = random.randrange(size)
    began = time.perf_counter()
    ledger.proof(index, size)
    return time.perf_counter() - began


if __name__ == "__main__":
    entries, together, proofs = map(int, sys.argv[1:4])
    main(entries, together, proofs, pids(sys.argv[4]) if sys.argv[4] else [])
