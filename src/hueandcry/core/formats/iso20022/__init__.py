"""Recalls of payments, their answers and returns, as banks write them (ISO 20022). Pure."""

from hueandcry.core.formats.iso20022.camt029 import confirmation, read_answer, write_answer
from hueandcry.core.formats.iso20022.camt056 import read_recall, write_recall
from hueandcry.core.formats.iso20022.pacs004 import read_return, write_return
from hueandcry.core.formats.iso20022.records import (
    FOLLOWING,
    FRAUD,
    Account,
    Agent,
    Answer,
    AnswerMessage,
    Case,
    Envelope,
    Money,
    Organisation,
    Outcome,
    Party,
    Payment,
    Recall,
    RecallMessage,
    Return,
    ReturnMessage,
)
from hueandcry.core.formats.iso20022.stopping import form_of, place, recall_of

__all__ = [
    "FOLLOWING",
    "FRAUD",
    "Account",
    "Agent",
    "Answer",
    "AnswerMessage",
    "Case",
    "Envelope",
    "Money",
    "Organisation",
    "Outcome",
    "Party",
    "Payment",
    "Recall",
    "RecallMessage",
    "Return",
    "ReturnMessage",
    "confirmation",
    "form_of",
    "place",
    "read_answer",
    "read_recall",
    "read_return",
    "recall_of",
    "write_answer",
    "write_recall",
    "write_return",
]
