"""Cooperation: requests between members, their machine, four eyes, clocks. What others import."""

from __future__ import annotations

from hueandcry.apps.cooperation.rules import MAY, Doing
from hueandcry.apps.cooperation.wire import ASKED, STEP, Asked, Said, Stepped

__all__ = ["ASKED", "MAY", "STEP", "Asked", "Doing", "Said", "Stepped"]
