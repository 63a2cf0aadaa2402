"""The scam taxonomy: two axes, *lure* (what the victim is told) and *method* (how it arrives).

No public taxonomy covers scams whole, so this one is our own; members map theirs to it. Codes are
stable and open: a code unknown here is kept, shown as it is, and never a reason to refuse a claim.
The terms are one data file, `taxonomy.json`, which is part of this package and read when it is
imported: what the file holds is as fixed as the code beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_CODE_LENGTH: Final = 64


@dataclass(frozen=True, slots=True)
class Term:
    """One code with its English name and meaning, and what the public calls it."""

    code: str
    name: str
    meaning: str
    words: Mapping[str, str] = field(default_factory=dict)  #: language → plain words
    maps_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: key of CROSSWALKS →


def is_code(text: str) -> bool:
    """Whether `text` has the form of a code: lower-case words joined by hyphens, up to 64."""
    return len(text) <= MAX_CODE_LENGTH and _CODE.fullmatch(text) is not None


def _terms(rows: list[dict[str, Any]]) -> dict[str, Term]:
    return {row["code"]: _term(row) for row in rows}


def _term(row: dict[str, Any]) -> Term:
    maps_to = {scheme: tuple(codes) for scheme, codes in row.get("maps_to", {}).items()}
    return Term(row["code"], row["name"], row["meaning"], row["words"], maps_to)


_FILE: Final = json.loads(files("hueandcry.core").joinpath("taxonomy.json").read_text("utf-8"))

#: Language → who has read its words: `source`, `unreviewed`, or a name and a day.
REVIEW: Final[Mapping[str, str]] = _FILE["review"]
#: Classifications that terms are mapped to, each with its title.
CROSSWALKS: Final[Mapping[str, str]] = _FILE["crosswalks"]
#: What the victim is made to believe.
LURES: Final = _terms(_FILE["lures"])
#: How it reaches the victim, or what does the harm.
METHODS: Final = _terms(_FILE["methods"])
#: Of methods the one that no victim meets: it says of a telephone number what it is for (ADR 0031).
PAYMENT_PROXY: Final = "payment-proxy"
#: By what the money left. Rails are no part of a claim: reports name them.
RAILS: Final = _terms(_FILE["rails"])
