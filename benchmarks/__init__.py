"""Measures whole nodes as processes: see docs/performance.md."""

import sys
from pathlib import Path

# The PostgreSQL of our own is the one that tests start.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
