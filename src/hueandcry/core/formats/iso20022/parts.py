"""What the messages share: forms of texts, parties, accounts, the payment that is spoken of.

Element names and their order are those of the messages' schemas (ISO 20022, versions of 2019).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element, read_xml, write_xml
from hueandcry.core.formats.iso20022.records import (
    AMOUNT,
    CURRENCY,
    Account,
    Agent,
    Case,
    Envelope,
    Money,
    Organisation,
    Party,
    Payment,
)
from hueandcry.core.formats.shapes import Shapes
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import MINUTE, Micros

CODE: Final = "iso20022"
NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"
_ZONED: Final = re.compile(r".*(?:Z|[+-][0-9]{2}:[0-9]{2})", re.DOTALL)
_MOMENT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"

TEXTS: Final = {
    "Max34": r"[\s\S]{1,34}",
    "Max35": r"[\s\S]{1,35}",
    "Max70": r"[\s\S]{1,70}",
    "Max105": r"[\s\S]{1,105}",
    "Max140": r"[\s\S]{1,140}",
    "Code4": r"[A-Z0-9]{4}",
    "Code5": r"[A-Z0-9]{1,5}",
    "BIC": r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
    "LEI": r"[A-Z0-9]{18}[0-9]{2}",
    "IBAN": r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",
    "UETR": r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
    "Method": r"CLRG|INDA|INGA|COVE",
    "CancellationStatus": r"ACCR|PDCR|RJCR",
    "Count": r"[0-9]{1,15}",
    "Amount": AMOUNT,
    "Currency": CURRENCY,
    "Date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "DateTime": _MOMENT + r"(?:Z|[+-][0-9]{2}:[0-9]{2})?",
}
ATTRIBUTES: Final = {"Amount": {"Ccy": "Currency"}}

COMMON: Final = """
Assignment = Id:Max35 Assgnr:Party Assgne:Party CreDtTm:DateTime
Party = Pty:Organisation | Agt:Agent
Organisation = Nm:Max140? PstlAdr:_? Id:PartyId? CtryOfRes:_? CtctDtls:_?
PartyId = OrgId:OrgId | PrvtId:_
OrgId = AnyBIC:BIC? LEI:LEI? Othr:_*
Agent = FinInstnId:Institution BrnchId:_?
Institution = BICFI:BIC? ClrSysMmbId:Member? LEI:LEI? Nm:Max140? PstlAdr:_? Othr:_?
Member = ClrSysId:System? MmbId:Max35
System = Cd:Code5 | Prtry:_
Case = Id:Max35 Cretr:Party ReopCaseIndctn:_?
Group = OrgnlMsgId:Max35 OrgnlMsgNmId:Max35 OrgnlCreDtTm:DateTime?
Reason = Orgtr:_? Rsn:ReasonCode? AddtlInf:Max105*
ReasonCode = Cd:Code4 | Prtry:Max35
Account = Id:AccountId Tp:_? Ccy:_? Nm:Max70? Prxy:_?
AccountId = IBAN:IBAN | Othr:AccountNumber
AccountNumber = Id:Max34 SchmeNm:_? Issr:_?
Reference = IntrBkSttlmAmt:_? Amt:_? IntrBkSttlmDt:_? ReqdColltnDt:_? ReqdExctnDt:_? \
CdtrSchmeId:_? SttlmInf:_? PmtTpInf:_? PmtMtd:_? MndtRltdInf:_? RmtInf:_? UltmtDbtr:_? Dbtr:_? \
DbtrAcct:Account? DbtrAgt:Agent? DbtrAgtAcct:_? CdtrAgt:Agent? CdtrAgtAcct:_? Cdtr:_? \
CdtrAcct:Account? UltmtCdtr:_? Purp:_?
"""


def shapes(own: str) -> Shapes:
    """The types of one message: its own, and those that all share."""
    return Shapes(COMMON + own, TEXTS, attributes=ATTRIBUTES, code=CODE)


def opened(data: bytes, name: str, message: Shapes) -> tuple[Element, tuple[str, ...]]:
    """The body of a message of that name, checked, and what of it will not be read."""
    namespace, root = read_xml(data)
    if namespace != NAMESPACE + name or root.name != "Document":
        raise Malformed(
            CODE,
            f"This is {root.name[:40]!a} of {namespace[:80]!a}, and not {name}",
            do=f"Send {name}, the element Document alone, without a business header around it",
        )
    unread = message.check(root, "Document")
    return root.children[0], unread


def closed(name: str, message: Shapes, body: Element) -> bytes:
    """A message as bytes; Malformed where a value has no room in it."""
    document = Element("Document", children=(body,))
    message.check(document, "Document")
    return write_xml(document, NAMESPACE + name)


# --- texts --------------------------------------------------------------------------------------


def leaf(name: str, text: str) -> Element | None:
    """An element of text; None where there is nothing to say."""
    return Element(name, text) if text else None


def moment(name: str, at: Micros | None) -> Element | None:
    """Whole seconds where it is one, with the offset that CBPR+ asks for in place of Z."""
    if at is None:
        return None
    return Element(name, time_text(at).removesuffix("Z").removesuffix(".000000") + "+00:00")


def day(name: str, on: date | None) -> Element | None:
    return Element(name, on.isoformat()) if on is not None else None


def money(name: str, of: Money | None) -> Element | None:
    return Element(name, of.amount, attributes={"Ccy": of.currency}) if of is not None else None


def read_moment(text: str, offset: int | None) -> Micros | None:
    """An instant; where it names no zone, `offset` minutes east of UTC are its sender's."""
    if not text:
        return None
    if _ZONED.fullmatch(text):
        return read_rfc3339(text)
    if offset is None:
        raise Malformed(
            "zone",
            f"The time {text[:40]!a} names no zone",
            why="An instant that may be hours off starts no clock",
            do="Say at which offset from UTC its sender keeps the time",
        )
    return read_rfc3339(f"{text}Z") - offset * MINUTE


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed(CODE, f"{text[:40]!a} is not a day of the calendar") from None


