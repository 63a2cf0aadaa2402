"""Words in pictures, by tesseract where it is installed: a hint at what to look up, no evidence.

It misreads letters of some scripts (Thai initials under tone marks; Burmese altogether), so what
is found in its text is less certain than what a code says. It gets grey pixels that our own decoder
wrote, never the file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import Final

#: Seconds of processor and in all, MiB of address space, letters that are kept.
CPU_SECONDS: Final = 20
SECONDS: Final = 30.0
MEMORY: Final = 1_536
MAX_TEXT: Final = 20_000

#: Market → the packs of its languages; English is read beside each.
_PACKS: Final = {
    "CN": ("chi_sim",), "HK": ("chi_sim",), "ID": ("ind",), "KH": ("khm",), "LA": ("lao",),
    "MM": ("mya",), "MY": ("msa", "chi_sim"), "PH": ("fil",), "SG": ("chi_sim", "msa"),
    "TH": ("tha",), "VN": ("vie",),
}  # fmt: skip
_ANYWHERE: Final = ("tha", "vie")


def words(grey: bytes, market: str | None = None) -> str | None:
    """The text of a picture in PGM; None where nothing here reads letters, or not in bounds."""
    program = _program()
    if program is None:
        return None
    bounds = (str(CPU_SECONDS), str(MEMORY))
    reading = (program, "stdin", "stdout", "--psm", "6", "-l", languages(market))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hueandcry.apps.detection.confined", *bounds, *reading],
            input=grey,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd="/",
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode("utf-8", "replace")[:MAX_TEXT].strip()


def languages(market: str | None) -> str:
    """The packs to read with, as tesseract takes them: those of the market that are installed."""
    wanted = _PACKS.get((market or "").upper(), _ANYWHERE)
    return "+".join([*(pack for pack in wanted if pack in _installed()), "eng"])


@cache
def _program() -> str | None:
    return shutil.which("tesseract")


@cache
def _installed() -> frozenset[str]:
    program = _program()
    if program is None:
        return frozenset()
    try:
        said = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return frozenset()
    return frozenset(said.stdout.split("\n")[1:])


def _environment() -> dict[str, str]:
    """One thread, and where the packs lie; nothing else of ours."""
    given = {name: os.environ[name] for name in ("TESSDATA_PREFIX",) if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_THREAD_LIMIT": "1", **given}
