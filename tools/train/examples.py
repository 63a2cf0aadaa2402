"""Example messages written for this project: templates with slots and choices, and how they unfold.

A template is a line of `messages/<language>.jsonl` or `<language>.more.jsonl`; `{slot}` takes a
value of `messages/<language>.slots.json`, `[a|b|]` one of its alternatives. Unfolding is seeded:
the same files give the same texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.taxonomy import LURES, METHODS

FOLDER: Final = Path(__file__).with_name("messages")
LABELS: Final = ("scam", "advert", "ordinary")

_SLOT = re.compile(r"\{([a-z_0-9]+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")

Slots = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Template:
    """One example with what it is; `place` names file and line for whoever must mend it."""

    language: str
    label: str
    lure: str
    method: str
    topic: str
    text: str
    place: str

    def unfold(self, slots: Slots, chance: Random) -> str:
        """One message: each choice and each slot taken by chance."""
        text = _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), self.text)
        return _SLOT.sub(lambda found: chance.choice(slots[found[1]]), text)


@dataclass(frozen=True, slots=True)
class Examples:
    """All templates of one language, with the values of its slots."""

    language: str
    templates: tuple[Template, ...]
    slots: Slots


def read_examples(folder: Path = FOLDER) -> Iterator[Examples]:
    """Each language of `folder`, in the order of codes; Malformed says which line is wrong."""
    for file in sorted(folder.glob("*.slots.json")):
        language = file.name.partition(".")[0]
        slots = json.loads(file.read_text("utf-8"))
        templates = tuple(
            _template(language, line, f"{part.name}:{n}", slots)
            for part in sorted(folder.glob(f"{language}.*jsonl"))
            for n, line in enumerate(part.read_text("utf-8").splitlines(), start=1)
            if line.strip()
        )
        yield Examples(language, templates, slots)


def _template(language: str, line: str, place: str, slots: Slots) -> Template:
    try:
        row = json.loads(line)
        label, text = row["label"], row["text"]
    except (ValueError, KeyError, TypeError) as fault:
        raise _wrong(place, f"it is no object with label and text: {fault}") from None
    lure, method = row.get("lure") or "", row.get("method") or ""
    if label not in LABELS:
        raise _wrong(place, f"there is no label {label!r}")
    if (lure and lure not in LURES) or (method and method not in METHODS):
        raise _wrong(place, f"{lure!r} or {method!r} is no code of the taxonomy")
    missing = sorted({name for name in _SLOT.findall(text)} - set(slots))
    if missing:
        raise _wrong(place, f"no values for the slots {', '.join(missing)}")
    return Template(language, label, lure, method, row.get("topic", ""), text, place)


def _wrong(place: str, why: str) -> Malformed:
    return Malformed("bad_example", f"{place} is no example", why=why, do="Mend that line")
