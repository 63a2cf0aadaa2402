"""Recalls, answers and returns: what is written is read again, what contradicts is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core import formats
from hueandcry.core.errors import HueError, Malformed, TooLarge
from hueandcry.core.formats import iso20022
from hueandcry.core.formats.iso20022 import (
    Account,
    Agent,
    Answer,
    AnswerMessage,
    Case,
    Money,
    Organisation,
    Outcome,
    RecallMessage,
    Return,
    ReturnMessage,
    confirmation,
    form_of,
    place,
    read_answer,
    read_recall,
    read_return,
    recall_of,
    write_answer,
    write_recall,
    write_return,
)
from hueandcry.core.law import LAW, missing
from hueandcry.core.types import MINUTE
from payments_made import (
    ANSWERS,
    NOW,
    PAYMENT,
    RECALLS,
    RETURNS,
    answers,
    days,
    instants,
    payments,
    recalls,
    sums,
    text,
)

GOLDEN = Path(__file__).parent / "golden"
Written = tuple[str, Any, Callable[[Any], bytes], Callable[[bytes], Any]]
MESSAGES: list[Written] = [
    ("camt056_v1.xml", RECALLS, write_recall, read_recall),
    ("camt029_v1.xml", ANSWERS, write_answer, read_answer),
    ("pacs004_v1.xml", RETURNS, write_return, read_return),
]


def changed(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda each: str(each[0]))
def test_a_message_comes_out_byte_for_byte_and_is_read_again(message: Written) -> None:
    name, values, write, read = message
    golden = (GOLDEN / name).read_bytes()
    assert write(values) == golden
    assert read(golden) == values


@given(recalls)
def test_a_recall_comes_back_with_all_that_it_says(message: RecallMessage) -> None:
    assert read_recall(write_recall(message)) == message


@given(answers)
def test_an_answer_comes_back_with_all_that_it_says(message: AnswerMessage) -> None:
    assert read_answer(write_answer(message)) == message


@given(st.lists(st.tuples(payments, sums, days), min_size=1, max_size=4), instants, text(35))
def test_a_return_comes_back_with_all_that_it_says(
    given: list[tuple[Any, Money, Any]], at: int, id: str
) -> None:
    returns = tuple(Return(replace(p, money=None), money, on=day) for p, money, day in given)
    message = ReturnMessage(id, at, "CLRG", returns)
    assert read_return(write_return(message)) == message


# --- what a bank may send ------------------------------------------------------------------------


def test_what_is_not_read_of_a_message_is_named_by_its_place() -> None:
    more = "<Purp><Cd>GDDS</Cd></Purp></OrgnlTxRef><SplmtryData><Envlp><x:y xmlns:x='urn:x'/>"
    data = changed(write_recall(RECALLS), "</OrgnlTxRef>", f"{more}</Envlp></SplmtryData>")
    found = read_recall(data)
    at = "Document/FIToFIPmtCxlReq/Undrlyg/TxInf/"
    assert found.unread == (f"{at}OrgnlTxRef/Purp", f"{at}SplmtryData")
    assert replace(found, unread=()) == RECALLS


def test_a_second_reason_and_a_second_case_are_named_as_unread() -> None:
    second = "</CxlRsnInf><CxlRsnInf><Rsn><Cd>DUPL</Cd></Rsn><AddtlInf>twice</AddtlInf></CxlRsnInf>"
    data = changed(write_recall(RECALLS), "</CxlRsnInf>", second)
    case = "<Case><Id>OTHER</Id><Cretr><Pty/></Cretr></Case><CtrlData>"
    found = read_recall(changed(data, "<CtrlData>", case))
    at = "Document/FIToFIPmtCxlReq/"
    assert found.unread == (f"{at}Case", f"{at}Undrlyg/TxInf/CxlRsnInf")
    assert (found.recalls[0].reason, found.recalls[0].notes[-1]) == ("FRAD", "twice")
    assert found.recalls[0].case == RECALLS.recalls[0].case


def test_the_case_of_a_message_is_that_of_its_payments_where_they_name_none() -> None:
    plain = replace(RECALLS, recalls=(replace(RECALLS.recalls[0], case=None),))
    case = "<Case><Id>OTHER</Id><Cretr><Pty/></Cretr></Case><CtrlData>"
    found = read_recall(changed(write_recall(plain), "<CtrlData>", case))
    assert found.recalls[0].case == Case("OTHER", Organisation()) and found.unread == ()


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<CxlId>STOP-1</CxlId>", "<CxlId>S</CxlId><CxlId>T</CxlId>", "CxlId stands 2 times"),
        ("<CxlId>STOP-1</CxlId>", f"<CxlId>{'S' * 36}</CxlId>", "CxlId is .* must be Max35"),
        ("<CxlId>STOP-1</CxlId>", "<CxlId><a/></CxlId>", "CxlId holds elements"),
        ("<CxlId>STOP-1</CxlId>", "<CxlId x='y'>S</CxlId>", "CxlId must have no attribute"),
        ("<CxlId>STOP-1</CxlId>", "<Given>1</Given>", "Given does not belong there"),
        ("<CxlId>STOP-1</CxlId>", "<OrgnlTxId>1</OrgnlTxId>", "Case must stand before OrgnlTxId"),
        ("<NbOfTxs>1<", "<NbOfTxs>2<", "states 2 payments and has 1"),
        ("-ca16-48ba-", "-ca16-18ba-", "OrgnlUETR is"),
        ('Ccy="THB"', "", "must have the attribute Ccy"),
        ('Ccy="THB"', 'Ccy="baht"', "attribute Ccy that is no Currency"),
        (">50000.00<", ">-50000.00<", "must be Amount"),
        (">50000.00<", ">5e4<", "must be Amount"),
        (">50000.00<", ">1234567890123456.789<", "must be Amount"),
        (">2026-11-29<", ">2026-02-30<", "not a day of the calendar"),
        (">BFTVVNVX<", ">bftv<", "BICFI is"),
        ("camt.056.001.08", "camt.056.001.12", "and not camt.056.001.08"),
        ("<FIToFIPmtCxlReq>", "<FIToFIPmtCxlReq>text", "text beside elements"),
        ("<?xml", "<!DOCTYPE Document><?xml", "cannot be read"),
    ],
)
def test_a_message_that_does_not_fit_is_refused_with_its_place(
    old: str, new: str, why: str
) -> None:
    with pytest.raises(Malformed, match=why):
        read_recall(changed(write_recall(RECALLS), old, new))


def test_a_party_is_one_of_two() -> None:
    data = write_recall(RECALLS)
    with pytest.raises(Malformed, match="Assgne must hold one element, Pty or Agt"):
        read_recall(changed(data, "<Assgne>", "<Assgne><Pty/>"))


def test_a_message_has_a_bound() -> None:
    with pytest.raises(TooLarge):
        read_recall(b" " * formats.MAX_DOCUMENT)


def test_a_payment_that_nothing_names_is_neither_asked_back_nor_answered_for() -> None:
    unnamed = replace(PAYMENT, uetr="", end_to_end="")
    with pytest.raises(Malformed, match="No reference says which payment"):
        write_recall(replace(RECALLS, recalls=(replace(RECALLS.recalls[0], payment=unnamed),)))
    with pytest.raises(Malformed, match="No reference says which payment"):
        write_answer(replace(ANSWERS, answers=(Answer(unnamed, Outcome.PENDING),)))
    with pytest.raises(Malformed, match="No reference says which payment"):
        write_return(replace(RETURNS, returns=(Return(unnamed, Money("1", "THB")),)))
    data = write_recall(RECALLS).replace(b"OrgnlEndToEndId", b"OrgnlTxId")
    assert read_recall(data).recalls[0].payment.transaction == "INVOICE-7"


def test_a_time_without_a_zone_is_read_only_where_its_sender_s_is_known() -> None:
    data = changed(write_recall(RECALLS), "02:45:35+00:00", "09:45:35")
    with pytest.raises(Malformed, match="names no zone"):
        read_recall(data)
    assert read_recall(data, offset=7 * 60).envelope.at == NOW
    assert read_recall(data, offset=0).envelope.at == NOW + 7 * 60 * MINUTE


def test_an_amount_has_one_spelling_of_its_whole_part() -> None:
    data = changed(write_recall(RECALLS), ">50000.00<", ">0050000.00<")
    assert read_recall(data) == RECALLS


@given(st.sampled_from(MESSAGES), st.integers(0, 4_000), st.integers(0, 40), st.binary(max_size=9))
def test_a_broken_message_is_refused_or_read_and_never_falls(
    message: Written, at: int, gone: int, put: bytes
) -> None:
    _, values, write, read = message
    data = write(values)
    try:
        found = read(data[:at] + put + data[at + gone :])
    except HueError:
        return
    assert type(found) is type(values)


# --- what becomes of it --------------------------------------------------------------------------


def answer_of(status: str, reason: str) -> Answer:
    """What is read of a bank's answer that knows nothing of our lines."""
    data = write_answer(replace(ANSWERS, answers=(Answer(PAYMENT, Outcome.PENDING),)))
    whole = changed(data, "<Conf>PDCR<", "<Conf>INFO<")
    plain = changed(whole, "<TxCxlSts>PDCR<", f"<TxCxlSts>{status}<")
    (found,) = read_answer(changed(plain, "<AddtlInf>/OUTC/pending</AddtlInf>", reason)).answers
    return found


