"""Inside a node's folder: signs all that waits into batches, without delivering anything."""

from __future__ import annotations

import json
import time

from hueandcry.doors.cli import opening

opening.prepare()

from hueandcry.apps.exchange import publishing
from hueandcry.core.types import Lane


def main() -> None:
    """Prints `{batches, cpu}`."""
    opening.open_node()
    cpu, batches = time.process_time(), 0
    while publishing.publish_some(Lane.BULK):
        batches += 1
    print(json.dumps({"batches": batches, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
