"""The loop of the sources: what is due is run, two at a time."""

from __future__ import annotations

from uuid import uuid4

from hueandcry.apps.sources import running
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import Loop


def _run(source_id: int) -> bool:
    running.run(source_id, str(uuid4()))
    return False


_runs = Fanout("sources", _run, width=2)


def run_due() -> bool:
    """Starts what is due on threads of its own: a slow server delays no other source."""
    _runs.turn(running.due(clock.now()))
    return False


LOOPS = (
    # Not woken by commits: a run is a request to others.
    Loop("sources", run_due, every=5.0, woken=False),
)
