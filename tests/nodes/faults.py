"""One life of a node, killed before or after its k-th persist step, and what is left of it.

Says a line of JSON for each life: the point, whether the life was cut short there, and what it had
acknowledged by then. The node's own server must not run; its peer's must. How many steps a life
has depends on what the peer sends meanwhile, so it ends only after several that were not cut short.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from hueandcry.doors.cli import opening

opening.prepare()

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from hueandcry.apps.exchange import jobs as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import jobs as peers
from hueandcry.apps.signals import face as signals
from hueandcry.config.loops import log_signer
from hueandcry.core import normal
from hueandcry.core.types import Actor, Kind, Marking, Tlp
from hueandcry.engine import clock
from hueandcry.engine.jobs.loops import Loop, run_once
from hueandcry.engine.ledger.folder import LogFolder
from hueandcry.engine.ledger.publisher import publish
from hueandcry.engine.store.work import unit_of_work

CUT = 137  #: exit code of a life that was cut short
ENOUGH = 4  #: lives in a row that reach their end

Step = Callable[..., Any]


class Fate:
    """Counts persist steps: two points each, before it and after it; ends the process at one."""

    def __init__(self, point: int) -> None:
        self.point = point
        self.passed = 0

    def meet(self) -> None:
        if self.passed == self.point:
            os._exit(CUT)
        self.passed += 1

    def around(self, owner: type, name: str) -> None:
        """Puts a point before and after every call of a method that makes something durable."""
        real: Step = getattr(owner, name)

        def bound(*given: Any, **named: Any) -> Any:
            self.meet()
            done = real(*given, **named)
            self.meet()
            return done

        setattr(owner, name, bound)


def actor() -> Actor:
    return Actor(members.us().fingerprint, None, frozenset({"analyst"}))


def live(number: int, said: Callable[[str], None]) -> None:
    """Raises, pushes, receives, publishes, retracts; says each thing that it acknowledged."""
    names = (f"kept-{number}.example", f"gone-{number}.example")
    kept, gone = (normal.normalise(Kind.DOMAIN, name) for name in names)
    new = [signals.NewClaim(each, marking=Marking(Tlp.GREEN)) for each in (kept, gone)]
    with unit_of_work():
        signals.raise_claims(actor(), new, clock.now())
    said("raised")
    settle()
    with unit_of_work():
        signals.retract(actor(), gone, "mistake", clock.now())
    said("retracted")
    settle()


def settle() -> None:
    """What the loops of a running node do, here and now, until nothing is left."""
    log = Loop("log", lambda: publish(settings.DATA, log_signer(), "life"))
    for _ in range(2):
        run_once([*peers.ONCE, *exchange.ONCE])
        while exchange.pull_now():
            continue
        run_once([*peers.ONCE, *exchange.ONCE, log])


def tell(pipe: int, word: str) -> None:
    os.write(pipe, f"{word}\n".encode())


def cut_short(number: int, point: int) -> tuple[bool, list[str]]:
    """One life in a process of its own; whether it was cut short, and what it acknowledged."""
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        fate = Fate(point)
        fate.around(BaseDatabaseWrapper, "_commit")
        fate.around(LogFolder, "_replace")
        fate.around(LogFolder, "tidy")
        code = 1
        try:
            live(number, lambda word: tell(there, word))
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    os.close(there)
    with os.fdopen(here) as pipe:
        said = pipe.read().split()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, CUT):
        raise RuntimeError(f"life {number} failed at point {point} with {status}")
    return status == CUT, said


def main() -> None:
    connections.close_all()
    members.forget()
    number = lived = 0
    while lived < ENOUGH:
        short, said = cut_short(number, number)
        print(json.dumps({"life": number, "short": short, "said": said}), flush=True)
        number, lived = number + 1, 0 if short else lived + 1


if __name__ == "__main__":
    main()
