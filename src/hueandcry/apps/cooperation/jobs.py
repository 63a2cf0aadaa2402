"""Loops of cooperation: receipts are seen, holds made and lapsed, results bound, clocks ring."""

from __future__ import annotations

from hueandcry.apps.cooperation import arriving, closing, keeping, money, results, shielding, timing
from hueandcry.apps.cooperation import purging as purging
from hueandcry.engine.jobs.loops import LONG_REST, Loop

RECEIPTS = (Loop("requests", arriving.note_receipts, every=5.0, rest=LONG_REST),)
LOOPS = (
    *RECEIPTS,
    Loop("preservations", keeping.keep_up, every=5.0, rest=LONG_REST),
    Loop("results", results.bind_all, every=30.0, rest=LONG_REST),
    Loop("shields", shielding.shield_all, every=5.0, rest=LONG_REST),
    Loop("referrals", closing.close_all, every=5.0, rest=LONG_REST),
    Loop("clocks", timing.ring, every=1.0, woken=False),
    Loop("limits", money.lapse, every=5.0, woken=False),
)
