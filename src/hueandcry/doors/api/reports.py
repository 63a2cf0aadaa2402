"""Reports that institutions bring by their own systems, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.client import answers, reported
from hueandcry.core.errors import HueError
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import Kind, Micros
from hueandcry.doors.api import cursors, shown
from hueandcry.doors.api.endpoint import Asked, Said
from hueandcry.doors.desk.uploads import Upload


def submit(asked: Asked) -> Said:
    """Accepts one report; it is read right after the answer."""
    sent = reports.submit(asked.caller.actor(), _new(asked.body), asked.at)
    return Said(_accepted(sent), {"Location": f"/api/v1/reports/{sent.id}"})


def submit_many(asked: Asked) -> reported.AcceptedMany:
    """Accepts those that can be taken, in one transaction; says of each other one why not."""
    body: reported.NewReports = asked.body
    results = [_one(asked, each) for each in body.reports]
    outcomes = [each.outcome for each in results]
    return reported.AcceptedMany(
        results=results,
        accepted=outcomes.count("accepted"),
        merged=outcomes.count("merged"),
        refused=outcomes.count("refused"),
    )


def _one(asked: Asked, body: reported.NewReport) -> reported.AcceptedOne:
    try:
        sent = reports.submit(asked.caller.actor(), _new(body), asked.at)
    except HueError as refused:  # before anything of it was written
        return reported.AcceptedOne(outcome="refused", code=refused.code, what=str(refused))
    outcome = "merged" if sent.again else "accepted"
    return reported.AcceptedOne(outcome=outcome, report=_accepted(sent))  # type: ignore[arg-type]


def _new(body: reported.NewReport) -> reports.NewReport:
    flags = reports.Flag(0)
    for mark in body.marks:
        flags |= reports.Flag[mark.upper()]
    return reports.NewReport(
        source=reports.Source.API,
        market=body.market or members.us().country,
        text=body.text,
        values=tuple(_value(each) for each in body.values),
        losses=tuple(_loss(each) for each in body.losses),
        happened_at=_time(body.happened_at),
        language=body.language,
        lure=body.lure,
        method=body.method,
        flags=flags,
        consents=frozenset(map(reports.Consent, body.consents)),
        wording=body.wording,
        reporter=_reporter(body.reporter),
        reference=body.reference,
        receipt=body.receipt,
    )


def _time(text: str | UnsetType) -> Micros | None:
    return None if isinstance(text, UnsetType) else read_rfc3339(text)


def _kind(kind: str | UnsetType) -> Kind | None:
    return None if isinstance(kind, UnsetType) else Kind(kind)


def _value(given: reported.ReportedValue) -> reports.GivenValue:
    role = "" if isinstance(given.role, UnsetType) else given.role
    return reports.GivenValue(given.value, role, _kind(given.kind))


def _loss(given: reported.ReportedLoss) -> reports.GivenLoss:
    return reports.GivenLoss(
        given.amount,
        given.currency,
        given.rail,
        _time(given.at),
        given.to,
        _kind(given.to_kind),
        given.reference,
    )


def _reporter(given: reported.ReportedBy | None) -> reports.GivenReporter | None:
    if given is None:
        return None
    return reports.GivenReporter(
        given.name, given.phone, given.email, given.address, given.safe_way
    )


def _accepted(sent: reports.Submitted) -> reported.Accepted:
    return reported.Accepted(
        id=str(sent.id),
        again=sent.again,
        code=sent.code,
        marks=_marks(sent.flags),
        desk=sent.desk.value,
        stop_until=shown.time(sent.stop_until),
    )


def add_file(asked: Asked) -> Said:
    """Keeps a file with its report; the same bytes again are answered alike."""
    upload: Upload = asked.body
    query: reported.FileQuery = asked.query
    assert upload.fresh is not None  # what was refused never comes here
    given = reports.GivenFile(upload.clean, upload.sort, upload.fresh, query.quarantine)
    report, token = UUID(asked.path["report"]), asked.caller.token
    file, again = reports.add_file(asked.caller.actor(), report, token, given, asked.at)
    answer = reported.FileAdded(file=_file(file), again=again)
    return Said(answer, {"Location": f"/api/v1/reports/{report}"})


def _file(file: reports.FileView) -> reported.ReportFile:
    return reported.ReportFile(
        sha256=file.sha256.hex() if file.state == "kept" else "",
        size=file.size,
        media_type=file.media_type,
        name=file.name,
        state=file.state,  # type: ignore[arg-type]
    )


def _marks(flags: reports.Flag) -> list[str]:
    return [str(flag.name).lower() for flag in flags]


# --- what became of them -------------------------------------------------------------------------


def mine(asked: Asked) -> reported.ReportPage:
    """What this token brought, the newest first."""
    query: reported.ReportsQuery = asked.query
    before = cursors.read("reports", asked.caller, query.cursor)
    state = None if query.state is UNSET else reports.State(query.state)
    lines = reports.brought_by(asked.caller.token, before, query.limit + 1, state)
    page, more = lines[: query.limit], len(lines) > query.limit
    following = cursors.seal("reports", asked.caller, page[-1].number) if more else None
    return reported.ReportPage(items=[_line(line) for line in page], next=following)


def one(asked: Asked) -> reported.ReportView:
    """One report that this token brought, without what others named; theirs read as none."""
    told = reports.opened_for(UUID(asked.path["report"]), asked.caller.token, asked.at)
    reasons: list[dict[str, Any]] = told.assessment.get("reasons", [])
    return reported.ReportView(
        report=_line(told.line),
        reasons=[answers.Reason(code=each["code"], params=each["params"]) for each in reasons],
        signals=[_signal(v) for v in told.values if v.origin != reports.Origin.ALIKE],
        files=[_file(each) for each in told.files],
    )


def _line(line: reports.Line) -> reported.ReportLine:
    return reported.ReportLine(
        id=str(line.id),
        state=line.state.value,
        at=time_text(line.at),
        changed_at=time_text(line.changed_at),
        language=line.language,
        lure=line.lure,
        method=line.method,
        finding=line.finding,
        likelihood=line.likelihood,
        marks=_marks(line.flags),
        desk=line.desk.value,
        stop_until=shown.time(line.stop_until),
        alike=line.alike,
    )


def _signal(value: reports.ValueView) -> reported.ReportSignal:
    start, end = value.span or (None, None)
    return reported.ReportSignal(
        signal=shown.signal(value.signal),
        origin=value.origin,
        start=start,
        end=end,
        confidence=value.confidence,
        role=value.role,
        ticked=value.ticked,
        claim=None if value.claim is None else str(value.claim),
    )
