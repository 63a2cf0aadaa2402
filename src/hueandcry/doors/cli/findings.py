"""What a check found, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hueandcry.doors.cli import showing


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `well`, `warning`, `wrong`, or `repaired`; `do` says what helps."""

    check: str
    result: str
    what: str
    do: str = ""

    def value(self) -> dict[str, str]:
        return {"check": self.check, "result": self.result, "what": self.what, "do": self.do}


COLOURS = {"well": "green", "repaired": "green", "warning": "yellow", "wrong": "red"}


def show(found: Iterable[Finding]) -> None:
    """The findings for people, each with what to do under it."""
    for each in found:
        colour = COLOURS[each.result]
        showing.out.print(f"[{colour}]{each.result:8}[/] [bold]{each.check}[/]: ", end="")
        showing.out.print(each.what, markup=False)
        if each.do:
            showing.out.print(f"         -> {each.do}", markup=False)