def read_money(element: Element | None) -> Money | None:
    """The amount without leading zeros; decimals as they were written."""
    if element is None:
        return None
    whole, point, decimals = element.text.partition(".")
    amount = (whole.lstrip("0") or "0") + point + decimals
    return Money(amount, element.attributes["Ccy"])


# --- parties ------------------------------------------------------------------------------------


def agent(name: str, of: Agent | None) -> Element | None:
    if of is None:
        return None
    institution = [leaf("BICFI", of.bic), _member(of), leaf("LEI", of.lei), leaf("Nm", of.name)]
    found = tuple(each for each in institution if each is not None)
    if not found:
        raise Malformed(CODE, f"{name} must be named by BIC, member number, LEI or name")
    return Element(name, children=(Element("FinInstnId", children=found),))


def _member(of: Agent) -> Element | None:
    if not of.member:
        return None
    system = Element("ClrSysId", children=(Element("Cd", of.clearing),)) if of.clearing else None
    return _element("ClrSysMmbId", system, leaf("MmbId", of.member))


def party(name: str, of: Party) -> Element:
    if isinstance(of, Agent):
        return _element(name, agent("Agt", of))
    ids = _element("OrgId", leaf("AnyBIC", of.bic), leaf("LEI", of.lei))
    id = _element("Id", ids) if ids.children else None
    return _element(name, _element("Pty", leaf("Nm", of.name), id))


def read_agent(element: Element | None) -> Agent | None:
    if element is None:
        return None
    return Agent(
        element.said("FinInstnId", "BICFI"),
        element.said("FinInstnId", "ClrSysMmbId", "MmbId"),
        element.said("FinInstnId", "ClrSysMmbId", "ClrSysId", "Cd"),
        element.said("FinInstnId", "LEI"),
        element.said("FinInstnId", "Nm"),
    )


def read_party(element: Element | None) -> Party:
    assert element is not None  # the shape has it
    if found := read_agent(element.first("Agt")):
        return found
    return Organisation(
        element.said("Pty", "Nm"),
        element.said("Pty", "Id", "OrgId", "AnyBIC"),
        element.said("Pty", "Id", "OrgId", "LEI"),
    )


def case(name: str, of: Case | None) -> Element | None:
    return _element(name, leaf("Id", of.id), party("Cretr", of.creator)) if of else None


def read_case(*places: Element | None) -> Case | None:
    """The case at the first of the places that has one."""
    found = next((each for each in places if each is not None), None)
    return Case(found.said("Id"), read_party(found.first("Cretr"))) if found else None


def envelope(of: Envelope) -> Element:
    return _element(
        "Assgnmt",
        Element("Id", of.id),
        party("Assgnr", of.sender),
        party("Assgne", of.receiver),
        moment("CreDtTm", of.at),
    )


def read_envelope(body: Element, offset: int | None) -> Envelope:
    at = read_moment(body.said("Assgnmt", "CreDtTm"), offset)
    assert at is not None  # the shape has it
    return Envelope(
        body.said("Assgnmt", "Id"),
        read_party(body.first("Assgnmt", "Assgnr")),
        read_party(body.first("Assgnmt", "Assgne")),
        at,
    )


# --- the payment that is spoken of --------------------------------------------------------------


