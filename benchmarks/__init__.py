"""Whole nodes measured from outside: `python -m benchmarks`; docs/performance.md explains."""
