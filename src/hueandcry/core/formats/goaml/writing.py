"""A report of suspicious transactions as goAML XML, of the forms that schemas 4 and 5 share.

Where schema 5 has a new name beside an old one (`report_date`, `related_persons`, `account_type`),
the old one is written: units on either schema read it. What a schema demands of an account at the
reporting entity itself (`…_my_client`) is demanded here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.elements import Element, write_xml
from hueandcry.core.formats.goaml.records import (
    Account,
    Address,
    Client,
    Person,
    Phone,
    Report,
    Reporter,
    Side,
    Transaction,
)
from hueandcry.core.formats.shapes import Shapes
from hueandcry.core.times import time_text
from hueandcry.core.types import MINUTE, Micros

CODE: Final = "goaml"
_SIDES: Final = """
{Side}Client = {side}_funds_code:Code {side}_funds_comment:Max255? \
{side}_foreign_currency:Foreign? {side}_account:OwnAccount {side}_country:Country
{Side} = {side}_funds_code:Code {side}_funds_comment:Max255? \
{side}_foreign_currency:Foreign? {side}_account:Account {side}_country:Country
"""
#: What we write of the schema, in its order; what it allows beside is left out.
SHAPES: Final = Shapes(
    """
Report = rentity_id:Number rentity_branch:Max255 submission_code:Code report_code:Code \
entity_reference:Max255? fiu_ref_number:Max255? submission_date:DateTime \
currency_code_local:Currency reporting_person:Reporter location:Address reason:Comments \
action:Comments transaction:Transaction+ report_indicators:Indicators
Reporter = first_name:Max100 last_name:Max100 id_number:Max255? phones:Phones? email:Max255* \
occupation:Max255?
Address = address_type:Code address:Max100 town:Max255? city:Max255 zip:Max10? \
country_code:Country state:Max255?
Addresses = address:Address+
Phones = phone:Phone+
Phone = tph_contact_type:Code tph_communication_type:Code tph_country_prefix:Max4 tph_number:Max50
Transaction = transactionnumber:Max100 internal_ref_number:Max100? transaction_location:Max255 \
transaction_description:Comments date_transaction:DateTime value_date:DateTime? \
transmode_code:Code transmode_comment:Max50? amount_local:Decimal t_from_my_client:FromClient? \
t_from:From? t_to_my_client:ToClient? t_to:To? comments:Comments?
Foreign = foreign_currency_code:Currency foreign_amount:Decimal foreign_exchange_rate:Decimal
Account = institution_name:Max255 institution_code:Max50? swift:Max11? branch:Max255? \
account:Max255 currency_code:Currency? account_name:Max255? iban:Max34? comments:Comments?
OwnAccount = institution_name:Max255 institution_code:Max50? swift:Max11? branch:Max255 \
account:Max255 currency_code:Currency account_name:Max255 iban:Max34? client_number:Max30 \
personal_account_type:Code signatory:Signatory+ opened:DateTime balance:Decimal? \
date_balance:DateTime? status_code:Code comments:Comments?
Signatory = is_primary:One? t_person:Person role:Code
Person = first_name:Max100 last_name:Max100 birthdate:DateTime ssn:Max25 passport_number:Max255? \
passport_country:Country? nationality1:Country residence:Country phones:Phones \
addresses:Addresses? email:Max255* occupation:Max255
Indicators = indicator:Code+
"""
    + _SIDES.format(Side="From", side="from")
    + _SIDES.format(Side="To", side="to"),
    {
        **{f"Max{n}": rf"[\s\S]{{1,{n}}}" for n in (4, 10, 11, 25, 30, 34, 50, 100, 255)},
        "Comments": r"[\s\S]{1,8000}",
        "Code": r"-|[A-Za-z0-9][A-Za-z0-9_.\-]{0,24}",
        "Country": r"[A-Z]{2}",
        "Currency": r"[A-Z]{3}",
        "Number": r"[1-9][0-9]{0,8}",
        "One": "1",
        "Decimal": r"[0-9]{1,15}(?:\.[0-9]{1,13})?",
        # The schema takes no year before 1753, as the database behind it does.
        "DateTime": r"(?:175[3-9]|17[6-9]\d|1[89]\d\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d",
    },
    code=CODE,
)
MAX_EMAILS: Final = 5
_ELECTRONIC: Final = "E"


def write_report(report: Report, offset: int) -> bytes:
    """The report as XML; Malformed names the place of a value that the schema does not take.

    Times are written in whole seconds as the clock of the unit shows them, `offset` minutes east of
    UTC, and name no zone: that is the form that goAML portals read.
    """
    return write_xml(_Writing(offset).report(report))


class _Writing:
    """The elements of one report, whose times are all told by one clock."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def report(self, of: Report) -> Element:
        indicators = tuple(Element("indicator", code) for code in of.indicators)
        found = SHAPES.element(
            "report",
            "Report",
            [
                Element("rentity_id", str(of.entity)),
                Element("rentity_branch", of.branch),
                Element("submission_code", _ELECTRONIC),
                Element("report_code", of.code),
                _leaf("entity_reference", of.reference),
                _leaf("fiu_ref_number", of.fiu_reference),
                self._moment("submission_date", of.submitted),
                Element("currency_code_local", of.currency),
                _reporter(of.reporter),
                _address("location", of.location),
                Element("reason", of.reason),
                Element("action", of.action),
                *(self._transaction(each, of.currency) for each in of.transactions),
                Element("report_indicators", children=indicators),
            ],
        )
        SHAPES.check(found, "Report")
        return found

    def _transaction(self, of: Transaction, currency: str) -> Element:
        return SHAPES.element(
            "transaction",
            "Transaction",
            [
                Element("transactionnumber", of.number),
                _leaf("internal_ref_number", of.internal_ref),
                Element("transaction_location", of.location),
                Element("transaction_description", of.description),
                self._moment("date_transaction", of.at),
                self._moment("value_date", of.value_at),
                Element("transmode_code", of.mode),
                _leaf("transmode_comment", of.mode_comment),
                Element("amount_local", of.amount),
                self._side("from", of.source, currency),
                self._side("to", of.target, currency),
                _leaf("comments", of.comments),
            ],
        )

    def _side(self, name: str, of: Side, currency: str) -> Element:
        if of.foreign is not None and of.foreign.currency == currency:
            raise Malformed(
                CODE, f"{currency} is the currency of the report, and not a foreign one"
            )
        own = of.account.client is not None
        return SHAPES.element(
            f"t_{name}{'_my_client' if own else ''}",
            f"{name.capitalize()}{'Client' if own else ''}",
            [
                Element(f"{name}_funds_code", of.funds),
                _leaf(f"{name}_funds_comment", of.funds_comment),
                _foreign(f"{name}_foreign_currency", of),
                self._account(f"{name}_account", of.account),
                Element(f"{name}_country", of.country),
            ],
        )

    def _account(self, name: str, of: Account) -> Element:
        if bool(of.swift) == bool(of.institution_code):
            raise Malformed(
                CODE, f"{name} must name its institution by BIC or by code, and not by both"
            )
        plain = [
            Element("institution_name", of.institution),
            _leaf("institution_code", of.institution_code),
            _leaf("swift", of.swift),
            _leaf("branch", of.branch),
            Element("account", of.number),
            _leaf("currency_code", of.currency),
            _leaf("account_name", of.name),
            _leaf("iban", of.iban),
            _leaf("comments", of.comments),
        ]
        if of.client is None:
            return SHAPES.element(name, "Account", plain)
        return SHAPES.element(name, "OwnAccount", [*plain, *self._client(of.client)])

    def _client(self, of: Client) -> Iterable[Element | None]:
        if bool(of.balance) != (of.balance_at is not None):
            raise Malformed(CODE, "A balance is told with its time, and a time with its balance")
        yield Element("client_number", of.number)
        yield Element("personal_account_type", of.account_type)
        for each in of.signatories:
            parts = [_leaf("is_primary", "1" if each.primary else ""), _person(each.person)]
            yield SHAPES.element("signatory", "Signatory", [*parts, Element("role", each.role)])
        yield _day("opened", of.opened)
        yield _leaf("balance", of.balance)
        yield self._moment("date_balance", of.balance_at)
        yield Element("status_code", of.status)

    def _moment(self, name: str, at: Micros | None) -> Element | None:
        if at is None:
            return None
        return Element(name, time_text(at + self._offset * MINUTE)[:19])


