"""Loops of cooperation: receipts for our requests are seen, clocks ring."""

from __future__ import annotations

from hueandcry.apps.cooperation import arriving, timing
from hueandcry.apps.cooperation import purging as purging
from hueandcry.engine.jobs.loops import Loop

RECEIPTS = (Loop("requests", arriving.note_receipts, every=5.0),)
LOOPS = (
    *RECEIPTS,
    Loop("clocks", timing.ring, every=1.0, woken=False),
)
