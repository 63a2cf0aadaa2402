"""What follows once a request is granted: the end of a hold moves, a limit on a result falls.

The same whether the act came by wire or by letter.
"""

from __future__ import annotations

from typing import Final

from hueandcry.apps.cooperation import extending, results
from hueandcry.apps.cooperation.models import Request
from hueandcry.core.types import Actor, Micros

#: Acts that grant what is asked for, maybe on conditions.
GRANTING: Final = frozenset({"accept", "offer_conditions"})


def check(row: Request, event: str) -> None:
    """Raises Conflict where one of ours would grant what cannot be granted any more."""
    if event in GRANTING:
        extending.check(row, row.made_at)


def by_us(row: Request, actor: Actor, event: str, at: Micros) -> None:
    """After an act of one of ours, in its transaction."""
    if event == "accept":
        extending.accepted(row, actor, at)


def by_them(row: Request, event: str, at: Micros) -> None:
    """After an act of the other side, in its transaction."""
    if event == "accept_conditions":
        extending.conditions_taken(row, at)
    if event == "accept":
        results.consented(row, at)
