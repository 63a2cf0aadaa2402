"""The money part of a request's page: where it stands, what can be done with it, its line in time.

The chain of hops is drawn by `request_chain`, the messages of banks go by `request_bank`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.cooperation.face import ClockView, MoneyView, RequestView
from hueandcry.core.machine import MONEY
from hueandcry.core.types import MINUTE, Micros
from hueandcry.doors.console import request_chain, request_money_forms
from hueandcry.doors.console import request_money_words as words
from hueandcry.doors.console.request_chain import Hop
from hueandcry.doors.console.request_forms import Act
from hueandcry.doors.console.words import Words

#: Amounts in the order of the page, by their names in `MoneyView`.
_AMOUNTS: Final[dict[str, Words]] = {
    "asked": _("Asked for"),
    "traced": _("Traced"),
    "moved": _("Gone on"),
    "held": _("Held last"),
    "agreed": _("Agreed to return"),
    "returned": _("Returned"),
}
_PROVISIONAL: Final = "PROVISIONALLY_HELD"
#: How what was held last is called while the state says that it is held, or is not.
_HELD: Final[dict[str, Words]] = {
    _PROVISIONAL: _("Held"),
    "FROZEN": _("Frozen"),
    "CONFISCATED": _("Confiscated"),
    "RELEASED": _("Released"),
}
#: What the clocks of money wait for, by the words of their rules.
_WAITS: Final = frozenset({"provisional-hold", "release"})
#: The type of request that banks have messages for.
_RECALL: Final = "STOP_PAYMENT"
#: How a return is settled, by the codes of ISO 20022; the first is usual.
SETTLEMENTS: Final = ("CLRG", "INDA", "INGA", "COVE")
_BACK: Final = frozenset({"RETURN_AGREED", "RETURNED"})


@dataclass(frozen=True, slots=True)
class Section:
    """All that the page says of the money of a request."""

    view: MoneyView
    means: str | Promise
    amounts: Sequence[tuple[str | Promise, str]]  #: what each is called, and how much
    until: Micros | None  #: the legal limit of what is held provisionally now
    clocks: Sequence[ClockView]  #: that run
    line: Sequence[tuple[str | Promise, Micros, int]]  #: what, when, minutes since the first
    too_late: bool
    acts: Sequence[Act]
    others: Sequence[tuple[str | Promise, Sequence[str]]]  #: acts, and the roles that may
    told: int  #: hops that were named
    followed: int  #: of them by a request of ours
    free: int  #: of those followed, after a release
    chain: Hop | None  #: None where there is no hop
    ended: bool
    answers: bool  #: the answer for a bank can be taken along
    returns: bool  #: and the message of the return
    settlements: Sequence[str]  #: by which it can be settled
    takes_return: bool  #: the amount that went back can be read from a bank's message


def section(view: RequestView, roles: Collection[str], filled: Act | None) -> Section | None:
    """The money part for somebody with these roles; None where there is nothing of the kind."""
    money = view.money
    if money is None:
        return None
    acts = request_money_forms.acts(view, roles)
    follows = [each for each in money.hops if each.request is not None]
    chained = bool(money.hops) or money.hop_of is not None
    messages = view.listed.type == _RECALL and bool(view.given)
    return Section(
        view=money,
        means=words.MEANS[money.state],
        amounts=_amounts(money),
        until=money.until if money.state == _PROVISIONAL else None,
        clocks=[
            each
            for each in view.clocks
            if each.what in _WAITS and each.ended_at is None and each.due is not None
        ],
        line=_line(money),
        too_late=money.state == "TOO_LATE",
        acts=[filled if filled and filled.event == each.event else each for each in acts],
        others=request_money_forms.others(view, roles),
        told=len(money.hops),
        followed=len(follows),
        free=sum(each.free and each.money == "RELEASED" for each in follows),
        chain=request_chain.chain(view.listed.id, roles) if chained else None,
        ended=money.state in MONEY.final,
        answers=messages,
        returns=messages and money.state in _BACK,
        settlements=SETTLEMENTS,
        takes_return=messages and any(each.event == "return" for each in acts),
    )


def _amounts(money: MoneyView) -> list[tuple[str | Promise, str]]:
    called = {**_AMOUNTS, "held": _HELD.get(money.state, _AMOUNTS["held"])}
    found = [(called[name], getattr(money, name)) for name in _AMOUNTS]
    return [(name, f"{amount} {money.currency}") for name, amount in found if amount]


def _line(money: MoneyView) -> list[tuple[str | Promise, Micros, int]]:
    began = money.line[0][1] if money.line else 0
    return [(words.event(what), at, (at - began) // MINUTE) for what, at in money.line]