@pytest.mark.parametrize(
    ("status", "reason", "outcome", "code"),
    [
        ("ACCR", "", Outcome.RETURNED, ""),
        ("PDCR", "<Rsn><Cd>PTNA</Cd></Rsn>", Outcome.PENDING, "PTNA"),
        ("RJCR", "<Rsn><Cd>AM04</Cd></Rsn>", Outcome.NO_FUNDS, ""),
        ("RJCR", "<Rsn><Cd>LEGL</Cd></Rsn>", Outcome.REFUSED, "LEGL"),
        ("RJCR", "<Rsn><Prtry>X</Prtry></Rsn>", Outcome.REFUSED, "X"),
    ],
)
def test_an_answer_of_a_bank_is_understood_by_the_codes_of_the_standard(
    status: str, reason: str, outcome: Outcome, code: str
) -> None:
    found = answer_of(status, reason)
    assert (found.outcome, found.code) == (outcome, code)


def test_an_answer_that_says_two_things_is_refused() -> None:
    with pytest.raises(Malformed, match="says ACCR, and in its own line that it is held"):
        answer_of("ACCR", "<AddtlInf>/OUTC/held</AddtlInf>")
    with pytest.raises(Malformed, match="has its own reason"):
        write_answer(replace(ANSWERS, answers=(Answer(PAYMENT, Outcome.HELD, code="LEGL"),)))


