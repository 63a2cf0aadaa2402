"""camt.029.001.09, ResolutionOfInvestigation: what became of payments that were asked back.

The message knows three answers: accepted, pending, rejected. What a hold is has no code there: it
is *pending*, with a word of ours for the reason, and lines for the amount and the end of the hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element
from hueandcry.core.formats.iso20022 import lines, parts
from hueandcry.core.formats.iso20022.records import Answer, AnswerMessage, Outcome

NAME: Final = "camt.029.001.09"
SHAPES: Final = parts.shapes("""
Document = RsltnOfInvstgtn:Resolution
Resolution = Assgnmt:Assignment RslvdCase:Case? Sts:Status CxlDtls:Details+ ModDtls:_? \
ClmNonRctDtls:_? StmtDtls:_? CrrctnTx:_? RsltnRltdInf:_? SplmtryData:_*
Status = Conf:Code4 | RjctdMod:_ | DplctOf:_ | AssgnmtCxlConf:_
Details = OrgnlGrpInfAndSts:_? OrgnlPmtInfAndSts:_* TxInfAndSts:Answer+
Answer = CxlStsId:Max35? RslvdCase:Case? OrgnlGrpInf:Group? OrgnlInstrId:Max35? \
OrgnlEndToEndId:Max35? OrgnlTxId:Max35? OrgnlClrSysRef:Max35? OrgnlUETR:UETR? \
TxCxlSts:CancellationStatus CxlStsRsnInf:Reason* RsltnRltdInf:Returned? \
OrgnlIntrBkSttlmAmt:Amount? OrgnlIntrBkSttlmDt:Date? Assgnr:_? Assgne:_? OrgnlTxRef:Reference?
Returned = EndToEndId:_? TxId:_? UETR:UETR? IntrBkSttlmAmt:Amount? IntrBkSttlmDt:Date? \
ClrChanl:_? Compstn:_? Chrgs:_*
""")


class _Told(NamedTuple):
    """How an outcome is told: status of the payment, and a reason where one code says it."""

    status: str
    code: str = ""  #: ExternalPaymentCancellationRejection1Code
    own: str = ""  #: a reason of ours, where there is no code


_TOLD: Final = {
    Outcome.HELD: _Told("PDCR", own="HELD"),
    Outcome.PARTLY_HELD: _Told("PDCR", own="PARTLY-HELD"),
    Outcome.MOVED: _Told("PDCR", own="MOVED"),
    Outcome.PENDING: _Told("PDCR"),
    Outcome.RETURNED: _Told("ACCR"),
    Outcome.PARTLY_RETURNED: _Told("ACCR"),
    Outcome.RELEASED: _Told("RJCR", own="RELEASED"),
    Outcome.TOO_LATE: _Told("RJCR", code="AM04"),
    Outcome.NO_FUNDS: _Told("RJCR", code="AM04"),
    Outcome.REFUSED: _Told("RJCR"),
}
#: What is understood where no line of ours says more: status → outcome.
_STANDARD: Final = {
    "ACCR": Outcome.RETURNED,
    "PDCR": Outcome.PENDING,
    "RJCR": Outcome.REFUSED,
}
#: Status of all payments of a message → ExternalInvestigationExecutionConfirmation1Code.
_CONFIRMED: Final = {
    frozenset({"ACCR"}): "CNCL",
    frozenset({"RJCR"}): "RJCR",
    frozenset({"ACCR", "RJCR"}): "PECR",
}
_PENDING: Final = "PDCR"
#: Status of a message → of which status at least one payment is, and whether all are.
_MEANS: Final = {
    "CNCL": ("ACCR", True),
    "RJCR": ("RJCR", True),
    "PECR": ("ACCR", False),
    "PDCR": ("PDCR", False),
}
#: Lines of our own in a reason.
_WORDS: Final = ("OUTC", "HELD", "UNTL", "GONE")


def write_answer(message: AnswerMessage) -> bytes:
    """The message as XML; Malformed names the place of a value that has no room in it."""
    if not message.answers:
        raise Malformed(parts.CODE, "No payment is answered for")
    details = Element("CxlDtls", children=tuple(_answer(each) for each in message.answers))
    status = Element("Sts", children=(Element("Conf", confirmation(message.answers)),))
    assignment = parts.envelope(message.envelope)
    body = SHAPES.element("RsltnOfInvstgtn", "Resolution", [assignment, status, details])
    return parts.closed(NAME, SHAPES, body)


def read_answer(data: bytes, offset: int | None = None) -> AnswerMessage:
    """What a message says; `offset`: minutes east of UTC of times that name no zone.

    The status of each payment counts; one of the whole message that contradicts it is refused.
    """
    body, unread = parts.opened(data, NAME, SHAPES)
    answers = tuple(
        _read(each, body, offset)
        for details in body.every("CxlDtls")
        for each in details.every("TxInfAndSts")
    )
    _check_status(body)
    more = parts.left_over(body, "CxlDtls", "TxInfAndSts", reason="CxlStsRsnInf", case="RslvdCase")
    return AnswerMessage(parts.read_envelope(body, offset), answers, (*unread, *more))


def _check_status(body: Element) -> None:
    stated = body.said("Sts", "Conf")
    status, of_all = _MEANS.get(stated, ("", False))
    found = [e.said("TxCxlSts") for d in body.every("CxlDtls") for e in d.every("TxInfAndSts")]
    if status and (status not in found or (of_all and set(found) != {status})):
        raise Malformed(
            parts.CODE,
            f"The message says {stated} as a whole, and of its payments {', '.join(found)}",
        )


def confirmation(answers: Iterable[Answer]) -> str:
    """The status of a message: all accepted, all rejected, some of each, or any still pending."""
    outcomes = [each.outcome for each in answers]
    if Outcome.PARTLY_RETURNED in outcomes and all(_TOLD[o].status != _PENDING for o in outcomes):
        return "PECR"
    return _CONFIRMED.get(frozenset(_TOLD[each].status for each in outcomes), _PENDING)


def _answer(each: Answer) -> Element:
    parts.require_named(each.payment)
    told = _TOLD[each.outcome]
    times = lines.instant(each.until), lines.instant(each.gone)
    said = dict(zip(_WORDS, (each.outcome.value, lines.amount(each.held), *times), strict=True))
    reason = parts.reason("CxlStsRsnInf", _reason(each), lines.written(said, each.notes))
    named = [
        parts.leaf("CxlStsId", each.id),
        parts.case("RslvdCase", each.case),
        Element("TxCxlSts", told.status),
        reason,
        _returned(each),
    ]
    return SHAPES.element("TxInfAndSts", "Answer", [*named, *parts.payment(each.payment)])


def _reason(each: Answer) -> str:
    """A code of the standard where there is one; else a word of ours."""
    told = _TOLD[each.outcome]
    if (told.code or told.own) and each.code:
        raise Malformed(parts.CODE, f"The outcome {each.outcome} has its own reason, and no other")
    return each.code or told.code or told.own


def _returned(each: Answer) -> Element | None:
    found = SHAPES.element(
        "RsltnRltdInf",
        "Returned",
        [
            parts.leaf("UETR", each.returned_uetr),
            parts.money("IntrBkSttlmAmt", each.returned),
            parts.day("IntrBkSttlmDt", each.returned_on),
        ],
    )
    return found if found.children else None


def _read(element: Element, body: Element, offset: int | None) -> Answer:
    payment = parts.read_payment(element, offset)
    parts.require_named(payment)
    said, notes = lines.split(lines.added(element), _WORDS)
    code = parts.read_reason(element, "CxlStsRsnInf")
    outcome = _outcome(element.said("TxCxlSts"), code, said.get("OUTC", ""))
    return Answer(
        payment,
        outcome,
        element.said("CxlStsId"),
        parts.read_case(element.first("RslvdCase"), body.first("RslvdCase")),
        "" if code in (_TOLD[outcome].code, _TOLD[outcome].own) else code,
        lines.read_amount(said.get("HELD", "")),
        lines.read_instant(said.get("UNTL", "")),
        lines.read_instant(said.get("GONE", "")),
        parts.read_money(element.first("RsltnRltdInf", "IntrBkSttlmAmt")),
        parts.read_day(element.said("RsltnRltdInf", "IntrBkSttlmDt")),
        element.said("RsltnRltdInf", "UETR"),
        notes,
    )


def _outcome(status: str, code: str, own: str) -> Outcome:
    """Our own line where it agrees with the status of the standard, else what that says."""
    if own:
        outcome = Outcome(own)
        if _TOLD[outcome].status != status:
            raise Malformed(
                parts.CODE, f"The answer says {status}, and in its own line that it is {own}"
            )
        return outcome
    if (status, code) == ("RJCR", _TOLD[Outcome.NO_FUNDS].code):
        return Outcome.NO_FUNDS
    return _STANDARD[status]
