"""Loops of evidence: packages that others announced are fetched, drawn ones of ours are signed."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from hueandcry.apps.evidence import fetching, packaging, uploading
from hueandcry.apps.evidence.models import Package
from hueandcry.core.errors import HueError
from hueandcry.core.types import MINUTE, Micros
from hueandcry.engine import clock
from hueandcry.engine.jobs.fanout import Fanout
from hueandcry.engine.jobs.loops import LONG_REST, Loop

log = logging.getLogger("hueandcry.evidence")

#: Whoever draws a package signs it right after; so long later it was killed between the two.
LEFT: Final[Micros] = 5 * MINUTE

_fetching = Fanout("packages", fetching.fetch, width=2)


def fetch() -> bool:
    """Fetches what is due, two packages at a time."""
    _fetching.turn(fetching.due())
    return False


def finish() -> bool:
    """Signs packages that were drawn by a process that is gone."""
    left = Package.objects.filter(state=Package.State.DRAWN, at__lte=clock.now() - LEFT)
    for row in left.order_by("id")[:10]:
        try:
            packaging.finish(UUID(bytes=row.uuid))
        except HueError as error:
            log.warning("a package could not be finished: %s", error)
    return False


LOOPS = (
    Loop("packages", fetch, every=2.0, rest=LONG_REST),
    Loop("uploads", uploading.join, every=60.0, rest=LONG_REST),
    Loop("packages-drawn", finish, every=300.0, woken=False),
)
