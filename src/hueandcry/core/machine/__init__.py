"""The life of a request, of a hold and of traced money: states, events and guards as data."""

from hueandcry.core.machine.guards import GUARDS, Facts, Side
from hueandcry.core.machine.stepping import (
    HOLD,
    MACHINES,
    MONEY,
    REQUEST,
    RULES,
    Edge,
    Guard,
    Machine,
    Step,
    pauses,
    read_machine,
    step,
)

__all__ = [
    "GUARDS",
    "HOLD",
    "MACHINES",
    "MONEY",
    "REQUEST",
    "RULES",
    "Edge",
    "Facts",
    "Guard",
    "Machine",
    "Side",
    "Step",
    "pauses",
    "read_machine",
    "step",
]