def _reporter(of: Reporter) -> Element:
    return SHAPES.element(
        "reporting_person",
        "Reporter",
        [
            Element("first_name", of.first_name),
            Element("last_name", of.last_name),
            _leaf("id_number", of.id_number),
            _phones(of.phones),
            *_emails(of.emails),
            _leaf("occupation", of.occupation),
        ],
    )


def _person(of: Person) -> Element:
    addresses = tuple(_address("address", each) for each in of.addresses)
    return SHAPES.element(
        "t_person",
        "Person",
        [
            Element("first_name", of.first_name),
            Element("last_name", of.last_name),
            _day("birthdate", of.born),
            Element("ssn", of.ssn),
            _leaf("passport_number", of.passport),
            _leaf("passport_country", of.passport_country),
            Element("nationality1", of.nationality),
            Element("residence", of.residence),
            _phones(of.phones),
            Element("addresses", children=addresses) if addresses else None,
            *_emails(of.emails),
            Element("occupation", of.occupation),
        ],
    )


def _address(name: str, of: Address) -> Element:
    return SHAPES.element(
        name,
        "Address",
        [
            Element("address_type", of.kind),
            Element("address", of.street),
            _leaf("town", of.town),
            Element("city", of.city),
            _leaf("zip", of.zip),
            Element("country_code", of.country),
            _leaf("state", of.state),
        ],
    )


def _phones(of: tuple[Phone, ...]) -> Element | None:
    phones = tuple(
        SHAPES.element(
            "phone",
            "Phone",
            [
                Element("tph_contact_type", each.contact),
                Element("tph_communication_type", each.communication),
                Element("tph_country_prefix", each.prefix),
                Element("tph_number", each.number),
            ],
        )
        for each in of
    )
    return Element("phones", children=phones) if phones else None


def _emails(of: tuple[str, ...]) -> Iterable[Element]:
    if len(of) > MAX_EMAILS:
        raise Malformed(CODE, f"A person has {len(of)} e-mail addresses; the schema takes five")
    return (Element("email", each) for each in of)


def _foreign(name: str, of: Side) -> Element | None:
    if of.foreign is None:
        return None
    return SHAPES.element(
        name,
        "Foreign",
        [
            Element("foreign_currency_code", of.foreign.currency),
            Element("foreign_amount", of.foreign.amount),
            Element("foreign_exchange_rate", of.foreign.rate),
        ],
    )


def _day(name: str, on: date) -> Element:
    return Element(name, f"{on.isoformat()}T00:00:00")


def _leaf(name: str, text: str) -> Element | None:
    return Element(name, text) if text else None
