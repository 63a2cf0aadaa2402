"""The `hueandcry` command on a machine whose clock is off by CLOCK_OFF_BY seconds."""

from __future__ import annotations

import os

from hueandcry.engine import clock


def set_off(seconds: float) -> None:
    """From here on this process reads a clock that is off by so much."""
    right = clock.now
    clock.now = lambda: right() + int(seconds * 1_000_000)


# At import, not below: the server's worker process may import this file afresh.
if __name__ in ("__main__", "__mp_main__"):
    set_off(float(os.environ["CLOCK_OFF_BY"]))

if __name__ == "__main__":
    from hueandcry.doors.cli.main import run

    run()
