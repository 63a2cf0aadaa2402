"""One line for each thing measured, and how the lines are shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured in this run, and what it should be; without a target it only explains."""

    what: str
    value: float
    unit: str
    n: int = 0  #: how many things the value was taken over
    target: float | None = None
    least: bool = True  #: the target is a least value (a rate); False: a greatest one (a time)
    note: str = ""
    database: str = "sqlite"

    @property
    def ratio(self) -> float | None:
        """Measured to target; above 1 is better for a least value, worse for a greatest one."""
        return self.value / self.target if self.target else None

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.least else self.value <= self.target

    @property
    def outcome(self) -> str:
        """`met`, or by how much it was missed; empty without a target."""
        if self.met is None or self.ratio is None:
            return ""
        return "met" if self.met else f"missed by {abs(1 - self.ratio):.0%}"

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "outcome": self.outcome or None}


def number(value: float) -> str:
    """Three digits that matter, and never an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def show(console: Console, machine: dict[str, str], figures: list[Figure]) -> None:
    """The machine, then a table with one row for each figure."""
    console.print(", ".join(f"{name} {text}" for name, text in machine.items()))
    table = Table("what", "on", "measured", "n", "target", "ratio", "", "note")
    for figure in figures:
        sign = "≥" if figure.least else "≤"
        table.add_row(
            figure.what,
            {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[figure.database],
            f"{number(figure.value)} {figure.unit}",
            f"{figure.n:,}" if figure.n else "",
            "" if figure.target is None else f"{sign} {number(figure.target)}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.outcome,
            figure.note,
            style={None: "dim", True: "green", False: "red"}[figure.met],
        )
    console.print(table)
