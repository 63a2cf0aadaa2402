"""The chain of accounts that traced money took, as far as this node knows of it.

It begins at the topmost request that is known here. Below what others were asked stands what they
told of: whom they asked in turn stays between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from hueandcry.apps.cooperation import (
    authorities,
    hops,
    money,
    money_rules,
    queries,
    rules,
    sealed,
)
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.tracing import signed_for
from hueandcry.apps.cooperation.views import LinkView
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core import amounts
from hueandcry.core.types import Micros

_HOLDING: Final = frozenset({"hold", "freeze"})
#: States in which what was held last is held.
_HELD: Final = money_rules.KEPT - {"RETURN_AGREED"}


def chain(identifier: UUID) -> LinkView:
    """The whole chain to which a request belongs, from its top; NotFound without the request."""
    top = queries.request(identifier)
    while top.parent is not None:
        top = top.parent
    given, acts = sealed.opened(top.given), queries.of_money([top])
    named = LinkView(
        account=str(given.get("account", "")),
        institution=str(given.get("beneficiary_institution", "")),
        amount=str(given.get("amount", "")),
        currency=str(given.get("currency", "")),
        at=_first(acts, rules.DELIVERING) or top.made_at,
    )
    return _followed(top, named, acts)


def _followed(row: Request, named: LinkView, acts: Sequence[Transition]) -> LinkView:
    """An account for which there is a request, with how its money stands."""
    stands, peer = money.standing(row), row.peer.hex()
    currency = stands.currency or named.currency
    return LinkView(
        account=named.account,
        institution=named.institution,
        amount=named.amount,
        currency=currency,
        at=named.at,
        request=hops.identifier(row),
        type=row.type,
        side=row.side,
        peer_name=authorities.called([peer])[peer],
        state=row.state,
        money=row.money,
        held=amounts.text(stands.held) if row.money in _HELD and stands.held else "",
        held_at=_first(acts, _HOLDING),
        gone=amounts.text(stands.moved) if stands.moved else "",
        released=signed_for(row),
        free=any(act.event == "freed" for act in acts),
        below=_below(row, acts, currency),
    )


def _below(row: Request, acts: Sequence[Transition], currency: str) -> list[LinkView]:
    ours = {hop.hop: hop for hop in queries.hops(row)}  # the newest request for a hop counts
    moved = [act for act in acts if act.event == "moved" and act.said]
    return [_hop(act, ours.get(act.n), currency) for act in moved]


def _hop(act: Transition, ours: Request | None, currency: str) -> LinkView:
    said = Said.read(sealed.opened(act.said))
    named = LinkView(said.hop["account"], said.hop["institution"], said.amount, currency, act.at)
    return named if ours is None else _followed(ours, named, queries.of_money([ours]))


def _first(acts: Sequence[Transition], events: frozenset[str]) -> Micros | None:
    """When the first such act was done."""
    return next((act.at for act in acts if act.event in events), None)
