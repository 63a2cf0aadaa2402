"""Fixtures of the engine's tests."""

from __future__ import annotations

from loopback import names, out, serve

__all__ = ["names", "out", "serve"]
