"""pacs.004.001.09, PaymentReturn: money that comes back, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element
from hueandcry.core.formats.iso20022 import lines, parts
from hueandcry.core.formats.iso20022.records import Money, Return, ReturnMessage

NAME: Final = "pacs.004.001.09"
#: A whole group is never returned: each payment is named (`TxInf` at least once).
SHAPES: Final = parts.shapes("""
Document = PmtRtr:Message
Message = GrpHdr:Header OrgnlGrpInf:_? TxInf:Returned+ SplmtryData:_*
Header = MsgId:Max35 CreDtTm:DateTime Authstn:_* BtchBookg:_? NbOfTxs:Count CtrlSum:_? GrpRtr:_? \
TtlRtrdIntrBkSttlmAmt:Amount? IntrBkSttlmDt:Date? SttlmInf:Settlement InstgAgt:Agent? \
InstdAgt:Agent?
Settlement = SttlmMtd:Method SttlmAcct:_? ClrSys:_? InstgRmbrsmntAgt:_? InstgRmbrsmntAgtAcct:_? \
InstdRmbrsmntAgt:_? InstdRmbrsmntAgtAcct:_? ThrdRmbrsmntAgt:_? ThrdRmbrsmntAgtAcct:_?
Returned = RtrId:Max35? OrgnlGrpInf:Group? OrgnlInstrId:Max35? OrgnlEndToEndId:Max35? \
OrgnlTxId:Max35? OrgnlUETR:UETR? OrgnlClrSysRef:Max35? OrgnlIntrBkSttlmAmt:Amount? \
OrgnlIntrBkSttlmDt:Date? RtrdIntrBkSttlmAmt:Amount IntrBkSttlmDt:Date? SttlmPrty:_? \
SttlmTmIndctn:_? RtrdInstdAmt:_? XchgRate:_? CompstnAmt:_? ChrgBr:_? ChrgsInf:_* ClrSysRef:_? \
InstgAgt:_? InstdAgt:_? RtrChain:_? RtrRsnInf:Reason* OrgnlTxRef:Reference? SplmtryData:_*
""")


def write_return(message: ReturnMessage) -> bytes:
    """The message as XML; Malformed where the sums do not fit, or a value has no room in it."""
    for each in message.returns:
        _require_no_more(each)
    header = SHAPES.element(
        "GrpHdr",
        "Header",
        [
            Element("MsgId", message.id),
            parts.moment("CreDtTm", message.at),
            Element("NbOfTxs", str(len(message.returns))),
            parts.money("TtlRtrdIntrBkSttlmAmt", _total(message.returns)),
            Element("SttlmInf", children=(Element("SttlmMtd", message.settlement),)),
            parts.agent("InstgAgt", message.sender),
            parts.agent("InstdAgt", message.receiver),
        ],
    )
    returns = [_return(each) for each in message.returns]
    return parts.closed(NAME, SHAPES, SHAPES.element("PmtRtr", "Message", [header, *returns]))


def read_return(data: bytes, offset: int | None = None) -> ReturnMessage:
    """What a message says; `offset`: minutes east of UTC of times that name no zone."""
    body, unread = parts.opened(data, NAME, SHAPES)
    at = parts.read_moment(body.said("GrpHdr", "CreDtTm"), offset)
    assert at is not None  # the shape has it
    on = parts.read_day(body.said("GrpHdr", "IntrBkSttlmDt"))
    returns = tuple(_read(each, offset, on) for each in body.every("TxInf"))
    _check_sums(body.children[0], returns)
    return ReturnMessage(
        body.said("GrpHdr", "MsgId"),
        at,
        body.said("GrpHdr", "SttlmInf", "SttlmMtd"),
        returns,
        parts.read_agent(body.first("GrpHdr", "InstgAgt")),
        parts.read_agent(body.first("GrpHdr", "InstdAgt")),
        (*unread, *parts.left_over(body, "TxInf", reason="RtrRsnInf")),
    )


def _return(each: Return) -> Element:
    parts.require_named(each.payment)
    named = [
        parts.leaf("RtrId", each.id),
        parts.money("RtrdIntrBkSttlmAmt", each.money),
        parts.day("IntrBkSttlmDt", each.on),
        parts.reason("RtrRsnInf", each.reason, each.notes),
    ]
    return SHAPES.element("TxInf", "Returned", [*named, *parts.payment(each.payment)])


def _read(element: Element, offset: int | None, settled: date | None) -> Return:
    found = Return(
        parts.read_payment(element, offset),
        parts.require_money(element, "RtrdIntrBkSttlmAmt"),
        element.said("RtrId"),
        parts.read_reason(element, "RtrRsnInf"),
        parts.read_day(element.said("IntrBkSttlmDt")) or settled,
        tuple(lines.added(element)),
    )
    parts.require_named(found.payment)
    _require_no_more(found)
    return found


def _require_no_more(each: Return) -> None:
    """Malformed where more comes back than was paid; other currencies cannot be compared."""
    paid = each.payment.money
    if paid is None or paid.currency != each.money.currency:
        return
    if Decimal(each.money.amount) > Decimal(paid.amount):
        raise Malformed(
            parts.CODE,
            f"{each.money.amount} {each.money.currency} are returned of {paid.amount}",
            why="No more can come back than was paid",
        )


def _total(returns: Iterable[Return]) -> Money | None:
    """The sum of all; None where they are in more than one currency."""
    each = [found.money for found in returns]
    if len({one.currency for one in each}) != 1:
        return None
    return Money(str(sum(Decimal(one.amount) for one in each)), each[0].currency)


def _check_sums(header: Element, returns: tuple[Return, ...]) -> None:
    parts.require_count(header.said("NbOfTxs"), len(returns))
    stated = parts.read_money(header.first("TtlRtrdIntrBkSttlmAmt"))
    total = _total(returns)
    if stated is None or total is None:
        return
    if stated.currency != total.currency or Decimal(stated.amount) != Decimal(total.amount):
        raise Malformed(
            parts.CODE,
            f"The message states a sum of {stated.amount} {stated.currency}, and its returns are "
            f"{total.amount} {total.currency}",
        )
