"""The loop of deconfliction: sessions go on."""

from hueandcry.apps.deconfliction import purging as purging
from hueandcry.apps.deconfliction import turns
from hueandcry.engine.jobs.loops import Loop

LOOPS = (Loop("deconfliction", turns.take_turns, every=2.0, woken=False),)
