"""Reports of suspicious transactions: one form, complete, and nothing that a unit would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element, read_xml
from hueandcry.core.formats.goaml import (
    Account,
    Address,
    Client,
    Foreign,
    Person,
    Phone,
    Report,
    Reporter,
    Side,
    Signatory,
    Transaction,
    write_report,
)
from hueandcry.core.formats.goaml.writing import SHAPES
from payments_made import NOW, text

GOLDEN = Path(__file__).parent / "golden" / "goaml_v1.xml"
BANGKOK = 7 * 60

PHONE = Phone("1", "M", "66", "812345678")
ADDRESS = Address("2", "1 Test Road", "Bangkok", "TH", zip="10200")
OWNER = Person(
    *("Somchai", "Test", date(1990, 2, 28), "1234567890123", "TH", "TH"), (PHONE,), "student"
)
CLIENT = Client("C-77", "A", date(2026, 11, 1), "A", (Signatory(OWNER, "A", primary=True),))
MULE = Account(
    "Bank of Tests",
    "0123456789",
    swift="BKKBTHBK",
    branch="Head office",
    currency="THB",
    name="SOMCHAI TEST",
    client=CLIENT,
)
VICTIM = Account("Other Bank", "9876543210", swift="BFTVVNVX")
MOVED = Transaction(
    "TX-1",
    NOW,
    "internet banking",
    "A victim's payment that left again within four minutes",
    "E",
    "50000.00",
    Side("K", "VN", VICTIM, foreign=Foreign("VND", "37500000", "0.00133")),
    Side("K", "TH", MULE),
    value_at=NOW,
)
REPORT = Report(
    1017,
    "Head office",
    NOW,
    "THB",
    Reporter("Malee", "Duty", occupation="compliance officer", phones=(PHONE,)),
    ADDRESS,
    "Account used to pass on the proceeds of investment fraud; case HC-2026-0001",
    "12000.00 held provisionally on 29 November 2026",
    (MOVED,),
    ("FRAUD", "MULE"),
    reference="STR-2026-5",
)


def read(report: Report, offset: int = 0) -> Element:
    namespace, root = read_xml(write_report(report, offset))
    assert namespace == ""
    return root


def test_a_report_comes_out_byte_for_byte() -> None:
    assert write_report(REPORT, BANGKOK) == GOLDEN.read_bytes()


@given(text(255), text(8_000), text(255), st.lists(text(100), min_size=1, max_size=3), text(30))
def test_every_value_stands_where_a_unit_looks_for_it(
    branch: str, reason: str, reference: str, numbers: list[str], client: str
) -> None:
    target = replace(MULE, client=replace(CLIENT, number=client))
    moved = replace(MOVED, target=replace(MOVED.target, account=target))
    many = tuple(replace(moved, number=number) for number in numbers)
    report = replace(REPORT, branch=branch, reason=reason, reference=reference, transactions=many)
    root = read(report)
    assert SHAPES.check(root, "Report") == ()
    said = [root.said(name) for name in ("rentity_branch", "reason", "entity_reference")]
    assert said == [branch, reason, reference]
    found = list(root.every("transaction"))
    assert [each.said("transactionnumber") for each in found] == numbers
    clients = {each.said("t_to_my_client", "to_account", "client_number") for each in found}
    assert clients == {client}


def test_times_are_those_of_the_unit_s_clock() -> None:
    utc, there = read(REPORT), read(REPORT, BANGKOK)
    assert utc.said("submission_date") == "2026-11-29T02:45:35"
    assert there.said("submission_date") == "2026-11-29T09:45:35"
    assert there.said("transaction", "date_transaction") == "2026-11-29T09:45:35"


def test_what_is_not_said_has_no_element() -> None:
    root = read(replace(REPORT, reference=""))
    assert root.first("entity_reference") is None
    assert root.first("transaction", "internal_ref_number") is None


def moved(**changed: Any) -> Report:
    return replace(REPORT, transactions=(replace(MOVED, **changed),))


def to_account(**changed: Any) -> Report:
    return moved(target=replace(MOVED.target, account=replace(MULE, **changed)))


def client(**changed: Any) -> Report:
    return to_account(client=replace(CLIENT, **changed))


@pytest.mark.parametrize(
    ("report", "why"),
    [
        (replace(REPORT, entity=0), "rentity_id is '0', and must be Number"),
        (replace(REPORT, branch=""), "rentity_branch is ''"),
        (replace(REPORT, code="a report"), "report_code"),
        (replace(REPORT, reason=""), "report/reason"),
        (replace(REPORT, reason="x" * 8_001), "must be Comments"),
        (replace(REPORT, transactions=()), "report/transaction is missing"),
        (replace(REPORT, indicators=()), "report_indicators/indicator is missing"),
        (replace(REPORT, currency="baht"), "currency_code_local"),
        (replace(REPORT, location=replace(ADDRESS, country="Thailand")), "country_code"),
        (replace(REPORT, submitted=-7_000_000_000_000_000), "submission_date is '1748-"),
        (replace(REPORT, reporter=Reporter("A", "B", emails=("a@b.example",) * 6)), "takes five"),
        (moved(amount="-5"), "amount_local is '-5'"),
        (moved(amount="1,5"), "amount_local"),
        (moved(mode=""), "transmode_code"),
        (moved(source=replace(MOVED.source, foreign=Foreign("THB", "1", "1"))), "not a foreign"),
        (to_account(swift=""), "by BIC or by code"),
        (to_account(institution_code="17"), "by BIC or by code"),
        (to_account(branch=""), "t_to_my_client/to_account/branch is missing"),
        (to_account(name=""), "account_name is missing"),
        (client(signatories=()), "signatory is missing"),
        (client(balance="5.00"), "with its time"),
        (
            client(signatories=(Signatory(replace(OWNER, phones=()), "A"),)),
            "t_person/phones is missing",
        ),
    ],
)
def test_a_report_that_a_unit_would_refuse_is_not_written(report: Report, why: str) -> None:
    with pytest.raises(Malformed, match=why) as refused:
        write_report(report, 0)
    assert refused.value.code == "goaml"


def test_an_account_elsewhere_needs_no_more_than_is_known_of_it() -> None:
    root = read(to_account(client=None, branch="", name="", currency=""))
    names = [each.name for each in root.first("transaction", "t_to", "to_account").children]  # type: ignore[union-attr]
    assert names == ["institution_name", "swift", "account"]
