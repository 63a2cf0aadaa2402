"""What may become of a report, what is done first, and what its reporter is told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from enum import IntFlag, StrEnum
from typing import Final

from hueandcry.core.taxonomy import PAYMENT_PROXY
from hueandcry.core.types import DAY, PERSONAL, Kind, Marking, Micros, Pap, Tlp, Verdict

HOUR: Final[Micros] = DAY // 24

#: After this long a transfer is hardly ever stopped (anchors, finding 2): the lane is for less.
STOPPABLE: Final[Micros] = 72 * HOUR

#: How many code points of a story are kept; a longer one is cut there, and its reporter told.
MAX_STORY: Final = 20_000
MAX_VALUES: Final = 200
MAX_LOSSES: Final = 200
MAX_FILES: Final = 10
#: Bytes of one file.
MAX_FILE: Final = 32 << 20
MAX_TEXT: Final = 2_000


class Source(StrEnum):
    """How a report came in."""

    PUBLIC = "public"
    API = "api"
    HOTLINE = "hotline"
    MAIL = "mail"
    BANK = "bank"
    CLI = "cli"


class State(StrEnum):
    """Where a report stands."""

    RECEIVED = "received"
    WAITING = "waiting"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class Doing(StrEnum):
    """What is done to a report: each is one act and one ledger entry."""

    SUBMIT = "submit"
    READ = "read"
    RULE = "rule"  # a rule raised claims, and people still have to decide
    CONFIRM = "confirm"
    ADJUST = "adjust"
    MERGE = "merge"
    REJECT = "reject"
    ASK = "ask"
    UNDO = "undo"
    STAND = "stand"  # somebody looked again at a decided report: it stays as it was decided
    REOPEN = "reopen"  # … and put it back into the queue, with its claims
    ANSWER = "answer"
    REMIND = "remind"  # nobody answered: it waits again
    ADD = "add"
    CONSENT = "consent"
    WITHDRAW = "withdraw"
    CALL = "call"  # a call back was promised
    CALLED = "called"  # … and made
    LOCK = "lock"  # a file of it is in quarantine
    UNLOCK = "unlock"  # … and no longer
    HOLD = "hold"
    FREE = "free"  # a legal hold ends
    PURGE = "purge"


class Consent(StrEnum):
    """What a reporter may agree to, one by one."""

    SIGNALS = "signals"  # links, numbers and accounts in it may be shared as claims
    CONTACT = "contact"
    POLICE = "police"  # the report may be passed to the police as a complaint
    SUPPORT = "support"  # … to an organisation that supports victims


class Origin(StrEnum):
    """Where in a report a value stood."""

    STORY = "story"
    FIELD = "field"
    LOSS = "loss"
    FILE = "file"
    DESK = "desk"  # added by our own people
    ALIKE = "alike"  # in a near-identical report that this one stands for


class Role(StrEnum):
    """How a number was met. One that was only displayed may be anybody's: it can be spoofed.

    One that money was paid to stands for the account behind it, at whichever bank has it.
    """

    DISPLAYED = "displayed"
    CALLED = "called"
    MESSAGED = "messaged"
    PAID = "paid"


#: How a number is met that belongs to whoever answers there, or is paid there.
MET: Final = frozenset({Role.CALLED, Role.MESSAGED, Role.PAID})
#: Where a program alone may have read that money went to a number: that counts for people only.
READ: Final = frozenset({Origin.STORY, Origin.FILE})


class Flag(IntFlag):
    """What makes a report special; several may hold."""

    CHILD = 1  # the reporter or the victim is a child
    DISTRESS = 2  # words of somebody who may harm themselves
    FORCED = 4  # the writer is made to scam others
    PAYING = 8  # money still flows
    CUT = 16  # the story was longer than what is kept
    INTIMATE = 32  # intimate pictures: files are in quarantine
    WITHDRAWN = 64  # consent was taken back after claims were raised: somebody has to look
    ADDED = 128  # something came, and was read, after it was decided: somebody has to look


#: Flags of reports that were decided, and that somebody has to look at again: the greatest ones,
#: so that an index knows them (`models.Report`).
AGAIN: Final = Flag.WITHDRAWN | Flag.ADDED


class Desk(StrEnum):
    """Who should look at a report first."""

    TRIAGE = "triage"
    MONEY = "money"  # the stop-payment lane
    PROTECTION = "protection"  # people who are forced to scam
    CHILD = "child"
    SUPPORT = "support"


#: How money went.
RAILS: Final = (
    *("bank-transfer", "card", "wallet", "crypto", "cash", "voucher", "mobile-money"),
    *("remittance", "qr", "other"),
)

#: What goes with any state: it is kept, called about, and in the end purged.
_ALWAYS: Final = frozenset(
    {Doing.CALL, Doing.CALLED, Doing.LOCK, Doing.UNLOCK, Doing.HOLD, Doing.FREE, Doing.PURGE}
)
_REPORTERS: Final = frozenset({Doing.ADD, Doing.CONSENT, Doing.WITHDRAW})
_DESKS: Final = frozenset({Doing.CONFIRM, Doing.ADJUST, Doing.MERGE, Doing.REJECT, Doing.UNDO})
#: A file that came later is read whatever was decided, and what it shows is looked at.
_DECIDED: Final = frozenset({Doing.UNDO, Doing.READ, Doing.STAND, Doing.REOPEN})

#: State → what may be done to a report in it.
ALLOWED: Final[dict[State, frozenset[Doing]]] = {
    State.RECEIVED: _ALWAYS | _REPORTERS | {Doing.READ},
    State.WAITING: _ALWAYS | _REPORTERS | _DESKS | {Doing.READ, Doing.RULE, Doing.ASK},
    State.ASKED: _ALWAYS | _REPORTERS | _DESKS | {Doing.READ, Doing.ANSWER, Doing.REMIND},
    State.CONFIRMED: _ALWAYS | _REPORTERS | _DECIDED,
    State.REJECTED: _ALWAYS | _REPORTERS | _DECIDED,
    State.MERGED: _ALWAYS | _REPORTERS | _DECIDED,
    State.WITHDRAWN: _ALWAYS | {Doing.UNDO, Doing.STAND},  # claims that it left
}

#: Where an act leads; what is not here leaves a report in its state.
LEADS: Final[dict[Doing, State]] = {
    Doing.READ: State.WAITING,
    Doing.CONFIRM: State.CONFIRMED,
    Doing.MERGE: State.MERGED,
    Doing.REJECT: State.REJECTED,
    Doing.ASK: State.ASKED,
    Doing.ANSWER: State.WAITING,
    Doing.REMIND: State.WAITING,
    Doing.REOPEN: State.WAITING,
}

#: States in which a person has decided.
DECIDED: Final = frozenset({State.CONFIRMED, State.REJECTED, State.MERGED})
#: States of reports whose files are looked into: their words were read, and nobody took them back.
LOOKED_INTO: Final = frozenset(State) - {State.RECEIVED, State.WITHDRAWN}
OPEN: Final = frozenset({State.RECEIVED, State.WAITING, State.ASKED})

#: What can be taken back.
UNDOABLE: Final = frozenset(
    {Doing.CONFIRM, Doing.ADJUST, Doing.MERGE, Doing.REJECT, Doing.ASK, Doing.RULE}
)


def intake(source: Source, token: int | None) -> str:
    """Who brings such reports, by name: a token, or else the way that they come in."""
    return source.value if token is None else f"token:{token}"


def after(state: State, doing: Doing) -> State | None:
    """The state after an act; None where it may not be done."""
    if doing not in ALLOWED[state]:
        return None
    if doing is Doing.WITHDRAW:
        return state if state is State.CONFIRMED else State.WITHDRAWN
    if doing is Doing.READ and state is not State.RECEIVED:
        return state  # a file of it was read
    return LEADS.get(doing, state)


# --- the queue -----------------------------------------------------------------------------------

_FLAG_HARM: Final = {Flag.CHILD: 24, Flag.FORCED: 24, Flag.DISTRESS: 18, Flag.PAYING: 18}


def harm(
    flags: Flag, likelihood: float | None, lost: bool, stop_until: Micros | None, group: int
) -> int:
    """How bad it is, in hours that a report goes ahead of one that is only new: 0 to 168.

    Money counts as lost or not, never by its size: what is little to one is all to another.
    """
    hours = sum(hours for flag, hours in _FLAG_HARM.items() if flag in flags)
    hours += 36 if stop_until is not None else 12 if lost else 0
    hours += round(12 * (likelihood or 0.0))
    hours += min(24, 4 * (group.bit_length() - 1))
    return min(hours, 168)


def rank(at: Micros, hours: int) -> Micros:
    """The place in the queue: harm counts as so many hours fresher, so it never needs a sweep."""
    return at + hours * HOUR


def desk(flags: Flag, stop_until: Micros | None) -> Desk:
    """Who should look first: people before money."""
    if Flag.CHILD in flags:
        return Desk.CHILD
    if Flag.FORCED in flags:
        return Desk.PROTECTION
    if stop_until is not None or Flag.PAYING in flags:
        return Desk.MONEY
    return Desk.SUPPORT if Flag.DISTRESS in flags else Desk.TRIAGE


def stop_until(
    at: Micros, happened_at: Micros | None, losses: Iterable[Micros | None]
) -> Micros | None:
    """Until when the stop-payment lane is open for money that was lost; None: not, or no longer.

    A loss without its own time went when it happened; without that, when it was reported.
    """
    times = [when if when is not None else happened_at or at for when in losses]
    until = max((when + STOPPABLE for when in times), default=0)
    return until if until > at else None


# --- claims --------------------------------------------------------------------------------------

#: Kinds that a trusted intake may have confirmed by a rule; all others name somebody or something
#: that an innocent person may hold.
RULED: Final = frozenset({Kind.DOMAIN, Kind.URL})


#: From how sure on a value is ticked at first, and may be confirmed by a rule.
LIKELY: Final = 0.5
SURE: Final = 0.8

#: A picture may be the victim's own, such as a photograph of their screen: people tick it.
_NEVER_AT_FIRST: Final = frozenset({Kind.IMAGE_HASH, Kind.FILE_HASH})


def is_ticked_at_first(kind: Kind, confidence: float, allowed: str) -> bool:
    """Whether a value that was found is ticked before anybody looked at it."""
    return not allowed and kind not in _NEVER_AT_FIRST and confidence >= LIKELY


def is_guarded(kind: Kind) -> bool:
    """Whether only a person, or two independent sources, may confirm a value of this kind."""
    return kind not in RULED


#: Names of the rules that confirm without a person, as acts carry them.
TRUSTED_INTAKE: Final = "trusted-intake"
TWO_SOURCES: Final = "two-sources"
FOLLOWED: Final = "alike"
#: … and the one by which a report waits again whose decision nobody makes any more.
LEFT_ALONE: Final = "left-alone"


def may_be_trusted(intake: str) -> bool:
    """Whether policy may trust an intake: one of institutions, and never that of everybody."""
    return intake in (Source.HOTLINE, Source.BANK) or intake.startswith("token:")


def may_raise_alone(kind: Kind, verdict: str, likelihood: float | None, least: float) -> bool:
    """Whether one trusted intake is enough for a value that it brought: a domain or a link."""
    return (
        kind in RULED
        and verdict != Verdict.BENIGN
        and likelihood is not None
        and likelihood >= least
    )


def may_raise_together(kind: Kind, role: str, origin: str, intakes: Collection[str]) -> bool:
    """Whether these trusted intakes, each from a report unlike the others, are enough together."""
    if kind is Kind.PHONE and (role not in MET or (role == Role.PAID and origin in READ)):
        return False
    return len(set(intakes)) >= 2


def verdict_and_marking(kind: Kind, role: str) -> tuple[Verdict, Marking]:
    """What is claimed of a confirmed value, and how it may be used (ADR 0026).

    A number that was only displayed is suspicious, and nothing that blocks may use it.
    """
    if kind is Kind.PHONE and role not in MET:
        return Verdict.SUSPICIOUS, Marking(Tlp.GREEN, Pap.AMBER)
    return Verdict.SCAM, Marking(Tlp.GREEN)


def method_of(kind: Kind, role: str, method: str) -> str:
    """What a claim on a value gives as the method of its report's scam (ADR 0031)."""
    return PAYMENT_PROXY if kind is Kind.PHONE and role == Role.PAID else method