@pytest.mark.parametrize("stated", ["CNCL", "RJCR", "PECR"])
def test_a_status_of_the_message_that_contradicts_its_payments_is_refused(stated: str) -> None:
    data = changed(write_answer(ANSWERS), "<Conf>PDCR<", f"<Conf>{stated}<")
    with pytest.raises(Malformed, match=f"says {stated} as a whole, and of its payments PDCR"):
        read_answer(data)


def test_a_line_that_an_answer_does_not_have_is_a_note_there() -> None:
    answer = replace(ANSWERS.answers[0], notes=("/CMPL/TH-2026-99",))
    message = replace(ANSWERS, answers=(answer,))
    assert read_answer(write_answer(message)) == message


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ([Outcome.RETURNED], "CNCL"),
        ([Outcome.NO_FUNDS, Outcome.REFUSED], "RJCR"),
        ([Outcome.RETURNED, Outcome.TOO_LATE], "PECR"),
        ([Outcome.PARTLY_RETURNED], "PECR"),
        ([Outcome.PARTLY_RETURNED, Outcome.HELD], "PDCR"),
        ([Outcome.HELD], "PDCR"),
    ],
)
def test_the_status_of_a_message_is_that_of_all_its_payments(
    outcomes: list[Outcome], status: str
) -> None:
    assert confirmation([Answer(PAYMENT, each) for each in outcomes]) == status


def test_a_line_of_ours_in_another_form_is_a_note_and_none_can_be_written_as_a_note() -> None:
    for line in ("/VALT/yesterday", "/VALT/2026-02-30T02:35:35.500000Z"):
        data = changed(write_recall(RECALLS), "/VALT/2026-11-29T02:35:35.500000Z", line)
        (found,) = read_recall(data).recalls
        assert (found.value_time, found.notes[0]) == (None, line)
    forged = replace(RECALLS.recalls[0], complaint="", notes=("/CMPL/of another",))
    with pytest.raises(Malformed, match="note begins as one of our own lines"):
        write_recall(replace(RECALLS, recalls=(forged,)))


# --- sums ----------------------------------------------------------------------------------------


def test_no_more_comes_back_than_was_paid() -> None:
    over = Return(PAYMENT, Money("50000.01", "THB"))
    with pytest.raises(Malformed, match=r"50000\.01 THB are returned of 50000\.00"):
        write_return(replace(RETURNS, returns=(over,)))
    in_euro = Return(PAYMENT, Money("60000", "EUR"))
    assert read_return(write_return(replace(RETURNS, returns=(in_euro,)))).returns == (in_euro,)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (">12000.00<", ">12000.01<", "states a sum of 12000.01 THB"),
        ("<NbOfTxs>2<", "<NbOfTxs>3<", "states 3 payments and has 2"),
        (">7000.00<", ">70000.00<", "are returned of"),
        ("<SttlmMtd>CLRG<", "<SttlmMtd>CASH<", "must be Method"),
    ],
)
def test_a_return_that_does_not_add_up_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_return(changed(write_return(RETURNS), old, new))


