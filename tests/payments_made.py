"""Recalls, answers and returns for tests: worked ones, and ones of every form."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from hueandcry.core.formats.iso20022 import (
    Account,
    Agent,
    Answer,
    AnswerMessage,
    Case,
    Envelope,
    Money,
    Organisation,
    Outcome,
    Payment,
    Recall,
    RecallMessage,
    Return,
    ReturnMessage,
)
from hueandcry.core.times import read_time
from hueandcry.core.types import SECOND

NOW = read_time("2026-11-29T02:45:35.000000Z")
BANK, OTHER = Agent(bic="BKKBTHBK"), Agent(bic="BFTVVNVX")
CENTRE = Organisation("Anti-Scam Centre of Tests", lei="5493001KJTIIGC8Y1R12")
PAYMENT = Payment(
    uetr="8a562c67-ca16-48ba-b074-65581be6f001",
    end_to_end="INVOICE-7",
    message="BKKB-20261129-17",
    message_name="pacs.008.001.08",
    created=NOW - 600 * SECOND,
    money=Money("50000.00", "THB"),
    settled=date(2026, 11, 29),
    debtor_agent=BANK,
    creditor_agent=OTHER,
    creditor_account=Account(number="0123456789", name="NGUYEN VAN A"),
)
CASE = Case("HC-2026-0001", CENTRE)
RECALLS = RecallMessage(
    Envelope("RECALL-1", CENTRE, OTHER, NOW),
    (
        Recall(
            PAYMENT,
            "STOP-1",
            CASE,
            value_time=NOW - 599_500_000,
            fraud="investment messenger",
            complaint="TH-2026-99",
            notes=("Victim is still on the telephone.",),
        ),
    ),
)
ANSWERS = AnswerMessage(
    Envelope("ANSWER-1", OTHER, CENTRE, NOW + 60 * SECOND),
    (
        Answer(
            PAYMENT,
            Outcome.PARTLY_HELD,
            "ANSWER-1-1",
            CASE,
            held=Money("12000.00", "THB"),
            until=NOW + 72 * 3_600 * SECOND,
            gone=NOW - 60 * SECOND,
        ),
    ),
)
RETURNS = ReturnMessage(
    "RETURN-1",
    NOW + 3_600 * SECOND,
    "CLRG",
    (
        Return(PAYMENT, Money("7000.00", "THB"), "RETURN-1-1", on=date(2026, 12, 1)),
        Return(PAYMENT, Money("5000.00", "THB"), "RETURN-1-2", on=date(2026, 12, 1)),
    ),
    OTHER,
    BANK,
)

# --- of every form -------------------------------------------------------------------------------

instants = st.integers(0, 4_000_000_000 * SECOND)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
signs = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")


def text(most: int, least: int = 1) -> st.SearchStrategy[str]:
    return st.text(signs, min_size=least, max_size=most)


def notes() -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(text(105).filter(lambda line: line[0] != "/"), max_size=3).map(tuple)


def maybe(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | of


bics = st.sampled_from(["BKKBTHBK", "BFTVVNVXXXX", "1234AB99"])
leis = st.sampled_from(["5493001KJTIIGC8Y1R12", "00000000000000000000"])
ibans = st.sampled_from(["DE89370400440532013000", "GB33BUKB20201555555555", "AA00a"])
uetrs = st.uuids(version=4).map(str)
codes = st.sampled_from(["LEGL", "CUST", "AC04"])
amounts = st.decimals(0, 10**12, places=2).map(lambda number: f"{number:.2f}")
sums = st.builds(Money, amounts, st.sampled_from(["THB", "VND", "EUR"]))
agents = st.builds(Agent, bics, name=maybe(text(140))) | st.builds(
    Agent, st.just(""), text(35), maybe(codes), maybe(leis), maybe(text(140))
)
parties = agents | st.builds(Organisation, maybe(text(140)), maybe(bics), maybe(leis))
cases = st.none() | st.builds(Case, text(35), parties)
accounts = st.none() | st.builds(Account, ibans, name=maybe(text(70)))
accounts |= st.builds(Account, st.just(""), text(34), maybe(text(70)))
payments = st.builds(
    Payment,
    uetrs,
    maybe(text(35)),
    maybe(text(35)),
    maybe(text(35)),
    maybe(text(35)),
    money=st.none() | sums,
    settled=st.none() | days,
    debtor_agent=st.none() | agents,
    debtor_account=accounts,
    creditor_agent=st.none() | agents,
    creditor_account=accounts,
) | st.just(PAYMENT)
envelopes = st.builds(Envelope, text(35), parties, parties, instants)
recalls = st.builds(
    RecallMessage,
    envelopes,
    st.lists(
        st.builds(
            Recall,
            payments,
            maybe(text(35)),
            cases,
            st.just("FRAD") | text(35, 5),
            st.none() | instants,
            maybe(text(99)),
            maybe(text(99)),
            notes(),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
)
plain = [Outcome.PENDING, Outcome.RETURNED, Outcome.PARTLY_RETURNED, Outcome.REFUSED]
answered = st.builds(
    Answer,
    payments,
    st.sampled_from(Outcome),
    maybe(text(35)),
    cases,
    st.just(""),
    st.none() | sums,
    st.none() | instants,
    st.none() | instants,
    st.none() | sums,
    st.none() | days,
    maybe(uetrs),
    notes(),
) | st.builds(
    Answer,
    payments,
    st.sampled_from(plain),
    code=codes | st.sampled_from(["NO-POWER", "NEEDS_DOMESTIC_ORDER"]),
)
answers = st.builds(AnswerMessage, envelopes, st.lists(answered, min_size=1, max_size=3).map(tuple))
