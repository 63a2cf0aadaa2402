"""The messages of `../shared/data`: what may be learnt from, what only judges, and their parts.

Near copies stand in one group, and a group is in one part whichever sources its members are from:
so nothing is judged on a text of which something alike was learnt.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hueandcry.apps.detection.folding import fold
from hueandcry.apps.detection.grouping import LOOSE, near_copies

DATA: Final = Path(__file__).resolve().parents[1].parent / "shared" / "data"

#: Sources whose licence lets what is learnt from them be given away (`data/README.md`).
FREE: Final = frozenset(("uci", "mendeley5971", "thai_sivakorn", "fil_data103"))


class Part(StrEnum):
    """What a row is for."""

    LEARN = "learn"
    TUNE = "tune"  #: looked at while the model is being made
    JUDGE = "judge"  #: nothing is learnt from it; docs/evaluation.md says how often it was seen


@dataclass(frozen=True, slots=True)
class Message:
    """One labelled message of a source."""

    source: str
    language: str
    label: str  #: `scam`, `spam` or `ham`
    raw: str  #: the label as the source has it
    text: str
    group: int  #: of near copies
    part: Part


def read_messages(file: Path = DATA / "messages.csv.gz") -> list[Message]:
    """Every message with its group and part; one of each set of exact copies in a source."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as rows:
        kept = list(_distinct(csv.DictReader(rows)))
    groups = near_copies([fold(row["text"]) for row in kept], LOOSE)
    parts = _parts([row["text"] for row in kept], groups)
    return [
        Message(
            row["source"],
            {"tl": "fil"}.get(row["lang"], row["lang"]),
            row["label"],
            row["label_raw"],
            row["text"],
            number,
            parts[number],
        )
        for row, number in zip(kept, groups, strict=True)
    ]


def _distinct(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    seen = set()
    for row in rows:
        key = (row["source"], fold(row["text"]))
        if key not in seen:
            seen.add(key)
            yield row


def _parts(texts: Sequence[str], groups: Sequence[int]) -> dict[int, Part]:
    """By a hash of the first text of each group: three fifths, then a fifth and a fifth."""
    parts = {}
    for number in set(groups):
        digest = hashlib.sha256(fold(texts[number]).encode()).digest()
        share = digest[0] / 256
        parts[number] = Part.LEARN if share < 0.6 else Part.TUNE if share < 0.8 else Part.JUDGE
    return parts
