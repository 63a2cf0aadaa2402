"""What follows once a request is granted: the end of a hold moves, a limit on a result falls.

The same whether the act came by wire or by letter.
"""

from __future__ import annotations

from typing import Final

from hueandcry.apps.cooperation import extending, results
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.moving import Act

#: Acts that grant what is asked for, maybe on conditions.
GRANTING: Final = frozenset({"accept", "offer_conditions"})


def check(row: Request, event: str) -> None:
    """Raises Conflict where one of ours would grant what cannot be granted any more."""
    if event in GRANTING:
        extending.check(row, row.made_at)


def follow(row: Request, done: Act) -> None:
    """After an act of either side, in its transaction."""
    ours = done.side == row.side
    if done.event == "accept" and ours:
        extending.accepted(row, done.person, done.at)
    if done.event == "accept" and not ours:
        results.consented(row, done.at)
    if done.event == "accept_conditions" and not ours:
        extending.conditions_taken(row, done.at)
