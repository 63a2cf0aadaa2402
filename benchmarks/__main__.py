"""`python -m benchmarks`: every row in one run, as a table and, when asked, as JSON."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import (
    clocks,
    deconfliction,
    extracting,
    five,
    intelligence,
    links,
    lookups,
    network,
    packages,
    pictures,
    proving,
    reporting,
    scanning,
    single,
    stopping,
    taxii,
)
from benchmarks.machine import machine
from benchmarks.nodes import on_postgresql
from benchmarks.table import Figure, show

Rows = Callable[[Path], Iterator[Figure]]

DATABASES = ("sqlite", "postgresql")


def parts(huge: bool) -> dict[str, Rows]:
    """Name → what is measured under it, in the order of the table."""
    steps = [10_000, 100_000, 1_000_000, *([10_000_000] if huge else [])]
    return {
        "network": lambda folder: network.figures(folder, seconds=20),
        "five": lambda folder: five.figures(folder, seconds=20),
        "stop-payments": lambda folder: stopping.figures(folder, count=100),
        "intake": lambda folder: intelligence.intake(folder, held=100_000, more=50_000),
        "feed": lambda folder: intelligence.outgoing(folder, objects=100_000),
        "bulk": lookups.bulk,
        "look-up": lambda folder: lookups.sizes(folder, steps),
        "reports": reporting.figures,
        "taxii": lambda folder: taxii.figures(folder, objects=10_000, held=100_000),
        "ledger": lambda folder: single.ledger(folder, entries=50_000),
        "proofs": lambda folder: proving.figures(folder, 10_000_000 if huge else 1_000_000),
        "exhibits": lambda folder: packages.sealing(folder, mebibytes=5_120 if huge else 1_024),
        "packages": lambda folder: packages.figures(folder, exhibits=100, mebibytes=1_024),
        "clocks": clocks.figures,
        "deconfliction": deconfliction.figures,
        "extract": extracting.figures,
        "links": links.figures,
        "idle": single.idle,
        "scan": scanning.figures,
        "pictures": pictures.figures,
    }


def main() -> None:
    options = _options()
    console, facts, found = Console(), machine(), list[Figure]()
    began = time.monotonic()
    wanted = {
        name: rows
        for name, rows in parts(options.huge).items()
        if not options.only or name in options.only
    }
    for database in options.database or DATABASES:
        console.print(f"[dim]{database}")
        with on_postgresql() if database == "postgresql" else nullcontext(True) as there:
            if not there:
                console.print("No PostgreSQL is installed: its rows are left out")
                continue
            for name, rows in wanted.items():
                console.print(f"[dim]{time.monotonic() - began:5.0f} s  {name}")
                with TemporaryDirectory(prefix="hueandcry-bench-", dir=options.folder) as folder:
                    for row in rows(Path(folder)):
                        found.append(replace(row, database=database))
                        _keep(options.json, facts, found)
    facts["took"] = f"{time.monotonic() - began:.0f} s"
    show(Console(width=None if console.is_terminal else 170), facts, found)
    _keep(options.json, facts, found)


def _keep(path: Path | None, facts: dict[str, str], found: list[Figure]) -> None:
    """Writes what was measured so far: a run that is ended early has not run in vain."""
    if path is not None:
        document = {"machine": facts, "figures": [figure.document() for figure in found]}
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(parts(False)), help="repeatable")
    parser.add_argument("--database", action="append", choices=DATABASES, help="repeatable")
    parser.add_argument(
        "--huge",
        action="store_true",
        help="look-ups and proofs at 10^7, an exhibit of 5 GiB",
    )
    parser.add_argument("--json", type=Path, help="write every figure to this file as well")
    parser.add_argument("--folder", type=Path, help="where nodes are made (default: temporary)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
