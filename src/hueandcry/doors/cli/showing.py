"""How commands answer: one JSON document on stdout, or words for people; progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hueandcry.core.types import SECOND, Micros

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False)

COLOURS = {"scam": "red", "suspicious": "yellow", "benign": "green", "unknown": "dim"}


def as_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def as_json_lines(values: Iterable[Any]) -> None:
    """One JSON document a line for each of several answers."""
    for value in values:
        as_json(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A plain table for people."""
    shown = Table(box=None, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*[str(cell) for cell in row])
    out.print(shown)


def time(at: Micros | None) -> str:
    """An instant in UTC for people; `–` for none."""
    if at is None:
        return "–"
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"


def fingerprint(text: str) -> str:
    """A fingerprint in groups of eight, as people compare it."""
    return " ".join(text[i : i + 8] for i in range(0, len(text), 8))


@contextmanager
def progress(what: str, *, hidden: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; give it (done, total). Hidden, or on no terminal, it costs nothing."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=hidden or not err.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
