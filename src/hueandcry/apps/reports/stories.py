"""What is brought and what is shown: the typed values that go in and out of this room."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from hueandcry.apps.reports.rules import Consent, Desk, Flag, Source, Stage, State
from hueandcry.core.types import Kind, Micros, Signal
from hueandcry.engine.blobs.face import Fresh

_NONE: Final = Flag(0)

# --- what goes in --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GivenValue:
    """A link, number, account or name that the reporter wrote into a field of its own."""

    text: str
    role: str = ""  #: rules.Role of a telephone number
    kind: Kind | None = None  #: None: by its form


@dataclass(frozen=True, slots=True)
class GivenLoss:
    """Money that went, or was about to."""

    amount: str  #: decimal digits with at most one dot
    currency: str  #: ISO 4217, or the ticker of a coin
    rail: str = ""  #: rules.RAILS
    at: Micros | None = None
    to: str = ""  #: the account, wallet or number that it went to
    to_kind: Kind | None = None
    reference: str = ""  #: the bank's own number of the transaction


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file whose bytes are stored, and become a blob with the report (`blobs.take`)."""

    name: str
    media_type: str
    fresh: Fresh
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class GivenReporter:
    """Who reports, as far as they say; kept apart from the report."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    safe_way: str = ""  #: how, and when, they may be contacted without danger


@dataclass(frozen=True, slots=True)
class NewReport:
    """What somebody brings. Nothing in it is obligatory but that it says something."""

    source: Source
    market: str  #: ISO 3166 alpha-2: how numbers without a country are read
    text: str = ""
    values: tuple[GivenValue, ...] = ()
    losses: tuple[GivenLoss, ...] = ()
    files: tuple[GivenFile, ...] = ()
    happened_at: Micros | None = None
    language: str = ""  #: as the reporter reads; the assessors decide about the text's
    lure: str = ""
    method: str = ""  #: where it was met: a code of core.taxonomy
    flags: Flag = _NONE  #: what the reporter ticked: child, paying, forced, intimate
    consents: frozenset[Consent] = frozenset()
    wording: str = ""  #: version of the words that they agreed to
    reporter: GivenReporter | None = None
    reference: str = ""  #: the intake's own number of the case: the same again is the same report
    form: str = ""  #: of `new_form`: a form that is posted twice makes one report
    receipt: bool = True  #: whether a receipt code is made


@dataclass(frozen=True, slots=True)
class Submitted:
    """A report as it was accepted. The code is shown once: only its digest is kept."""

    number: int
    id: UUID
    code: str | None
    flags: Flag
    desk: Desk
    stop_until: Micros | None
    again: bool = False  #: it was here already: nothing was added


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a report has to be kept."""

    reason: str
    authority: str  #: who asks: a court, a police unit, with the number of the case
    review_at: Micros  #: when somebody looks at it again


# --- what is sealed ------------------------------------------------------------------------------


class SealedValue(msgspec.Struct, frozen=True, array_like=True):
    """A `GivenValue` at rest."""

    text: str
    role: str = ""
    kind: str = ""


class Story(msgspec.Struct, frozen=True):
    """What a reporter wrote, at rest: sealed as one."""

    text: str = ""
    values: tuple[SealedValue, ...] = ()
    to: tuple[SealedValue, ...] = ()  #: where each loss went, in order


class SealedReporter(msgspec.Struct, frozen=True):
    """A `GivenReporter` at rest."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    safe_way: str = ""


# --- what is shown -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueView:
    """One value found in a report."""

    number: int
    signal: Signal
    origin: str
    span: tuple[int, int] | None  #: in the text, in code points
    confidence: float
    role: str
    ticked: bool
    claim: UUID | None
    verdict: str  #: what this node holds of it now (audience own)
    allowed: str  #: the allow-list that clears it, or empty
    reports: int  #: open or confirmed reports that name it, this one too
    late: bool = False  #: found after the decision: nobody has looked at it
    shielded: bool = False  #: who has it may be coerced: what we claim of it goes to nobody else


@dataclass(frozen=True, slots=True)
class LossView:
    """One sum of money."""

    amount: Decimal
    currency: str
    rail: str
    at: Micros | None
    value: int | None  #: number of the ValueView that it went to
    reference: str


@dataclass(frozen=True, slots=True)
class FileView:
    """One attachment; the bytes are under `blob`."""

    number: int
    name: str
    sha256: bytes
    size: int
    media_type: str
    blob: str
    state: str
    assessment: dict[str, Any]  #: as that of the report, with the `text` that was read; or empty


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message between the desk and the reporter."""

    kind: str
    text: str
    at: Micros
    person: int | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What was agreed to, when, in which words; and when it was taken back."""

    purpose: str
    wording: str
    given_at: Micros
    withdrawn_at: Micros | None


@dataclass(frozen=True, slots=True)
class ActView:
    """One thing that was done to a report."""

    number: int
    kind: str
    before: str
    after: str
    at: Micros
    person: int | None
    token: int | None
    rule: str
    detail: str
    undone: bool
    log_index: int | None


@dataclass(frozen=True, slots=True)
class ReporterView:
    """Who reported: shown only to who gives a purpose, which is logged."""

    name: str
    phone: str
    email: str
    address: str
    safe_way: str


@dataclass(frozen=True, slots=True)
class Line:
    """A report as one line of the queue: nothing personal in it."""

    number: int
    id: UUID
    source: str
    intake: str
    state: State
    at: Micros
    changed_at: Micros
    language: str
    market: str
    lure: str
    method: str
    finding: str
    likelihood: float | None
    harm: int
    flags: Flag
    desk: Desk
    stop_until: Micros | None  #: in the past: the lane is over
    alike: int  #: near-identical reports, this one too
    lost: bool


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Lines of the queue, and the cursor of the next page."""

    lines: list[Line]
    next: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything about a report but who reported it."""

    line: Line
    text: str
    assessment: dict[str, Any]  #: {reasons, likelihood, language, language_confidence, rivals…}
    values: list[ValueView]
    losses: list[LossView]
    files: list[FileView]
    messages: list[MessageView]
    consents: list[ConsentView]
    acts: list[ActView]
    alike: list[int]  #: numbers of near-identical reports, the newest first, at most 50
    merged_into: int | None
    has_reporter: bool
    may: frozenset[str]  #: rules.Doing that are possible now
    review_at: Micros | None  #: a legal hold keeps it; when that is looked at again
    kept: int  #: holds for requests of other members that stand
    purged_at: Micros | None
    version: int  #: grows with every act: a decision says which one it saw
    given: tuple[str, ...] = ()  #: what was written into the field of values, as it was written
    personal: tuple[tuple[int, int], ...] = ()  #: spans of the text that a screen masks at first


@dataclass(frozen=True, slots=True)
class Told:
    """What the holder of a receipt code is told: coarse, and late by policy."""

    stage: Stage
    since: Micros  #: the day on which it was reported: midnight UTC
    as_of: Micros  #: the instant up to which `stage` speaks
    alike: int | None  #: similar reports, rounded down; None below five
    question: str  #: that waits for an answer; empty: none
    messages: list[MessageView] = field(default_factory=list)
    consents: frozenset[Consent] = frozenset()
    may_add: bool = True
