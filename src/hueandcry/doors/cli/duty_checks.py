"""What `hueandcry doctor` says of duty: gaps, calls that nobody answered, channels that fail.

A node that has no roster, no channel and no call does not use duty, and hears nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hueandcry.apps.duty import face as duty
from hueandcry.core.types import DAY, Micros
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.findings import Finding
from hueandcry.engine import clock

#: How far ahead a gap is worth a word.
AHEAD: Final[Micros] = 7 * DAY


def _duty_roster() -> Iterator[Finding]:
    if not duty.any_shift():
        return
    at = clock.now()
    found = duty.gaps(at, at + AHEAD)
    if not found:
        yield Finding("duty", "well", "somebody is on duty in each hour of the next 7 days")
        return
    begins, ends = found[0]
    more = f", and {len(found) - 1} gaps after that" if len(found) > 1 else ""
    what = f"Nobody is on duty from {showing.time(begins)} to {showing.time(ends)}{more}"
    do = "See `hueandcry duty gaps`; fill it by `hueandcry duty add`"
    yield Finding("duty", "warning", what, do)


def _duty_calls() -> Iterator[Finding]:
    waiting = duty.count_open()
    if waiting:
        what = f"{waiting} alarms or new requests that nobody has acknowledged"
        yield Finding("calls", "warning", what, "See `hueandcry duty calls`")


def _notice_channels() -> Iterator[Finding]:
    ways = duty.configured()
    if ways:
        yield Finding("notices", "well", f"go by {', '.join(sorted(ways))}")
    elif duty.any_shift():
        what = "There is a roster, and no channel: nobody outside the node is told of an alarm"
        yield Finding("notices", "warning", what, "Write notices.json: see docs/duty.md")
    for each in duty.faring(clock.now()):
        said = f"{each.waiting} notices wait after a failed try, {each.failed} were given up"
        do = f"{each.outcome} Try it: `hueandcry duty test LOGIN`"
        yield Finding(f"notices by {each.channel}", "warning", said, do)


CHECKS: Final = (_duty_roster, _duty_calls, _notice_channels)
