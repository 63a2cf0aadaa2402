"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
from pathlib import Path


def machine() -> dict[str, str]:
    """Name → text: cores, processor, memory, system, Python and the databases."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "CPU": _field(Path("/proc/cpuinfo"), "model name"),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": platform.platform(terse=True),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
        "load": f"{os.getloadavg()[0]:.1f} at the start",
    }


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"


def _postgresql() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    path = shutil.which("postgres") or (str(found[-1]) if found else None)
    if path is None:
        return "not installed"
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[2] + ""
