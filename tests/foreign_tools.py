"""Other people's forensic tools, in an environment of their own that `make foreign` makes."""

from __future__ import annotations

from pathlib import Path

import pytest

ENVIRONMENT = Path(__file__).parents[1] / ".vendor" / "evidence"


def tool(name: str) -> str:
    """`bagit.py` or `case_validate`, as a path; skips where `make foreign` was not run."""
    found = ENVIRONMENT / "bin" / name
    if not found.exists():
        pytest.skip(f"{name} is not here: `make foreign` fetches it")
    return str(found)
