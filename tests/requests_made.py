"""Complete forms of requests, for tests: no node is needed."""

from __future__ import annotations

from typing import Any

from hueandcry.core.law import LAW
from hueandcry.core.times import time_text
from hueandcry.core.types import DAY, Micros


def filled(name: str, at: Micros) -> Any:
    """A value of the form of a field, for a request that is made at that instant."""
    field = LAW.fields[name]
    record: dict[str, Any] = {member: "as stated" for member in field.members or field.also}
    return {
        "text": "as stated",
        "texts": ["as stated"],
        "yes-no": True,
        "choice": field.choices[0] if field.choices else "",
        "number": 10,
        "amount": "1250.00",
        "instant": time_text(at + DAY),
        "period": {"from": time_text(at - DAY), "to": time_text(at)},
        "digest": "ab" * 32,
        "digests": ["ab" * 32],
        "record": record,
        "records": [record],
    }[field.kind]


def form(code: str, at: Micros, **changed: Any) -> dict[str, Any]:
    """A complete form of a type, with what a test changes; None leaves a field out."""
    given = {name: filled(name, at) for name in LAW.mandatory(code)} | changed
    if "rights_screen" in given and "rights_screen" not in changed:
        given["rights_screen"] = {"political": False, "discrimination": False, "reviewer": "M"}
    return {name: value for name, value in given.items() if value is not None}