def test_the_day_of_settlement_of_all_is_that_of_each_that_names_none() -> None:
    plain = write_return(replace(RETURNS, returns=(replace(RETURNS.returns[0], on=None),)))
    dated = changed(plain, "<SttlmInf>", "<IntrBkSttlmDt>2026-12-01</IntrBkSttlmDt><SttlmInf>")
    assert read_return(dated).returns == RETURNS.returns[:1]


@given(st.lists(sums, min_size=1, max_size=6))
def test_the_sum_of_all_is_stated_where_there_is_one_currency(given: list[Money]) -> None:
    returns = tuple(Return(replace(PAYMENT, money=None), money) for money in given)
    data = write_return(ReturnMessage("R", NOW, "CLRG", returns))
    single = len({money.currency for money in given}) == 1
    total = sum(Decimal(money.amount) for money in given)
    assert (b"TtlRtrdIntrBkSttlmAmt" in data) == single
    assert not single or f">{total}<".encode() in data


@pytest.mark.parametrize(
    "money", [("-1", "THB"), ("1e3", "THB"), ("0.123456", "THB"), ("1", "usdt"), ("", "THB")]
)
def test_what_no_bank_can_carry_is_no_amount(money: tuple[str, str]) -> None:
    with pytest.raises(Malformed, match="is no amount of a currency"):
        Money(*money)


# --- the form of a request -----------------------------------------------------------------------

FORM = {
    "victim_institution": "BKKBTHBK",
    "beneficiary_institution": "BFTVVNVX",
    "account": "BFTVVNVX:0123456789",
    "amount": "50000.00",
    "currency": "THB",
    "value_time": "2026-11-29T02:35:35.500000Z",
    "payment_reference": "8a562c67-ca16-48ba-b074-65581be6f001",
    "fraud_type": "investment messenger",
    "liability_statement": "the asking side answers for it",
    "complaint_ref": "TH-2026-99",
}


def test_a_form_becomes_a_recall_and_the_recall_the_same_form() -> None:
    recall = recall_of(FORM, id="STOP-1")
    found = read_recall(write_recall(replace(RECALLS, recalls=(recall,))))
    assert form_of(found.recalls[0]) == {
        name: text for name, text in FORM.items() if name != "liability_statement"
    }


def test_what_a_recall_lacks_of_a_form_is_what_the_law_says_is_missing() -> None:
    form = {**dict.fromkeys(LAW.always, "given"), **form_of(RECALLS.recalls[0])}
    lacking = {fault.field for fault in missing(LAW, "STOP_PAYMENT", form)}
    assert lacking == {"liability_statement"}


def test_a_reference_that_is_no_uetr_is_the_one_from_end_to_end() -> None:
    recall = recall_of({**FORM, "payment_reference": "INVOICE-7"}, id="")
    assert (recall.payment.uetr, recall.payment.end_to_end) == ("", "INVOICE-7")


@pytest.mark.parametrize(
    ("text", "agent", "account"),
    [
        ("DE89 3704 0044 0532 0130 00", None, Account(iban="DE89370400440532013000")),
        (
            "DE89370400440532013000 COBADEFFXXX",
            Agent(bic="COBADEFFXXX"),
            Account(iban="DE89370400440532013000"),
        ),
        ("BFTVVNVX:0123456789", Agent(bic="BFTVVNVX"), Account(number="0123456789")),
        ("970436:0123456789", Agent(member="970436"), Account(number="0123456789")),
    ],
)
def test_accounts_are_placed_as_people_write_them(
    text: str, agent: Agent | None, account: Account
) -> None:
    assert place(text) == (agent, account)


@pytest.mark.parametrize(
    "text", ["0x52908400098527886E0F7030069857D2E4169EE7", "DE89370400440532013001", "0123456789"]
)
def test_a_wallet_or_an_account_without_a_bank_has_no_room_in_the_messages(text: str) -> None:
    with pytest.raises(Malformed, match="is no account at a bank"):
        recall_of({**FORM, "account": text}, id="")


def test_the_package_gives_what_it_lists() -> None:
    assert all(hasattr(iso20022, name) for name in iso20022.__all__)