def names_somebody(kind: Kind) -> bool:
    """Whether the public may be told about a value of this kind only once a person released it."""
    return kind in PERSONAL


# --- what the reporter sees ----------------------------------------------------------------------


class Stage(StrEnum):
    """What the holder of a receipt code is told: coarse, since it may be the scammer."""

    RECEIVED = "received"
    READ = "read"  # somebody decided
    USED = "used"  # it helps to warn others
    WITHDRAWN = "withdrawn"


#: The least number of similar reports that is ever named, and the steps in which more are.
FEW: Final = 5
_STEPS: Final = (5, 10, 20, 50, 100, 200, 500, 1_000)


def known_since(at: Micros, delay: Micros) -> Micros:
    """The instant up to which a reporter is told now: `delay` ago, at the beginning of that day."""
    return (at - delay) // DAY * DAY


def stage(states: Collection[str]) -> Stage:
    """The stage for the states that a report had gone through by then."""
    if State.CONFIRMED in states:
        return Stage.USED
    return Stage.READ if not DECIDED.isdisjoint(states) else Stage.RECEIVED


def about(count: int) -> int | None:
    """A number of similar reports as it may be told: rounded down, none below five."""
    return max((step for step in _STEPS if step <= count), default=None)


def money(text: str) -> Decimal | None:
    """An amount: digits with at most one dot and eight decimals, above zero; None for another."""
    whole, dot, part = text.partition(".")
    if not (text.isascii() and whole.isdigit() and len(whole) <= 15):
        return None
    if dot and not (part.isdigit() and len(part) <= 8):
        return None
    found = Decimal(text)
    return found if found > 0 else None
