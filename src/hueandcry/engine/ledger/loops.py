"""The ledger's loop: publishing what was committed, in its own pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from hueandcry.engine.jobs.loops import Loop
from hueandcry.engine.ledger.publisher import LogSigner, publish

#: Seconds that commits gather before a checkpoint: a checkpoint costs the same for one or for many.
PACE = 0.25


def publishing(data: Path, signer: Callable[[], LogSigner], pace: float = PACE) -> Loop:
    """The loop that keeps the log of the node in `data` published; `signer` is asked each turn."""
    holder = str(uuid4())

    def body() -> bool:
        time.sleep(pace)
        return publish(data, signer(), holder)

    return Loop("ledger", body)
