"""Hops: where money went on from a request that was made to us, and our requests that follow it.

A person decides of each hop whether it is followed, and to whom. What the other node needs to know
goes into the request for the hop; what tells of the way there stays between the members that it is
about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import queries, rules, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.money_rules import KEPT, RELEASED, may_release
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.machine import MONEY, REQUEST, Side
from hueandcry.core.times import time_text

_MOVED: Final = "moved"
_FOLLOWED: Final = "STOP_PAYMENT"  #: the type by which money is followed
#: Of the request above what holds for the hop as well. What a person promises, each promises anew.
_SAME: Final = ("victim_institution", "fraud_type", "complaint_ref", "facts_summary")
#: States of a hop that no release reaches any more: an order, or an end.
_BEYOND: Final = (KEPT - {"PROVISIONALLY_HELD"}) | MONEY.final


@dataclass(frozen=True, slots=True)
class Above:
    """The request whose money went on, the act that names the hop, and what follows from it."""

    parent: Request
    act: int
    given: Mapping[str, Any]


def above(parent: UUID, type: str) -> Above:
    """What a request for the newest hop of that one takes over.

    Raises NotPermitted for a request that was not made to us, Conflict where no money went on,
    where nobody wants it held any more, or where the hop is followed already.
    """
    row = queries.request(parent)
    if row.side != Side.REQUESTED or not row.money:
        raise NotPermitted("hop", "Only the side that was asked follows the money further")
    if type != _FOLLOWED:
        raise Malformed("hop", f"Money is followed by {_FOLLOWED}, not by {type}")
    moved = queries.last(row, _MOVED)
    if moved is None:
        raise Conflict("hop", "No money has gone on from there", do="Say first that it moved")
    _check_wanted(row)
    if any(hop.hop == moved.n and hop.state not in REQUEST.final for hop in queries.hops(row)):
        raise Conflict("hop_followed", "A request follows that hop already")
    return Above(row, moved.n, _given(row, moved))


def form(parent: UUID) -> Mapping[str, Any]:
    """The fields that a request for the newest hop of that one takes over; raises as `above`."""
    return above(parent, _FOLLOWED).given


def _given(row: Request, moved: Transition) -> dict[str, Any]:
    given, said = sealed.opened(row.given), Said.read(sealed.opened(moved.said))
    return {
        **{name: given[name] for name in _SAME if name in given},
        "account": said.hop["account"],
        "beneficiary_institution": said.hop["institution"],
        "amount": said.amount,
        "currency": said.currency,
        "value_time": said.hop.get("at") or time_text(moved.at),
    }


def check_still_wanted(row: Request) -> None:
    """Raises Conflict where what a request follows was released, or given up, above it."""
    if row.parent is not None:
        _check_wanted(row.parent)


def _check_wanted(parent: Request) -> None:
    if parent.money in (RELEASED, *MONEY.final):
        raise Conflict(
            "not_wanted", f"The money of the request above is {parent.money}: it is not followed"
        )


def check_all_free(row: Request) -> None:
    """Raises Conflict while a hop below has not said that it is free."""
    if row.side != Side.REQUESTED:
        return
    for hop in queries.hops(row):
        if not free(hop):
            raise Conflict(
                "hops_below",
                f"The hop {identifier(hop)} has not said yet that the account there is free",
                why="A release is carried out at every hop (policy: release)",
            )


def free(hop: Request) -> bool:
    """Whether nothing is held at a hop by our request, as far as its side has told us."""
    if hop.state in rules.AT_HOME or hop.money in ("", *_BEYOND):
        return True
    return hop.money == RELEASED and queries.last(hop, "freed") is not None


def reachable(hop: Request) -> bool:
    """Whether a document can go there: its member is a peer still, and it did not go on paper."""
    return not hop.outside and peers.find(hop.peer.hex()) is not None


def doubts(row: Request) -> list[str]:
    """That a hop on paper has to be told of a release above it: no document of ours does."""
    if not row.outside or row.parent is None or not may_release(row.money):
        return []
    if row.parent.money != RELEASED:
        return []
    return [
        "The money of the request above was released: tell this hop by letter, and enter the"
        " release (policy: release)"
    ]


def identifier(row: Request) -> UUID:
    """The name of a request on both sides."""
    return UUID(bytes=row.uuid)
