"""Reports over the JSON API: what an institution brings, and what it is told of what it brought."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from hueandcry.client.answers import Reason, SignalRef
from hueandcry.client.words import Answer, Code, Cursor, Kind, Limit, Line, Request, Time, Uuid

State = Literal["received", "waiting", "asked", "confirmed", "rejected", "merged", "withdrawn"]
Role = Literal["displayed", "called", "messaged", "paid"]
Mark = Literal["child", "paying", "forced", "distress", "intimate"]
Consent = Literal["signals", "contact", "police", "support"]

_Field = Annotated[str, Meta(max_length=2_000)]


class ReportedValue(Request, kw_only=True):
    """A link, number, account or name; `role` is how a telephone number was met."""

    value: Annotated[str, Meta(min_length=1, max_length=2_000)]
    kind: Kind | UnsetType = UNSET
    role: Role | UnsetType = UNSET


class ReportedLoss(Request, kw_only=True):
    """Money that went; `to` is the account, wallet or number that it went to."""

    amount: Annotated[str, Meta(pattern="^[0-9]{1,15}(\\.[0-9]{1,8})?$")]
    currency: Annotated[str, Meta(pattern="^[A-Z0-9]{2,12}$", examples=["THB"])]
    rail: Annotated[str, Meta(max_length=32, examples=["bank-transfer"])] = ""
    at: Time | UnsetType = UNSET
    to: _Field = ""
    to_kind: Kind | UnsetType = UNSET
    reference: _Field = ""


class ReportedBy(Request, kw_only=True):
    """Who reported, kept apart and sealed; `safe_way` says how they may be contacted."""

    name: _Field = ""
    phone: _Field = ""
    email: _Field = ""
    address: _Field = ""
    safe_way: _Field = ""


class NewReport(Request, kw_only=True):
    """What happened to somebody. Signals become claims only with the consent `signals`."""

    text: Annotated[str, Meta(max_length=200_000)] = ""
    market: Annotated[str, Meta(pattern="^([A-Z]{2})?$", description="else the node's")] = ""
    language: Annotated[str, Meta(pattern="^([a-z]{2,3}(-[a-z]{2,4})?)?$")] = ""
    happened_at: Time | UnsetType = UNSET
    lure: Code = ""
    method: Code = ""
    values: Annotated[list[ReportedValue], Meta(max_length=200)] = []
    losses: Annotated[list[ReportedLoss], Meta(max_length=200)] = []
    marks: Annotated[list[Mark], Meta(max_length=5)] = []
    consents: Annotated[list[Consent], Meta(max_length=4)] = []
    wording: Annotated[str, Meta(max_length=40, description="version of the words agreed to")] = ""
    reporter: ReportedBy | None = None
    reference: Annotated[
        str, Meta(max_length=200, description="your number of the case; again is the same report")
    ] = ""
    receipt: Annotated[bool, Meta(description="make a receipt code for the reporter")] = False


class NewReports(Request, kw_only=True):
    """Reports in bulk; those that cannot be taken are refused, the others are kept together."""

    reports: Annotated[list[NewReport], Meta(min_length=1, max_length=200)]


class ReportsQuery(Request, kw_only=True):
    """Which of the token's reports."""

    state: State | UnsetType = UNSET
    limit: Limit = 50
    cursor: Cursor | UnsetType = UNSET


class FileQuery(Request, kw_only=True):
    """How a file is kept; in `quarantine` nothing reads or shows it."""

    quarantine: bool = False


class Accepted(Answer, kw_only=True):
    """A report as it was accepted; `code` is the receipt code, shown once."""

    id: Uuid
    again: bool
    code: str | None
    marks: list[str]
    desk: str
    stop_until: Annotated[Time | None, Meta(description="open for a stop-payment until then")]


class AcceptedOne(Answer, kw_only=True):
    """What became of one report of many, in the order sent."""

    outcome: Literal["accepted", "merged", "refused"]
    report: Accepted | None = None
    code: Annotated[str, Meta(description="why it was refused")] = ""
    what: str = ""


class AcceptedMany(Answer, kw_only=True):
    """One result for each report, in the order sent."""

    results: list[AcceptedOne]
    accepted: int
    merged: int
    refused: int


class ReportLine(Answer, kw_only=True):
    """A report of the token, in short."""

    id: Uuid
    state: State
    at: Time
    changed_at: Time
    language: str
    lure: Line
    method: Line
    finding: str
    likelihood: float | None
    marks: list[str]
    desk: str
    stop_until: Time | None
    alike: int


class ReportPage(Answer, kw_only=True):
    """A page, the newest first."""

    items: list[ReportLine]
    next: Cursor | None


class ReportSignal(Answer, kw_only=True):
    """A value that was found in a report, and the claim that came of it."""

    signal: SignalRef
    origin: str
    start: Annotated[int | None, Meta(description="in the text, in code points")]
    end: int | None
    confidence: float
    role: str
    ticked: bool
    claim: Uuid | None


class ReportFile(Answer, kw_only=True):
    """A file of a report; of one that was purged only its sort is left."""

    sha256: Annotated[str, Meta(description="empty unless it is kept")]
    size: int
    media_type: Annotated[str, Meta(description="by its bytes")]
    name: str
    state: Literal["kept", "quarantined", "shredded"]


class FileAdded(Answer, kw_only=True):
    """The file as it is kept; `again`: it was here already."""

    file: ReportFile
    again: bool


class ReportView(Answer, kw_only=True):
    """One report of the token: what was read of it and what came of it, without its words."""

    report: ReportLine
    reasons: list[Reason]
    signals: list[ReportSignal]
    files: list[ReportFile] = []
