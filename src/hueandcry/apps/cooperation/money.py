"""Traced money: what a stop-payment, freeze, confiscation or return is about, and where it stands.

Money has a machine of its own beside that of its request, on both sides. It outlives the request.
The traced amount is held and never the account; nothing is held beyond the limit of the place.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from hueandcry.apps.cooperation import (
    facts,
    hops,
    money_rules,
    moving,
    queries,
    sealed,
    telling,
    timing,
)
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.money_rules import Standing
from hueandcry.apps.cooperation.moving import Act
from hueandcry.apps.cooperation.wire import MONEY_STEP, Said, Stepped
from hueandcry.apps.peers import face as peers
from hueandcry.core.clocks import late
from hueandcry.core.errors import Conflict, HueError, Malformed, NotPermitted
from hueandcry.core.law import LAW, cited
from hueandcry.core.machine import MONEY, REQUEST, Facts, Side, step
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Micros
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_HOLD: Final = "hold"
_RELEASE: Final = "release"
_LAPSE: Final = "lapse"
_AT_ONCE: Final = 50  #: holds that lapse in one turn of the loop


def act(row: Request, done: Act) -> None:
    """One act upon money by one of our people, who may do it; the other side is told of it.

    Where the request goes on paper, `done` names the letter that tells them, if there is one.
    """
    said = _with_currency(row, done.said)
    if done.event == _HOLD:
        said = _within_the_law(row, said, done.at)
    tell(row, replace(done, said=said))


def take(row: Request, said: Stepped, side: Side, dated: Micros, done: Act) -> None:
    """One act of the other side upon money; its signature vouches for its roles."""
    _require_money(row)
    moved = money_rules.applies_to(row.money, row.money_before, said.event, said.source, side)
    # Its clock may be ahead of ours by so much, and a hold lapses right after its limit.
    now = dated + peers.AHEAD if said.event == _LAPSE else dated
    _go(row, done, moved, now)


def tell(row: Request, done: Act) -> None:
    """One act of this side upon money; the other is told of it where no letter does."""
    _require_money(row)
    if row.outside:
        return _go(row, done, row.money, done.at)
    stepped = Stepped(hops.identifier(row), done.event, row.money, done.by, done.said)
    raw = telling.written(row, MONEY_STEP, stepped.body(), done.at)
    _go(row, replace(done, document=telling.digest(raw)), row.money, done.at)
    telling.send(row, raw, done.at)


def _within_the_law(row: Request, said: Said, at: Micros) -> Said:
    """A provisional hold of ours with its end, which is that of the law unless one before is said.

    Where no lawyer has ticked how long money may be held here, the person says until when.
    """
    limit, rule = timing.legal_limit(row, at), timing.limit_rule(row)
    if limit is None or rule is None:
        return said
    if said.until is not None and said.until > limit:
        raise NotPermitted(
            "beyond_the_law",
            f"Money may be held provisionally until {time_text(limit)} here, and no longer",
            why=f"So a lawyer of this place has ticked its law ({cited(LAW, rule.article)})",
            do="Name that end or an earlier one; an order can take the place of the hold",
        )
    return said if said.until is not None else replace(said, until=limit)


def completed(row: Request, done: Act) -> Said:
    """What a letter of theirs says, with what it need not say: currency, and limit of their law."""
    said = _with_currency(row, done.said)
    if done.event != _HOLD or said.until is not None:
        return said
    return replace(said, until=timing.legal_limit(row, done.at))


def _with_currency(row: Request, said: Said) -> Said:
    if not said.amount or said.currency:
        return said
    currency = money_rules.currency_of(sealed.opened(row.given), standing(row))
    return replace(said, currency=currency)


def standing(row: Request) -> Standing:
    """The amounts of a request."""
    return Standing.read(sealed.opened(row.amounts))


def lapse() -> bool:
    """Lets provisional holds lapse that have passed the limit of the place; True: there are more.

    This is no decision: whoever held the money named the end beyond which the law forbids it.
    """
    at = clock.now()
    due = queries.over_the_limit(at, _AT_ONCE)
    for row in due:
        with suppress(HueError), unit_of_work():  # one that another act was quicker with
            tell(row, Act(_LAPSE, Side(row.side), at, machine=MONEY))
    return len(due) == _AT_ONCE


def _go(row: Request, done: Act, moved: str, now: Micros) -> None:
    """Checks one act by either side, moves the money on, and tells the hops below of a release."""
    _check(row, done, moved)
    given, stands = sealed.opened(row.given), standing(row)
    amount = money_rules.checked_amount(done.event, done.said, moved, stands, given)
    known = _facts(row, done, now, traced=stands.here, held=amount)
    target = step(MONEY, moved, done.event, known).state
    currency = money_rules.currency_of(given, stands) or done.said.currency
    if done.event == "agree_return":
        money_rules.shares(done.said, given, amount, currency)
    if done.event == "freed":
        hops.check_all_free(row)
    ours = done.event == _RELEASE and done.side is Side.REQUESTING and done.side == row.side
    state, before = money_rules.settled(row.money, moved, target, ours=ours)
    changed = money_rules.after(stands, done.event, amount, currency)
    moving.move_money(
        row,
        done,
        moved,
        target,
        money=state,
        money_before=before,
        amounts=sealed.seal(changed.value()),
        **_effects(row, done),
    )
    if done.event == _RELEASE:
        release_below(row, done)


def _effects(row: Request, done: Act) -> dict[str, Any]:
    """What an act leaves on the request beside state and amounts, the same on both sides."""
    if done.event == _HOLD:
        return {"money_until": done.said.until}
    if done.event == "freeze" and row.state != "CONSULTATION":
        return {"money_until": None, "answer_by": None, "answered": False}
    if done.event == "propose_release":
        return {"answer_by": done.said.answer_by, "answered": False}
    if done.event == "answer_release":
        return {"answered": True}
    return {}


def _require_money(row: Request) -> None:
    if not row.money:
        raise Conflict("no_money", f"{row.type} traces no money, or has not left yet")


def _check(row: Request, done: Act, moved: str) -> None:
    event = done.event
    if (event, moved) not in MONEY.edges:
        step(MONEY, moved, event, _facts(row, done, done.at))  # the machine says why not
    money_rules.check_says(event, done.said)
    if event in (_HOLD, "trace") and row.state in REQUEST.final:
        raise Conflict("moved_on", f"The request is {row.state}: nothing is held for it")
    if event == "freed" and queries.last(row, event) is not None:
        raise Conflict("freed", "It was said already that the account is free")
    if "at" in done.said.hop and read_time(done.said.hop["at"]) > done.at + peers.AHEAD:
        raise Malformed("hop", "The money went on at a time that has not come")


def _facts(row: Request, done: Act, now: Micros, **amounts: Any) -> Facts:
    said = done.said
    answer_by = row.answer_by
    passed = answer_by is not None and late(answer_by, now)
    return facts.of(
        row,
        done.event,
        said,
        side=done.side,
        now=now,
        person=done.by,
        answered=row.answered or passed,
        expires=row.money_until,
        new_expires=said.until,
        **amounts,
    )


# --- the hops below -------------------------------------------------------------------------------


def release_below(row: Request, done: Act) -> None:
    """Passes a release on to every hop to which the money of a request to us went.

    The person who released it decided for all of them (policy: release): each hop gets a document
    of its own, with a receipt and a clock of its own.
    """
    if row.side != Side.REQUESTED:
        return
    for hop in queries.hops(row):
        if money_rules.may_release(hop.money) and hops.reachable(hop):
            at = max(done.at, clock.now())  # a letter may be older than the hop
            tell(hop, replace(done, side=Side(hop.side), at=at, document=None))
