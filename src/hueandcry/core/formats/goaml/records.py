"""What a report of suspicious transactions says, as values.

Codes are those of the unit that gets the report: each keeps its own lists, and none is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hueandcry.core.types import Micros


@dataclass(frozen=True, slots=True)
class Address:
    kind: str  #: code of the kind of address
    street: str
    city: str
    country: str  #: ISO 3166 alpha-2
    town: str = ""
    zip: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    contact: str  #: code: private, business…
    communication: str  #: code: mobile, landline…
    prefix: str
    number: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who at the reporting entity answers for the report."""

    first_name: str
    last_name: str
    id_number: str = ""
    phones: tuple[Phone, ...] = ()
    emails: tuple[str, ...] = ()
    occupation: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A client of the reporting entity, as far as the schema demands it."""

    first_name: str
    last_name: str
    born: date
    ssn: str  #: number of the national identity
    nationality: str
    residence: str
    phones: tuple[Phone, ...]
    occupation: str
    passport: str = ""
    passport_country: str = ""
    addresses: tuple[Address, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatory:
    person: Person
    role: str  #: code
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """What the reporting entity knows of an account that it keeps itself."""

    number: str
    account_type: str  #: code
    opened: date
    status: str  #: code
    signatories: tuple[Signatory, ...]
    balance: str = ""
    balance_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account, by its BIC or by the code of its institution, one of the two."""

    institution: str
    number: str
    swift: str = ""
    institution_code: str = ""
    branch: str = ""
    currency: str = ""
    name: str = ""
    iban: str = ""
    client: Client | None = None  #: of an account of the reporting entity's own client
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An amount in another currency than that of the report, and the rate that was used."""

    currency: str
    amount: str
    rate: str


@dataclass(frozen=True, slots=True)
class Side:
    """Where the money of a transaction came from, or went to."""

    funds: str  #: code
    country: str
    account: Account
    funds_comment: str = ""
    foreign: Foreign | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    number: str
    at: Micros
    location: str
    description: str
    mode: str  #: code: how it was carried out
    amount: str  #: in the currency of the report
    source: Side
    target: Side
    internal_ref: str = ""
    mode_comment: str = ""
    value_at: Micros | None = None
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of suspicious transactions to a financial intelligence unit."""

    entity: int  #: number under which the unit knows the reporting entity
    branch: str
    submitted: Micros
    currency: str  #: of the place, ISO 4217
    reporter: Reporter
    location: Address
    reason: str
    action: str  #: what was done: held, watched, closed…
    transactions: tuple[Transaction, ...]
    indicators: tuple[str, ...]  #: codes, at least one
    code: str = "STR"
    reference: str = ""  #: of the reporting entity
    fiu_reference: str = ""
