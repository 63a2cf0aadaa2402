"""What a report suggests for a request to another member. People see all of it before it is kept.

Only what is ticked as true goes in. Who reported is kept apart and is never suggested, nor is
anything that somebody has to answer for: consent, danger, who is liable.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils import translation

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports.face import Consent, Flag, LossView, Opened, ValueView
from hueandcry.core.amounts import FORM
from hueandcry.core.errors import NotPermitted
from hueandcry.core.times import time_text
from hueandcry.core.types import Kind
from hueandcry.doors.console import values
from hueandcry.doors.desk import reasons

#: A language that the other side reads, whatever the reader's is.
_LANGUAGE: Final = "en"
#: Kinds of values that money goes to.
_PAID: Final = frozenset({Kind.BANK_ACCOUNT, Kind.WALLET})
#: Kinds of values that can be disrupted → what the law calls them.
_TARGETS: Final[Mapping[Kind, str]] = {
    Kind.PHONE: "number",
    Kind.DOMAIN: "domain",
    Kind.HANDLE: "account",
    Kind.BANK_ACCOUNT: "account",
    Kind.PAGE: "page",
    Kind.URL: "page",
    Kind.APP: "app",
}
#: States of files that are there for everybody who works on the report.
_LOCKED: Final = frozenset({"quarantined", "shredded"})


@dataclass(frozen=True, slots=True)
class Way:
    """A request that can be written from a report: its type, and of which part of it."""

    type: str
    of: int = 0  #: the place among payments or targets
    about: str = ""  #: the part, as a list shows it


def ways(told: Opened, roles: Collection[str]) -> list[Way]:
    """What can be asked of another member from a report, by somebody with these roles."""
    if told.purged_at:
        return []
    found = [
        *(Way("STOP_PAYMENT", n, _paid(each)) for n, each in enumerate(payments(told))),
        *([Way("PROTECT_PAYER")] if Flag.PAYING in told.line.flags else []),
        *([Way("COMPLAINT")] if may_complain(told) else []),
        *([Way("PRESERVE")] if ticked(told) else []),
        *(Way("DISRUPT", n, values.shown(each.signal)) for n, each in enumerate(targets(told))),
        Way("TIP_REFERRAL"),
    ]
    hidden = cooperation.hidden_from(roles)
    return [each for each in found if each.type not in hidden]


def check_agreed(told: Opened, type: str) -> None:
    """Raises NotPermitted for a complaint to which the reporter did not agree."""
    if type == "COMPLAINT" and not may_complain(told):
        raise NotPermitted(
            "consent",
            "The reporter did not agree that this is passed to the police",
            do="Ask the reporter first, or leave it to them",
        )


def may_complain(told: Opened) -> bool:
    """Whether the reporter agreed that it is passed to the police as a complaint."""
    return any(each.purpose == Consent.POLICE and not each.withdrawn_at for each in told.consents)


def ticked(told: Opened) -> list[ValueView]:
    """The values that hold as true."""
    return [each for each in told.values if each.ticked]


def payments(told: Opened) -> list[tuple[LossView | None, ValueView]]:
    """Sums with what they went to, then accounts and wallets of which no sum is known."""
    true = {each.number: each for each in ticked(told)}
    lost = [(loss, true[loss.value]) for loss in told.losses if loss.value in true]
    named = {value.number for _loss, value in lost}
    others = [v for v in true.values() if v.signal.kind in _PAID and v.number not in named]
    return [*lost, *((None, value) for value in others)]


def targets(told: Opened) -> list[ValueView]:
    """What can be disrupted."""
    return [each for each in ticked(told) if each.signal.kind in _TARGETS]


def suggested(told: Opened, type: str, of: int) -> dict[str, Any]:
    """Fields of a request of a type, as far as a report says them; `of` as in `Way`."""
    if type not in _OF:
        return {}
    found = {"authority_name": members.us().name, "language": _LANGUAGE, **_OF[type](told, of)}
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def _stop(told: Opened, of: int) -> dict[str, Any]:
    return {**_payment(told, of), "fraud_type": _fraud(told)}


def _protect(told: Opened, _of: int) -> dict[str, Any]:
    said = [f"{_sum(loss.amount)} {loss.currency}" for loss in told.losses]
    return {
        "payments": ", ".join(said),
        "fraud_type": _fraud(told),
        "account": _payment(told, 0).get("account", ""),
        "urgency": "urgent",
    }


def _complaint(told: Opened, of: int) -> dict[str, Any]:
    money = _payment(told, of)
    return {
        "victim_consent": True,
        "exhibits": [each.sha256.hex() for each in told.files if each.state not in _LOCKED],
        "facts_summary": told.text,
        "fraud_type": _fraud(told),
        **{name: money.get(name, "") for name in ("account", "amount", "currency")},
    }


def _preserve(told: Opened, _of: int) -> dict[str, Any]:
    paid = {value.number for _loss, value in payments(told)}
    items = [
        {"kind": each.signal.kind.value, "value": each.signal.value}
        | ({"relation": "money was sent to it"} if each.number in paid else {})
        for each in ticked(told)
    ]
    return {"items": items}


def _disrupt(told: Opened, of: int) -> dict[str, Any]:
    found = targets(told)
    if of >= len(found):
        return {}
    value = found[of]
    return {"target": value.signal.value, "target_kind": _TARGETS[value.signal.kind]}


def _referral(told: Opened, _of: int) -> dict[str, Any]:
    """Signs that the words show, for a person to weigh; of the person concerned nothing."""
    screened = detection.assess_job(told.text, market=told.line.market or None)
    with translation.override(_LANGUAGE):
        signs = [reasons.indicator(each.code) for each in screened.indicators if each.met]
    return {"indicators": signs, "tlp": "RED"}


_OF: Final[Mapping[str, Callable[[Opened, int], dict[str, Any]]]] = {
    "STOP_PAYMENT": _stop,
    "PROTECT_PAYER": _protect,
    "COMPLAINT": _complaint,
    "PRESERVE": _preserve,
    "DISRUPT": _disrupt,
    "TIP_REFERRAL": _referral,
}


def _payment(told: Opened, of: int) -> dict[str, Any]:
    found = payments(told)
    if of >= len(found):
        return {}
    loss, value = found[of]
    if loss is None:
        return {"account": value.signal.value}
    return {
        "account": value.signal.value,
        "amount": _sum(loss.amount),
        "currency": loss.currency,
        "value_time": None if loss.at is None else time_text(loss.at),
        "payment_reference": loss.reference,
    }


def _paid(paid: tuple[LossView | None, ValueView]) -> str:
    loss, value = paid
    shown = values.shown(value.signal)
    return shown if loss is None else f"{_sum(loss.amount)} {loss.currency} → {shown}"


def _sum(amount: Decimal) -> str:
    """An amount as requests write it, without the zeros that only the table keeps."""
    whole, _dot, part = f"{amount:f}".partition(".")
    part = part.rstrip("0")
    text = f"{whole}.{part}" if part else whole
    return text if FORM.fullmatch(text) else ""


def _fraud(told: Opened) -> str:
    """Lure and method, by the codes of the taxonomy."""
    return " by ".join(code for code in (told.line.lure, told.line.method) if code)
