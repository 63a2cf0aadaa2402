"""A treaty that nobody has concluded, as a file of an instrument of one's own."""

from __future__ import annotations

INSTRUMENT = """
title = "Treaty of Somewhere"
short = "Somewhere"
kind = "treaty"
source = "made up for this test"
form = "hanoi"

[serves]
PRESERVE = ["3"]

[articles]
"3" = "data are preserved"
"""
