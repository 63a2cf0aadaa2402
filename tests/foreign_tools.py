"""Other people's forensic tools, in an environment of their own, from the index by lock file."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def tool(name: str) -> str:
    """`bagit.py` or `case_validate`, as a path; skips where no package index is to be had."""
    folder = _environment()
    if folder is None:
        pytest.skip("bagit and case-utils cannot be had here: no package index answers")
    return str(folder / "bin" / name)


@cache
def _environment() -> Path | None:
    folder = ROOT / ".vendor" / "foreign" / "evidence"
    whole = folder / ".whole"
    lock = ROOT / "requirements" / "foreign" / "evidence.txt"
    if whole.exists() and whole.read_bytes() == lock.read_bytes():
        return folder
    python = str(folder / "bin" / "python")
    install = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([python, *install, "-r", str(lock)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    whole.write_bytes(lock.read_bytes())
    return folder
