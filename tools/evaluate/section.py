"""A part of `docs/evaluation.md`: a heading, words, and tables of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands under it, as Markdown."""

    title: str
    body: str


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers of type float are shown with three digits."""
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(cell: object) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def share(part: int, whole: int) -> str:
    """`0.931`, or a dash where there is nothing to take a share of."""
    return f"{part / whole:.3f}" if whole else "–"


def percent(part: int, whole: int) -> str:
    """`0.31 %`, or a dash."""
    return f"{100 * part / whole:.2f} %" if whole else "–"
