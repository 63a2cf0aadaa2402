"""What is shown of traced money: its amounts, the hops that it took, and its line in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import authorities, hops, money, money_rules, queries, rules, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.views import HopView, MoneyView
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.peers import face as peers
from hueandcry.core import amounts
from hueandcry.core.machine import MONEY
from hueandcry.core.times import read_time
from hueandcry.core.types import Micros

#: Acts upon the request that stand in the line of its money.
_TOLD: Final = rules.DELIVERING | {
    *("approve", "approve_outside", "send_on_duty", "open", "refuse", "withdraw"),
}
_LEFT: Final = "left"  #: the money, by the form


def view(row: Request, acts: Sequence[Transition]) -> MoneyView | None:
    """Where the money of a request stands; None where it traces none, or has not left."""
    if not row.money:
        return None
    given, stands = sealed.opened(row.given), money.standing(row)
    return MoneyView(
        state=row.money,
        currency=money_rules.currency_of(given, stands),
        asked=str(given.get("amount", "")),
        traced=_text(stands.traced),
        moved=_text(stands.moved),
        held=_text(stands.held),
        agreed=_text(stands.agreed),
        returned=_text(stands.returned),
        until=row.money_until,
        hop_of=None if row.parent is None else hops.identifier(row.parent),
        hops=_hops(row, acts),
        shares=_shares(acts, given, stands),
        line=_line(acts, given),
    )


def proposed(identifier: UUID, said: Said) -> dict[str, str]:
    """Victim → what they would get by an agreement that says this; raises what forbids it."""
    row = queries.request(identifier)
    given, stands = sealed.opened(row.given), money.standing(row)
    currency = money_rules.currency_of(given, stands)
    said = replace(said, currency=currency)
    amount = money_rules.checked_amount("agree_return", said, row.money, stands, given)
    found = money_rules.shares(said, given, amount, currency)
    return {name: amounts.text(share) for name, share in found.items()}


def _text(amount: Decimal) -> str:
    return amounts.text(amount) if amount else ""


def _shares(
    acts: Sequence[Transition], given: Mapping[str, Any], stands: money_rules.Standing
) -> dict[str, str]:
    agreed = next((act for act in acts if act.event == "agree_return"), None)
    if agreed is None or not agreed.said:  # nobody agreed, or it is purged
        return {}
    said = Said.read(sealed.opened(agreed.said))
    found = money_rules.shares(said, given, stands.agreed, stands.currency)
    return {name: amounts.text(share) for name, share in found.items()}


def _line(acts: Sequence[Transition], given: Mapping[str, Any]) -> list[tuple[str, Micros]]:
    left = [(_LEFT, read_time(given["value_time"]))] if "value_time" in given else []
    told = [a for a in acts if a.machine == MONEY.name or a.event in _TOLD]
    return [*left, *((act.event, act.at) for act in told)]


# --- hops -----------------------------------------------------------------------------------------


def _hops(row: Request, acts: Sequence[Transition]) -> list[HopView]:
    ours = {hop.hop: hop for hop in queries.hops(row)}  # the newest request for a hop counts
    names = authorities.called({hop.peer.hex() for hop in ours.values()})
    moved = [act for act in acts if act.event == "moved" and act.said]
    return [_hop(act, ours.get(act.n), names) for act in moved]


def _hop(act: Transition, ours: Request | None, names: Mapping[str, str]) -> HopView:
    said = Said.read(sealed.opened(act.said))
    told = HopView(act.n, said.hop["account"], said.hop["institution"], said.amount, act.at)
    if ours is None:
        return told
    return HopView(
        *(told.act, told.account, told.institution, told.amount, told.at),
        request=hops.identifier(ours),
        peer_name=names[ours.peer.hex()],
        state=ours.state,
        money=ours.money,
        released=signed_for(ours),
        free=hops.free(ours),
    )


def signed_for(hop: Request) -> bool:
    """Whether the other side has the release of a hop: by its receipt, or by our letter."""
    act, peer = queries.last(hop, "release"), peers.find(hop.peer.hex())
    if act is not None and hop.outside:
        return act.document is not None
    if act is None or act.document is None or peer is None:
        return False
    held = peers.receipts_about(peer.id, [act.document]).get((act.document, "receipt"))
    return held is not None and held.outcome == "accepted"
