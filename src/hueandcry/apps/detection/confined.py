"""Runs a program with bounds: `python -m …confined SECONDS MIB PROGRAM ARGUMENT…`.

It writes no file, leaves no memory on the disk, and has so much processor time and address space.
"""

from __future__ import annotations

import os
import resource
import sys


def main(seconds: str, mebibytes: str, *program: str) -> None:
    """Becomes the program; what it may take is settled before."""
    for what, most in (
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_AS, int(mebibytes) << 20),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.execv(program[0], program)


if __name__ == "__main__":
    main(*sys.argv[1:])
