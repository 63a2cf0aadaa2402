"""Signals and sums of money in free text of any script, in time linear in its length."""

from hueandcry.core.extract.found import Amount, Extraction, Found, OpenAccount
from hueandcry.core.extract.masking import Span, personal_spans
from hueandcry.core.extract.reading import MAX_FOUND, MAX_TEXT, extract

__all__ = [
    "MAX_FOUND",
    "MAX_TEXT",
    "Amount",
    "Extraction",
    "Found",
    "OpenAccount",
    "Span",
    "extract",
    "personal_spans",
]