def payment(of: Payment) -> Iterator[Element | None]:
    """Its elements; `Shapes.element` puts them where each message has them."""
    yield _group(of)
    yield leaf("OrgnlInstrId", of.instruction)
    yield leaf("OrgnlEndToEndId", of.end_to_end)
    yield leaf("OrgnlTxId", of.transaction)
    yield leaf("OrgnlUETR", of.uetr)
    yield leaf("OrgnlClrSysRef", of.clearing_ref)
    yield money("OrgnlIntrBkSttlmAmt", of.money)
    yield day("OrgnlIntrBkSttlmDt", of.settled)
    yield _reference(of)


def read_payment(element: Element, offset: int | None) -> Payment:
    return Payment(
        element.said("OrgnlUETR"),
        element.said("OrgnlEndToEndId"),
        element.said("OrgnlTxId"),
        element.said("OrgnlInstrId"),
        element.said("OrgnlClrSysRef"),
        element.said("OrgnlGrpInf", "OrgnlMsgId"),
        element.said("OrgnlGrpInf", "OrgnlMsgNmId"),
        read_moment(element.said("OrgnlGrpInf", "OrgnlCreDtTm"), offset),
        read_money(element.first("OrgnlIntrBkSttlmAmt")),
        read_day(element.said("OrgnlIntrBkSttlmDt")),
        read_agent(element.first("OrgnlTxRef", "DbtrAgt")),
        _read_account(element.first("OrgnlTxRef", "DbtrAcct")),
        read_agent(element.first("OrgnlTxRef", "CdtrAgt")),
        _read_account(element.first("OrgnlTxRef", "CdtrAcct")),
    )


def require_named(of: Payment) -> None:
    """Malformed where nothing tells which payment is meant."""
    if not (of.uetr or of.end_to_end or of.transaction or of.instruction or of.clearing_ref):
        raise Malformed(
            CODE,
            "No reference says which payment is meant",
            do="Give the UETR, or an identification of the original instruction or transaction",
        )


def _group(of: Payment) -> Element | None:
    if not (of.message or of.message_name or of.created is not None):
        return None
    name = Element("OrgnlMsgNmId", of.message_name)
    at = moment("OrgnlCreDtTm", of.created)
    return _element("OrgnlGrpInf", Element("OrgnlMsgId", of.message), name, at)


def _reference(of: Payment) -> Element | None:
    found = _element(
        "OrgnlTxRef",
        _account("DbtrAcct", of.debtor_account),
        agent("DbtrAgt", of.debtor_agent),
        agent("CdtrAgt", of.creditor_agent),
        _account("CdtrAcct", of.creditor_account),
    )
    return found if found.children else None


def _account(name: str, of: Account | None) -> Element | None:
    if of is None:
        return None
    number = _element("Othr", Element("Id", of.number))
    id = _element("Id", Element("IBAN", of.iban) if of.iban else number)
    return _element(name, id, leaf("Nm", of.name))


def _read_account(element: Element | None) -> Account | None:
    if element is None:
        return None
    return Account(element.said("Id", "IBAN"), element.said("Id", "Othr", "Id"), element.said("Nm"))


# --- reasons ------------------------------------------------------------------------------------


def reason(name: str, code: str, lines: Iterable[str]) -> Element:
    """A reason: a code of four letters is one of the standard's lists, any other is proprietary."""
    kind = "Cd" if re.fullmatch(TEXTS["Code4"], code) else "Prtry"
    told = (Element("AddtlInf", line) for line in lines)
    return _element(name, _element("Rsn", Element(kind, code)) if code else None, *told)


def read_reason(element: Element, name: str) -> str:
    """The code of the first reason, of whichever list; empty where none is given."""
    found = element.first(name, "Rsn")
    return found.children[0].text if found is not None else ""


def left_over(body: Element, *path: str, reason: str, case: str = "") -> Iterator[str]:
    """Places of second reasons, and of a case of the message where its payments have their own."""
    payments = [body]
    for name in path:
        payments = [each for element in payments for each in element.every(name)]
    if case and body.first(case) and any(each.first(case) for each in payments):
        yield f"Document/{body.name}/{case}"
    for each in payments:
        if sum(found.first("Rsn") is not None for found in each.every(reason)) > 1:
            yield "/".join(("Document", body.name, *path, reason))


# --- what must add up ---------------------------------------------------------------------------


def require_count(stated: str, count: int) -> None:
    if stated and int(stated) != count:
        raise Malformed(CODE, f"The message states {stated} payments and has {count}")


def require_money(element: Element, name: str) -> Money:
    """An amount that the shape has."""
    found = read_money(element.first(name))
    assert found is not None
    return found


def _element(name: str, *children: Element | None) -> Element:
    return Element(name, children=tuple(each for each in children if each is not None))
