"""The other side of a request, wholly in memory: it makes its steps and takes those of ours."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hueandcry.apps.cooperation import rules
from hueandcry.core.law import LAW
from hueandcry.core.machine import REQUEST, Facts, Side, step
from hueandcry.core.types import DAY
from other_member import NOW

#: From where to where an act may lead.
LEGAL = {
    (edge.source, edge.source if edge.target == "same" else edge.target)
    for edge in REQUEST.edges.values()
} | {("SECRECY_ALERT", state) for state in REQUEST.states}


@dataclass
class Copy:
    """A request as one side has it; what it did and the other has not yet is on its way."""

    side: Side
    state: str
    type: str = "MLA_STORED"
    before: str = ""
    way: deque[tuple[str, str]] = field(default_factory=deque)
    edges: list[tuple[str, str]] = field(default_factory=list)

    def act(self, event: str) -> None:
        """One act of its own; Conflict or NotPermitted where the machine says no."""
        facts = _willing(self.type, self.side, event)
        reached = step(REQUEST, self.state, event, facts, before=self.before).state
        self.way.append((event, self.state))
        self._go(self.state, reached)

    def take(self, event: str, source: str, by: Side) -> None:
        """One act of the other side; Conflict where the two crossed and this one stands."""
        moved = rules.applies_to(self.state, self.before, event, source)
        facts = _willing(self.type, by, event)
        self._go(moved, step(REQUEST, moved, event, facts, before=self.before).state)

    def _go(self, moved: str, reached: str) -> None:
        self.edges.append((moved, reached))
        self.state, self.before = rules.settled(self.state, self.before, moved, reached)


def _willing(type: str, side: Side, event: str) -> Facts:
    """Facts with which every guard of an act holds but for those on the consultation."""
    return Facts(
        type=LAW.types[type],
        side=side,
        now=NOW,
        person="p-1",
        maker="p-2",
        second_factor=True,
        may_send=True,
        holder="h",
        reasons="because",
        code="c",
        codes=("c",),
        answered=True,
        review_at=NOW + DAY,
        package="d",
        verified=event != "reject_result",
        missing=("contact",) if event == "return_incomplete" else (),
    )
