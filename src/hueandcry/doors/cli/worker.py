"""The loops of a node in a process of their own."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import command

opening.prepare()

from hueandcry.config import logs, loops
from hueandcry.doors.cli.node import read_level
from hueandcry.engine.jobs.loops import Worker


def worker(
    log: Annotated[str, typer.Option(help="what is logged: error, warning or info")] = "warning",
) -> None:
    """Run the loops apart from the web process, until stopped."""
    opening.open_node()
    logs.begin(read_level(log))
    running = Worker(loops.loops())
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running.start()
    showing.err.print("The loops run (Ctrl-C to stop)")
    stop.wait()
    running.stop()


COMMANDS = {"worker": command(worker)}
