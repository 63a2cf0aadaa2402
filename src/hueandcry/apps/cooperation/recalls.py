"""A stop-payment as the messages of banks: what became of it, what comes back (ISO 20022).

The forms are those of `core/formats/iso20022`; nothing is sent by them. A bank's own systems take
them from here, or gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation import authorities, hops, money, queries, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.money_rules import Standing
from hueandcry.apps.cooperation.wire import Said
from hueandcry.apps.members import face as members
from hueandcry.core import amounts
from hueandcry.core.errors import Conflict, Malformed
from hueandcry.core.formats import iso20022
from hueandcry.core.formats.iso20022 import (
    Answer,
    AnswerMessage,
    Envelope,
    Money,
    Organisation,
    Outcome,
    Payment,
    Return,
    ReturnMessage,
)
from hueandcry.core.machine import Side
from hueandcry.core.types import SECOND, Micros

_RECALL: Final = "STOP_PAYMENT"
_NO_FUNDS: Final = "NO-FUNDS"
_IS_BACK: Final = frozenset({"RETURN_AGREED", "RETURNED"})
_IS_HELD: Final = frozenset({"PROVISIONALLY_HELD", "FROZEN", "CONFISCATED"})
_PLAIN: Final[Mapping[str, Outcome]] = {
    "MOVED": Outcome.MOVED,
    "RELEASED": Outcome.RELEASED,
    "TOO_LATE": Outcome.TOO_LATE,
}


def outcome(state: str, code: str, traced: str, stands: Standing, asked: Decimal) -> Outcome:
    """What became of a recall: of its request in `state`, refused by `code`, its money `traced`."""
    if state == "REFUSED" and traced not in (_IS_HELD | _IS_BACK):
        return Outcome.NO_FUNDS if code == _NO_FUNDS else Outcome.REFUSED
    if traced in _IS_HELD:
        return Outcome.HELD if stands.held >= asked else Outcome.PARTLY_HELD
    if traced in _IS_BACK:
        back = stands.returned or stands.agreed
        return Outcome.RETURNED if back >= asked else Outcome.PARTLY_RETURNED
    return _PLAIN.get(traced, Outcome.PENDING)


def answer_file(identifier: UUID, at: Micros) -> bytes:
    """The camt.029 that tells a bank where a stop-payment stands; Conflict for any other type."""
    row, given = _recalled(identifier)
    answer = _answer(row, given)
    return iso20022.write_answer(AnswerMessage(_envelope(row, at), (answer,)))


def return_file(identifier: UUID, settlement: str, at: Micros) -> bytes:
    """The pacs.004 by which a bank pays back what was agreed; Conflict before it is agreed."""
    row, given = _recalled(identifier)
    stands = money.standing(row)
    if row.money not in _IS_BACK:
        raise Conflict("return", "No return is agreed yet", do="Act `agree_return` first")
    back = Money(amounts.text(stands.returned or stands.agreed), stands.currency)
    returned = Return(_payment(row, given), back, id=identifier.hex)
    return iso20022.write_return(ReturnMessage(_message_id(row), at, settlement, (returned,)))


def came_back(identifier: UUID, data: bytes) -> tuple[str, str]:
    """(amount, currency) that a pacs.004 returns of the payment of a stop-payment.

    Raises Malformed where it is about other payments alone, or in several currencies.
    """
    row, given = _recalled(identifier)
    ours = _references(_payment(row, given))
    found = [
        each.money
        for each in iso20022.read_return(data).returns
        if ours & _references(each.payment)
    ]
    currencies = {each.currency for each in found}
    if len(currencies) != 1:
        raise Malformed(
            "other_payment",
            "The message does not return that payment, or returns it in several currencies",
            do="Take the message whose references are those of the request",
        )
    whole = amounts.total(*(Decimal(each.amount) for each in found))
    return amounts.text(whole), currencies.pop()


def _recalled(identifier: UUID) -> tuple[Request, dict[str, Any]]:
    row = queries.request(identifier)
    if row.type != _RECALL or not row.given:
        raise Conflict(
            "recall", f"The messages are about a stop-payment that is kept, and not {row.type}"
        )
    given = sealed.opened(row.given)
    if lacking := sorted({"amount", "account"} - given.keys()):
        raise Conflict(
            "recall",
            f"The request does not say {', '.join(lacking)}",
            why="A message of a bank is about one amount on one account",
            do="Have it completed first",
        )
    return row, given


def _answer(row: Request, given: Mapping[str, Any]) -> Answer:
    stands, acts = money.standing(row), queries.transitions(row)
    code = _refused_by(row, acts)
    told = outcome(row.state, code, row.money, stands, Decimal(given["amount"]))
    held = told in (Outcome.HELD, Outcome.PARTLY_HELD)
    back = told in (Outcome.RETURNED, Outcome.PARTLY_RETURNED)
    returned = _last(acts, "return")
    return Answer(
        _payment(row, given),
        told,
        id=hops.identifier(row).hex,
        code=code if told is Outcome.REFUSED else "",
        held=_money(stands.held, stands) if held else None,
        until=row.money_until if held else None,
        gone=_gone(acts) if told in (Outcome.MOVED, Outcome.TOO_LATE) else None,
        returned=_money(stands.returned or stands.agreed, stands) if back else None,
        returned_on=_day(returned.at) if back and returned is not None else None,
    )


def _refused_by(row: Request, acts: Sequence[Transition]) -> str:
    refusal = _last(acts, "refuse") if row.state == "REFUSED" else None
    return Said.read(sealed.opened(refusal.said)).code if refusal is not None else ""


def _gone(acts: Sequence[Transition]) -> Micros | None:
    moved = _last(acts, "moved")
    return None if moved is None else moved.at


def _last(acts: Sequence[Transition], event: str) -> Transition | None:
    return next((act for act in reversed(acts) if act.event == event), None)


def _money(amount: Decimal, stands: Standing) -> Money:
    return Money(amounts.text(amount), stands.currency)


def _payment(row: Request, given: Mapping[str, Any]) -> Payment:
    return iso20022.recall_of(given, id=hops.identifier(row).hex).payment


def _references(of: Payment) -> set[str]:
    every = (of.uetr.lower(), of.end_to_end, of.transaction, of.instruction, of.clearing_ref)
    return {each for each in every if each}


def _envelope(row: Request, at: Micros) -> Envelope:
    us, peer = members.us().fingerprint, row.peer.hex()
    names = authorities.called([us, peer])
    ours = (us, peer) if row.side == Side.REQUESTED else (peer, us)
    asked, asking = (Organisation(name=names[each][:140]) for each in ours)
    return Envelope(_message_id(row), asked, asking, at)


def _message_id(row: Request) -> str:
    """One id for each version of a request: at most 35 letters."""
    return f"{hops.identifier(row).hex[8:]}-{row.version}"


def _day(at: Micros) -> date:
    return datetime.fromtimestamp(at // SECOND, UTC).date()
