"""Measurements of a whole node from outside: `python -m benchmarks`, explained in docs/performance.md."""
