"""What a recall, its answer and a return say, as values: no XML, and nothing of one network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.types import Micros

#: At most 18 digits, five of them decimals (ActiveOrHistoricCurrencyAndAmount).
AMOUNT: Final = r"(?!(?:\.?[0-9]){19})[0-9]{1,18}(?:\.[0-9]{1,5})?"
CURRENCY: Final = r"[A-Z]{3}"

#: Reasons of a recall (ExternalCancellationReason1Code): it was induced by a fraud.
FRAUD = "FRAD"
#: Reason of a return (ExternalReturnReason1Code): it follows a request for cancellation.
FOLLOWING = "FOCR"


@dataclass(frozen=True, slots=True)
class Agent:
    """A bank or provider, by at least one of these."""

    bic: str = ""
    member: str = ""  #: its number in a clearing system
    clearing: str = ""  #: the clearing system, as ExternalClearingSystemIdentification1Code
    lei: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """A sender or receiver that is no bank, such as a centre or an authority."""

    name: str = ""
    bic: str = ""
    lei: str = ""


Party = Agent | Organisation


@dataclass(frozen=True, slots=True)
class Account:
    """An IBAN, or a number as the bank knows it."""

    iban: str = ""
    number: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in decimals, without sign, and its currency in ISO 4217; Malformed for others."""

    amount: str
    currency: str

    def __post_init__(self) -> None:
        if not (re.fullmatch(AMOUNT, self.amount) and re.fullmatch(CURRENCY, self.currency)):
            raise Malformed(
                "iso20022",
                f"{self.amount[:40]!a} {self.currency[:40]!a} is no amount of a currency",
                why="The messages of banks have 18 digits, five of them decimals, and ISO 4217",
            )


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment that all three messages speak of, as the original message named it."""

    uetr: str = ""
    end_to_end: str = ""
    transaction: str = ""
    instruction: str = ""
    clearing_ref: str = ""
    message: str = ""  #: id of the message that carried it
    message_name: str = ""  #: and its kind, such as pacs.008.001.08
    created: Micros | None = None  #: when that message was made
    money: Money | None = None  #: what was settled between the banks, of a recall what is traced
    settled: date | None = None
    debtor_agent: Agent | None = None
    debtor_account: Account | None = None
    creditor_agent: Agent | None = None
    creditor_account: Account | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Under which reference the two sides speak of it."""

    id: str
    creator: Party


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who says it to whom, when."""

    id: str
    sender: Party
    receiver: Party
    at: Micros


@dataclass(frozen=True, slots=True)
class Recall:
    """One payment that is asked back (camt.056), and what we add to the reason."""

    payment: Payment
    id: str = ""
    case: Case | None = None
    reason: str = FRAUD
    value_time: Micros | None = None  #: when the money left
    fraud: str = ""  #: lure and method, by the codes of the taxonomy
    complaint: str = ""  #: reference of the victim's complaint
    notes: tuple[str, ...] = ()  #: further lines, at most 105 letters each


@dataclass(frozen=True, slots=True)
class RecallMessage:
    envelope: Envelope
    recalls: tuple[Recall, ...]
    unread: tuple[str, ...] = ()  #: places of the message that are not in these values


class Outcome(StrEnum):
    """What became of a recall."""

    HELD = "held"  #: the traced amount is held
    PARTLY_HELD = "partly-held"
    MOVED = "moved"  #: it went on; the next hop is asked
    PENDING = "pending"  #: not decided yet
    RETURNED = "returned"  #: agreed: it comes, or came, back
    PARTLY_RETURNED = "partly-returned"
    RELEASED = "released"  #: it was held and is free again
    TOO_LATE = "too-late"
    NO_FUNDS = "no-funds"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one payment that was asked back (camt.029)."""

    payment: Payment
    outcome: Outcome
    id: str = ""
    case: Case | None = None
    code: str = ""  #: ExternalPaymentCancellationRejection1Code, or a code of ours on refusal
    held: Money | None = None
    until: Micros | None = None  #: when the provisional hold ends
    gone: Micros | None = None  #: when the money went on
    returned: Money | None = None
    returned_on: date | None = None
    returned_uetr: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    envelope: Envelope
    answers: tuple[Answer, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Money of one payment that comes back (pacs.004), whole or in part."""

    payment: Payment
    money: Money
    id: str = ""
    reason: str = FOLLOWING
    on: date | None = None  #: when it is settled
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReturnMessage:
    id: str
    at: Micros
    settlement: str  #: CLRG by a clearing, INDA or INGA by an account, COVE by cover
    returns: tuple[Return, ...]
    sender: Agent | None = None
    receiver: Agent | None = None
    unread: tuple[str, ...] = ()
