"""Inside a node's folder: raises or retracts made-up domains at a steady pace, as a door would."""

from __future__ import annotations

import json
import sys
import time

from benchmarks.made import host
from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.normal import normalise
from hueandcry.core.types import Actor, Kind
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


def main(act: str, first: int, count: int, rate: float) -> None:
    """Prints `{value, at, id}` for each one as soon as it is committed."""
    actor = opening.open_node()
    began = time.monotonic()
    for n in range(count):
        time.sleep(max(0.0, began + n / rate - time.monotonic()))
        value = host(first + n)
        id = _raise(actor, value) if act == "raise" else _retract(actor, value)
        print(json.dumps({"value": value, "at": time.time(), "id": id}), flush=True)


def _raise(actor: Actor, value: str) -> str:
    new = signals.NewClaim(normalise(Kind.DOMAIN, value))
    with unit_of_work():
        return signals.raise_claims(actor, [new], peers.stamp(clock.now()))[0].claim_id.hex


def _retract(actor: Actor, value: str) -> str:
    signal = normalise(Kind.DOMAIN, value)
    with unit_of_work():
        return signals.retract(actor, signal, "mistaken", peers.stamp(clock.now()))[0].claim_id.hex


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
