"""What a process and its children have used so far, from /proc (Linux only)."""

from __future__ import annotations

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(pid: int) -> list[int]:
    """The process and all its descendants that live now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def cpu_seconds(*pids: int) -> float:
    """User and system time of the processes and their descendants, in steps of a tick (10 ms).

    Children that have ended and were waited for count too.
    """
    ticks = 0
    for one in {one for pid in pids for one in tree(pid)}:
        if fields := _stat(one):
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


def pids(text: str) -> list[int]:
    """Process ids parted by commas, as one word of a command."""
    return [int(word) for word in text.split(",")]


def resident(pid: int) -> int:
    """Bytes resident in the process and its descendants; shared pages count in each."""
    return sum(int(fields[21]) * _PAGE for one in tree(pid) if (fields := _stat(one)))


def _stat(pid: int) -> list[str] | None:
    """The fields of proc_pid_stat(5) from the third on; None for a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()
