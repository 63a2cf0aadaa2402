"""camt.056.001.08, FIToFIPaymentCancellationRequest: payments that are asked back."""

from __future__ import annotations

from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element
from hueandcry.core.formats.iso20022 import lines, parts
from hueandcry.core.formats.iso20022.records import Recall, RecallMessage

NAME: Final = "camt.056.001.08"
#: A whole group is never asked back: each payment is named (`TxInf` at least once).
SHAPES: Final = parts.shapes("""
Document = FIToFIPmtCxlReq:Request
Request = Assgnmt:Assignment Case:Case? CtrlData:Control? Undrlyg:Underlying+ SplmtryData:_*
Control = NbOfTxs:Count CtrlSum:_?
Underlying = OrgnlGrpInfAndCxl:_? TxInf:Recalled+
Recalled = CxlId:Max35? Case:Case? OrgnlGrpInf:Group? OrgnlInstrId:Max35? OrgnlEndToEndId:Max35? \
OrgnlTxId:Max35? OrgnlUETR:UETR? OrgnlClrSysRef:Max35? OrgnlIntrBkSttlmAmt:Amount? \
OrgnlIntrBkSttlmDt:Date? Assgnr:_? Assgne:_? CxlRsnInf:Reason* OrgnlTxRef:Reference? SplmtryData:_*
""")
#: Lines of our own in a reason.
_WORDS: Final = ("VALT", "FRTP", "CMPL")


def write_recall(message: RecallMessage) -> bytes:
    """The message as XML; Malformed names the place of a value that has no room in it."""
    if not message.recalls:
        raise Malformed(parts.CODE, "No payment is asked back")
    count = Element("NbOfTxs", str(len(message.recalls)))
    underlying = Element("Undrlyg", children=tuple(_recall(each) for each in message.recalls))
    body = SHAPES.element(
        "FIToFIPmtCxlReq",
        "Request",
        [parts.envelope(message.envelope), Element("CtrlData", children=(count,)), underlying],
    )
    return parts.closed(NAME, SHAPES, body)


def read_recall(data: bytes, offset: int | None = None) -> RecallMessage:
    """What a message says; `offset`: minutes east of UTC of times that name no zone."""
    body, unread = parts.opened(data, NAME, SHAPES)
    recalls = tuple(
        _read(each, body, offset)
        for underlying in body.every("Undrlyg")
        for each in underlying.every("TxInf")
    )
    parts.require_count(body.said("CtrlData", "NbOfTxs"), len(recalls))
    more = parts.left_over(body, "Undrlyg", "TxInf", reason="CxlRsnInf", case="Case")
    return RecallMessage(parts.read_envelope(body, offset), recalls, (*unread, *more))


def _recall(each: Recall) -> Element:
    parts.require_named(each.payment)
    said = lines.instant(each.value_time), each.fraud, each.complaint
    told = lines.written(dict(zip(_WORDS, said, strict=True)), each.notes)
    reason = parts.reason("CxlRsnInf", each.reason, told)
    named = [parts.leaf("CxlId", each.id), parts.case("Case", each.case), reason]
    return SHAPES.element("TxInf", "Recalled", [*named, *parts.payment(each.payment)])


def _read(element: Element, body: Element, offset: int | None) -> Recall:
    payment = parts.read_payment(element, offset)
    parts.require_named(payment)
    said, notes = lines.split(lines.added(element), _WORDS)
    return Recall(
        payment,
        element.said("CxlId"),
        parts.read_case(element.first("Case"), body.first("Case")),
        parts.read_reason(element, "CxlRsnInf"),
        lines.read_instant(said.get("VALT", "")),
        said.get("FRTP", ""),
        said.get("CMPL", ""),
        notes,
    )
