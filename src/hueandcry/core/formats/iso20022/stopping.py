"""From the form of a STOP_PAYMENT request to a recall, and from a recall to the form.

The messages are for accounts at banks. A wallet has no room in them: its request goes as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from hueandcry.core.errors import Malformed, Unreadable
from hueandcry.core.formats.iso20022.parts import CODE, TEXTS
from hueandcry.core.formats.iso20022.records import Account, Agent, Case, Money, Payment, Recall
from hueandcry.core.normal import normalise
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Kind

_BIC: Final = re.compile(TEXTS["BIC"])
_IBAN_AND_BIC: Final = re.compile(rf"({TEXTS['IBAN']})[\s/,;]+({TEXTS['BIC']})")
_REFERENCES: Final = ("uetr", "end_to_end", "transaction", "instruction", "clearing_ref")


def recall_of(form: Mapping[str, Any], *, id: str, case: Case | None = None) -> Recall:
    """The recall that a complete form asks for; Malformed where the messages cannot say it."""
    agent, account = place(form["account"])
    reference = form["payment_reference"].strip()
    is_uetr = re.fullmatch(TEXTS["UETR"], reference.lower()) is not None
    payment = Payment(
        uetr=reference.lower() if is_uetr else "",
        end_to_end="" if is_uetr else reference,
        money=Money(form["amount"], form["currency"]),
        debtor_agent=_institution(form["victim_institution"]),
        creditor_agent=agent or _institution(form["beneficiary_institution"]),
        creditor_account=account,
    )
    return Recall(
        payment,
        id,
        case,
        value_time=read_time(form["value_time"]),
        fraud=form["fraud_type"],
        complaint=form.get("complaint_ref", ""),
    )


def form_of(recall: Recall) -> dict[str, str]:
    """What a recall says of the fields of a STOP_PAYMENT request; a person adds what is missing."""
    payment = recall.payment
    references = (getattr(payment, name) for name in _REFERENCES)
    found = {
        "victim_institution": _named(payment.debtor_agent),
        "beneficiary_institution": _named(payment.creditor_agent),
        "account": _account(payment),
        "amount": payment.money.amount if payment.money else "",
        "currency": payment.money.currency if payment.money else "",
        "value_time": time_text(recall.value_time) if recall.value_time is not None else "",
        "payment_reference": next(filter(None, references), ""),
        "fraud_type": recall.fraud,
        "complaint_ref": recall.complaint,
    }
    return {name: text for name, text in found.items() if text}


def place(text: str) -> tuple[Agent | None, Account]:
    """Bank, where it is told, and account of what people write; Malformed for a wallet."""
    if both := _IBAN_AND_BIC.fullmatch(text.strip().upper()):
        return Agent(bic=both[2]), Account(iban=_value(both[1]))
    bank, separator, number = _value(text).partition(":")
    if not separator:
        return None, Account(iban=bank)
    is_bic = len(bank) == 8 and _BIC.fullmatch(bank)
    return Agent(bic=bank) if is_bic else Agent(member=bank), Account(number=number)


def _value(text: str) -> str:
    try:
        return normalise(Kind.BANK_ACCOUNT, text).value
    except Unreadable as fault:
        raise Malformed(
            CODE,
            f"{text[:40]!a} is no account at a bank",
            why=fault.what,
            do="Give an IBAN, or the bank and its number; for a wallet send the request itself",
        ) from None


def _institution(text: str) -> Agent:
    compact = text.strip().upper()
    return Agent(bic=compact) if _BIC.fullmatch(compact) else Agent(name=text.strip())


def _named(agent: Agent | None) -> str:
    return agent.bic or agent.name or agent.member or agent.lei if agent is not None else ""


def _account(payment: Payment) -> str:
    """As `core.normal` writes it; as it came where it can be read as no account."""
    account, agent = payment.creditor_account, payment.creditor_agent
    if account is None:
        return ""
    bank = (agent.bic[:8] or agent.member) if agent is not None else ""
    text = account.iban or (f"{bank}:{account.number}" if bank else account.number)
    try:
        return normalise(Kind.BANK_ACCOUNT, text).value
    except Unreadable:
        return text
