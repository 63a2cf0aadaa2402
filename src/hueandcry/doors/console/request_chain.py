"""The chain of hops as a map: a list in lists, which is drawn as a tree where there is room."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import LinkView
from hueandcry.core.machine import MONEY, REQUEST, Side
from hueandcry.core.types import MINUTE, Micros
from hueandcry.doors.console.permissions import may

#: Money that nobody looks for any more: its hops are not followed.
_UNWANTED: Final = frozenset({"RELEASED", *MONEY.final})


@dataclass(frozen=True, slots=True)
class Hop:
    """One account of the map, as somebody may see it."""

    link: LinkView
    first: bool  #: the chain begins there
    minutes: int  #: from the alert until it was told
    held_after: int | None  #: from the alert until it was first held
    may_open: bool  #: its request, if there is one
    here: bool  #: it is the one of this page
    follow: UUID | None  #: the request above, if a new one can follow it now
    theirs: bool  #: whom it was asked of tells it: who follows it is not known here
    below: Sequence[Hop]


def chain(identifier: UUID, roles: Collection[str]) -> Hop:
    """The chain to which a request belongs, for somebody with these roles."""
    top = cooperation.chain(identifier)
    return _hop(top, top.at, identifier, roles, None)


def _hop(
    link: LinkView, alert: Micros, here: UUID, roles: Collection[str], above: LinkView | None
) -> Hop:
    seen = link.request is not None and link.type not in cooperation.hidden_from(roles)
    return Hop(
        link,
        above is None,
        _minutes(alert, link.at),
        None if link.held_at is None else _minutes(alert, link.held_at),
        may_open=seen and link.request != here,
        here=link.request == here,
        follow=_follow(link, above, roles),
        theirs=above is not None and above.side == Side.REQUESTING,
        below=[_hop(each, alert, here, roles, link) for each in link.below],
    )


def _minutes(begun: Micros, at: Micros) -> int:
    return max(at - begun, 0) // MINUTE


def _follow(link: LinkView, above: LinkView | None, roles: Collection[str]) -> UUID | None:
    """The request whose newest hop this is, where it was asked of us and nobody follows it."""
    if above is None or above.side != Side.REQUESTED or above.below[-1] is not link:
        return None
    open_already = link.request is not None and link.state not in REQUEST.final
    if open_already or above.money in _UNWANTED or not may(roles, "requests:write"):
        return None
    return above.request
