"""Reports of suspicious transactions for a financial intelligence unit, as goAML XML. Pure."""

from hueandcry.core.formats.goaml.records import (
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
)
from hueandcry.core.formats.goaml.writing import write_report

__all__ = [
    "Account",
    "Address",
    "Client",
    "Foreign",
    "Person",
    "Phone",
    "Report",
    "Reporter",
    "Side",
    "Signatory",
    "Transaction",
    "write_report",
]
