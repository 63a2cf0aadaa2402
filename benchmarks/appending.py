"""Inside a node's folder: ledger entries in batches, published; then proofs of some of them."""

from __future__ import annotations

import json
import random
import sys
import time

from hueandcry.doors.cli import opening

opening.prepare()

from django.conf import settings

from hueandcry.apps.signals.models import Act
from hueandcry.config.loops import log_signer
from hueandcry.engine import clock
from hueandcry.engine.ledger import face as ledger
from hueandcry.engine.ledger import publisher
from hueandcry.engine.store.work import unit_of_work


def main(entries: int, together: int, proofs: int) -> None:
    """Prints the CPU of appending, of publishing, and the sorted seconds of each proof."""
    opening.open_node()
    cpu = time.process_time()
    for first in range(0, entries, together):
        at = clock.now()
        with unit_of_work():
            rows = [(Act(kind="bench", at=at, count=1), {"n": first + n}) for n in range(together)]
            ledger.append_many("bench", rows)
    appended = time.process_time()
    signer = log_signer()
    while publisher.publish(settings.DATA, signer, "bench"):
        continue
    published = time.process_time()
    taken = sorted(_proof() for _ in range(proofs))
    said = {"append": appended - cpu, "publish": published - appended, "proofs": taken}
    print(json.dumps(said))


def _proof() -> float:
    size = ledger.head()
    index = random.randrange(size)
    began = time.perf_counter()
    ledger.proof(index, size)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
