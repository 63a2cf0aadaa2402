"""Traced money at the command line: as lines under a request, as JSON, and in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from hueandcry.apps.cooperation.face import Figures, HopView, MoneyView
from hueandcry.core import amounts
from hueandcry.core.machine import Side
from hueandcry.core.times import time_text
from hueandcry.core.types import MINUTE
from hueandcry.doors.cli import showing


def lines(money: MoneyView) -> None:
    """Prints state and amounts, hops, shares and the line in time."""
    said = [f"{name} {amount}" for name, amount in _amounts(money).items() if amount]
    until = f" until {showing.time(money.until)}" if money.until is not None else ""
    head = f"money: {money.state}{until}; {', '.join(said)} {money.currency}"
    showing.out.print(head, markup=False)
    if money.hop_of is not None:
        showing.out.print(f"follows the money of {money.hop_of}", markup=False)
    _table(
        ("hop", "held by", "amount", "member", "money", "", "followed by"), map(_hop, money.hops)
    )
    _table(("victim", "share"), money.shares.items())
    left = money.line[0][1] if money.line else 0
    rows = ((what, showing.time(at), (at - left) // MINUTE) for what, at in money.line)
    _table(("money", "at", "minutes"), rows)


def value(money: MoneyView | None) -> dict[str, Any] | None:
    """The same for programs."""
    if money is None:
        return None
    return {
        "state": money.state,
        "currency": money.currency,
        **{name: amount or None for name, amount in _amounts(money).items()},
        "until": None if money.until is None else time_text(money.until),
        "hop_of": None if money.hop_of is None else str(money.hop_of),
        "hops": [_hop_value(each) for each in money.hops],
        "shares": dict(money.shares),
        "line": [{"what": what, "at": time_text(at)} for what, at in money.line],
    }


def figures(of: Mapping[Side, Figures], json: bool) -> None:
    """Prints the figures of each side."""
    if json:
        showing.as_json({side: _figures_value(each) for side, each in of.items()})
        return
    rows = {side: _figures_value(each) for side, each in of.items()}
    names = next(iter(rows.values())).keys()
    showing.table(
        ("", *rows),
        ((name.replace("_", " "), *(_told(r[name]) for r in rows.values())) for name in names),
    )


def _amounts(money: MoneyView) -> dict[str, str]:
    names = ("asked", "traced", "moved", "held", "agreed", "returned")
    return {name: getattr(money, name) for name in names}


def _table(columns: tuple[str, ...], rows: Any) -> None:
    found = list(rows)
    if found:
        showing.out.print()
        showing.table(columns, found)


def _hop(each: HopView) -> tuple[object, ...]:
    told = "free" if each.free and each.request else "release received" if each.released else ""
    by = each.request or "nobody"
    return each.account, each.institution, each.amount, each.peer_name, each.money, told, by


def _hop_value(each: HopView) -> dict[str, Any]:
    return {
        "act": each.act,
        "account": each.account,
        "institution": each.institution,
        "amount": each.amount,
        "at": time_text(each.at),
        "request": None if each.request is None else str(each.request),
        "peer_name": each.peer_name or None,
        "state": each.state or None,
        "money": each.money or None,
        "released": each.released,
        "free": each.free,
    }


def _figures_value(each: Figures) -> dict[str, Any]:
    spreads = {"to_hold": each.to_hold, "to_release": each.to_release, "to_free": each.to_free}
    return {
        "requests": each.requests,
        "held": _texts(each.held),
        "returned": _texts(each.returned),
        "wrongly": each.wrongly,
        "wrongly_held": _texts(each.wrongly_held),
        **{f"minutes_{name}": found and asdict(found) for name, found in spreads.items()},
    }


def _texts(found: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: amounts.text(amount) for currency, amount in found.items()}


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if "median" in value:
        return f"median {value['median']:.0f}, longest {value['longest']:.0f}, of {value['n']}"
    return ", ".join(f"{amount} {currency}" for currency, amount in value.items())
