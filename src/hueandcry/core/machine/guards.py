"""What a guard looks at: the facts of one act, each put there by the side that makes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hueandcry.core.clocks import late
from hueandcry.core.law.tables import RequestType
from hueandcry.core.types import DAY, Micros

#: How long before a hold lapses the requester must have been warned.
WARNING: Final[Micros] = 2 * DAY


class Side(StrEnum):
    """Who moves a request."""

    REQUESTING = "requesting"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that guards look at; what was not stated is not so.

    `now` is the instant of the act by the clock of its node: for what arrived, that of the receipt.
    """

    type: RequestType
    side: Side
    now: Micros
    person: str = ""  #: who acts; empty: a loop of the node
    maker: str = ""
    second_factor: bool = False
    may_send: bool = False
    receipt: str = ""  #: digest of the signed receipt
    proof_outside: str = ""  #: digest of the letter, scan or proof of delivery
    missing: Collection[str] = ()
    holder: str = ""
    reasons: str = ""
    code: str = ""
    codes: Collection[str] = ()  #: allowed for this type and basis
    must_refuse: Collection[str] = ()  #: grounds found on which the basis says *shall be refused*
    answered: bool = False  #: the requester has answered the consultation
    answer_by: Micros | None = None  #: until when the requester may answer
    review_at: Micros | None = None
    package: str = ""  #: digest of the result
    verified: bool = False
    expires: Micros | None = None  #: when the hold ends, as it stands
    new_expires: Micros | None = None
    least_until: Micros | None = None  #: the earliest end that the basis allows
    warned_at: Micros | None = None
    granted: bool = False
    decided: bool = False
    traced: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    order: str = ""
    order_final: bool = False
    hop: str = ""
    agreement: str = ""


def _heard(facts: Facts) -> bool:
    passed = facts.answer_by is not None and late(facts.answer_by, facts.now)
    return facts.answered or passed


def _before_expiry(facts: Facts) -> bool:
    return facts.expires is not None and not late(facts.expires, facts.now)


def _after_expiry(facts: Facts) -> bool:
    return facts.expires is not None and late(facts.expires, facts.now)


def _later_end(facts: Facts) -> bool:
    new, old = facts.new_expires, facts.expires
    return new is not None and old is not None and new > max(old, facts.now)


def _least_term(facts: Facts) -> bool:
    new, least = facts.new_expires, facts.least_until
    return new is not None and least is not None and new >= least


def _warned(facts: Facts) -> bool:
    warned = facts.warned_at
    return warned is not None and facts.now - warned >= WARNING


#: Guard → whether it holds; the names are those of `guards.toml`.
GUARDS: Final[Mapping[str, Callable[[Facts], bool]]] = {
    "second_factor": lambda f: f.second_factor or not f.type.second_factor,
    "checker_is_not_maker": lambda f: bool(f.person and f.maker) and f.person != f.maker,
    "may_send": lambda f: f.may_send,
    "one_may_send": lambda f: f.type.one_may_send and f.second_factor,
    "person_decides": lambda f: bool(f.person),
    "receipt": lambda f: bool(f.receipt),
    "proof_outside": lambda f: bool(f.proof_outside),
    "fields_missing": lambda f: bool(f.missing),
    "nothing_missing": lambda f: not f.missing,
    "holder_named": lambda f: bool(f.holder),
    "reasons": lambda f: bool(f.reasons.strip()),
    "code_allowed": lambda f: f.code in f.codes,
    "no_duty_to_refuse": lambda f: not f.must_refuse,
    "consultation_not_needed": lambda f: not f.type.article_40,
    "heard": _heard,
    "review_day": lambda f: f.review_at is not None and f.review_at > f.now,
    "package": lambda f: bool(f.package),
    "hash_verified": lambda f: f.verified,
    "hash_differs": lambda f: not f.verified and bool(f.reasons.strip()),
    "least_term": _least_term,
    "before_expiry": _before_expiry,
    "later_end": _later_end,
    "after_expiry": _after_expiry,
    "warned_48h": _warned,
    "assistance_granted": lambda f: f.granted,
    "assistance_decided": lambda f: f.decided,
    "traced_amount_only": lambda f: 0 < f.held <= f.traced,
    "limit_of_place": lambda f: f.new_expires is not None and f.new_expires > f.now,
    "limit_passed": _after_expiry,
    "order": lambda f: bool(f.order),
    "order_final": lambda f: bool(f.order) and f.order_final,
    "hop_named": lambda f: bool(f.hop),
    "agreement": lambda f: bool(f.agreement),
}
