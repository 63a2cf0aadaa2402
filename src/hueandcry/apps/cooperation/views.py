"""Requests as people and programs see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.apps.cooperation.translating import TranslationView
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One time that a clock rang."""

    due: Micros
    rang_at: Micros
    overdue: bool
    escalates_to: str  #: what its rule names as the way on; empty for none


@dataclass(frozen=True, slots=True)
class ClockView:
    """One deadline of a request."""

    rule: str
    says: str
    article: str
    started: Micros
    due: Micros | None  #: none while it stands still
    overdue: bool
    ended_at: Micros | None
    alarms: Sequence[AlarmView]  #: that rang, in order
    what: str  #: what it waits for, by the word of its rule; empty for a rule that is gone


@dataclass(frozen=True, slots=True)
class Told:
    """How a letter went or came, as our people say."""

    name: str  #: of the file
    sort: str  #: pdf, jpeg, png or tiff
    channel: str
    by: str  #: who took it there, or brought it
    dated: Micros  #: the instant of the act, by the letter or the proof of delivery
    entered: str  #: pseudonym of who entered it


@dataclass(frozen=True, slots=True)
class ActView:
    """One act upon a request, by either side."""

    n: int
    machine: str  #: whose states these are: request, hold or money
    event: str
    source: str
    target: str
    side: str
    person: int | None  #: one of ours
    at: Micros
    said: Said
    document: str | None  #: digest of what told of it
    log_index: int | None
    refused: str  #: why the other node did not take it in; empty where it did, or has not yet
    paper: Told | None = None  #: the letter that tells of it, whose digest is `document`


@dataclass(frozen=True, slots=True)
class HopView:
    """One account to which money went on, and our request that follows it there."""

    act: int  #: the act that names it
    account: str
    institution: str
    amount: str
    at: Micros  #: when it was told
    request: UUID | None = None  #: ours; None while nobody has decided to follow it
    peer_name: str = ""
    state: str = ""
    money: str = ""
    released: bool = False  #: their node has signed for a release
    free: bool = False  #: nothing is held there for us


@dataclass(frozen=True, slots=True)
class MoneyView:
    """Where traced money stands. Amounts are decimal text in `currency`; empty: nothing yet."""

    state: str
    currency: str
    asked: str
    traced: str
    moved: str
    held: str  #: held last; whether it still is, the state says
    agreed: str
    returned: str
    until: Micros | None  #: the legal limit of a provisional hold
    hop_of: UUID | None  #: the request to us whose money it follows
    hops: Sequence[HopView]
    shares: Mapping[str, str]  #: of an agreed return: pseudonym → amount
    line: Sequence[tuple[str, Micros]]  #: what happened to the money when, from its leaving on


@dataclass(frozen=True, slots=True)
class LinkView:
    """One account in a chain of hops, and how its money stands. Amounts are decimal text."""

    account: str
    institution: str
    amount: str  #: that is said to have come there
    currency: str
    at: Micros  #: when it was told; of the topmost, when its alert arrived
    request: UUID | None = None  #: None where no request of this node follows it
    type: str = ""
    side: str = ""  #: of the request: whether we were asked, or asked its peer
    peer_name: str = ""
    state: str = ""
    money: str = ""
    held: str = ""  #: that is held there now
    held_at: Micros | None = None  #: when it was first held
    gone: str = ""  #: that went on from there
    released: bool = False  #: their node has signed for our release
    free: bool = False  #: after a release: the account is free there, and below
    below: Sequence[LinkView] = ()


@dataclass(frozen=True, slots=True)
class KeptView:
    """What a preservation keeps here, in numbers: nobody is told more."""

    reports: int  #: under legal hold for it
    exhibits: int
    matching_reports: int  #: that a hold would keep, while it is not in effect
    matching_exhibits: int
    unread: int  #: items that no machine could read: people look for them


@dataclass(frozen=True, slots=True)
class Listed:
    """A request in a list, with the deadline that comes next."""

    number: int
    id: UUID
    type: str
    side: str
    peer: Fingerprint
    peer_name: str
    state: str
    version: int
    made_at: Micros
    moved_at: Micros
    due: Micros | None
    overdue: bool
    urgent: bool  #: its type cannot wait, or it says so itself
    signed_by: int  #: people; of a request that cannot wait it may be one


@dataclass(frozen=True, slots=True)
class Filters:
    """Which requests a list shows; all together must fit, and what is empty filters nothing."""

    side: str = ""
    state: str = ""
    type: str = ""
    peer: Fingerprint = ""
    overdue: bool = False
    ended: bool = False  #: those that have ended as well
    hidden: Collection[str] = ()  #: types that are left out


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of requests, what is due first on top; `next` asks for the page after it."""

    lines: Sequence[Listed]
    next: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A clock that rang and still runs."""

    number: int  #: grows with every alarm
    request: UUID
    type: str
    says: str
    alarm: AlarmView


@dataclass(frozen=True, slots=True)
class Desk:
    """What a desk that is there at any hour has before it now."""

    incoming: Sequence[Listed]  #: not opened yet
    due: Sequence[Listed]  #: with the deadlines that come next
    rung: Sequence[Rung]  #: the newest first


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request with all that is known of it here."""

    listed: Listed
    instrument: str
    basis: Mapping[str, Any]  #: of ours: on which day, articles, why, whose form
    given: Mapping[str, Any]
    signers: Sequence[str]
    maker: int | None  #: of our people, who signed it
    document: str | None
    zone: str
    before: str
    answer_by: Micros | None
    package: str  #: digest of the newest result; empty for none
    hold: str  #: state of the hold; empty where it has none
    hold_until: Micros | None
    kept: KeptView | None  #: on the requested side of one that asks for a hold
    closed: int  #: age files with what only the protection desk can read
    least_until: Micros | None  #: the earliest end of a hold that takes effect now
    money: MoneyView | None  #: where the type traces money, and the request has left
    open_to_us: Sequence[str]  #: acts that this side may try now
    clocks: Sequence[ClockView]
    acts: Sequence[ActView]
    doubts: Sequence[str]  #: what should be looked at, each with its article
    refused: str  #: why the other node did not take it in
    outside: bool  #: it goes on paper
    open_to_them: Sequence[str]  #: acts of the other side that can be entered from a letter
    translations: Sequence[TranslationView]  #: the newest of each language
    report: int | None  #: number of our report from which it was written
