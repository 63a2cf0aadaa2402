"""Reports of what happened to people: bring them, see them, decide."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage, instant

opening.prepare()

from django.conf import settings

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.doors.cli.claims import one_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Version of what somebody at the command line answers for.
_WORDING: Final = "cli-1"
#: Bytes of a story from a file or a pipe; what is longer than a story is cut anyway.
_MOST: Final = 1_000_000

_MAIL: Final = "eml"
_FORMS: Final = (*reports.CASE_FORMS, _MAIL)

Number = Annotated[int, typer.Argument(help="the number of the report")]
Purpose = Annotated[str, typer.Option(help="why: goes into the access log")]


def add(
    text: Annotated[str, typer.Argument(help="what happened; - for stdin")],
    value: Annotated[
        list[str] | None, typer.Option(help="a link, number or account; repeatable")
    ] = None,
    lost: Annotated[str, typer.Option(help="money that went, as `1500.00 THB`")] = "",
    to: Annotated[str, typer.Option(help="where the money went")] = "",
    market: Annotated[str, typer.Option(help="country of the reporter; else the node's")] = "",
    method: Annotated[str, typer.Option(help="where it was met: sms, phone, site, app …")] = "",
    share: Annotated[
        bool, typer.Option("--share/--private", help="signals may be shared as claims")
    ] = True,
    json: Json = False,
) -> None:
    """Bring a report; it is read at once."""
    actor = opening.open_node()
    new = reports.NewReport(
        source=reports.Source.CLI,
        market=market.upper() or members.us().country,
        text=sys.stdin.read(_MOST) if text == "-" else text,
        values=tuple(reports.GivenValue(each) for each in value or ()),
        losses=_losses(lost, to),
        method=method,
        consents=frozenset({reports.Consent.SIGNALS}) if share else frozenset(),
        wording=_WORDING,
    )
    with unit_of_work():
        sent = reports.submit(actor, new, clock.now())
    _read()
    if json:
        showing.as_json({"number": sent.number, "id": str(sent.id), "code": sent.code})
        return
    showing.out.print(f"Report {sent.number}; its receipt code is {sent.code}")


def _losses(lost: str, to: str) -> tuple[reports.GivenLoss, ...]:
    if not lost:
        return ()
    amount, _, currency = lost.partition(" ")
    if not currency:
        raise Usage("lost", f"{lost!r} names no currency", do="Write it as `1500.00 THB`")
    return (reports.GivenLoss(amount, currency.strip().upper(), to=to),)


def _read() -> None:
    """Reads what waits, as the loop does; a report that a loop took meanwhile is read already."""
    while reports.read_some(clock.now()) or reports.read_next_file(clock.now()):
        continue


def list_(
    state: Annotated[str, typer.Option(help=", ".join(reports.State))] = "waiting",
    taken_back: Annotated[
        bool, typer.Option(help="those taken back after claims were made, in any state")
    ] = False,
    added: Annotated[
        bool, typer.Option(help="those that something was added to after the decision")
    ] = False,
    held: Annotated[bool, typer.Option(help="those that a legal hold keeps, in any state")] = False,
    desk: Annotated[str, typer.Option(help=", ".join(reports.Desk))] = "",
    language: Annotated[str, typer.Option(help="as `th`")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    json: Json = False,
) -> None:
    """The queue: what is most urgent first."""
    opening.open_node()
    again = reports.Flag.WITHDRAWN if taken_back else reports.Flag.ADDED if added else None
    where = reports.Filters(
        states=frozenset({one_of(reports.State, state, "state", by_value=True)}),
        desk=one_of(reports.Desk, desk, "desk", by_value=True) if desk else None,
        language=language,
        again=again,
        held=held,
    )
    lines = reports.queue(where, clock.now(), limit=limit).lines
    if json:
        showing.as_json([_line(line) for line in lines])
        return
    columns = ("report", "at", "desk", "harm", "looks like", "language", "lure", "alike")
    rows = [
        (x.number, showing.time(x.at), x.desk, x.harm, x.finding, x.language, x.lure, x.alike)
        for x in lines
    ]
    showing.table(columns, rows)


def _line(line: reports.Line) -> dict[str, Any]:
    flags = [str(flag.name).lower() for flag in line.flags]
    return {**asdict(line), "id": str(line.id), "flags": flags}


def show(number: Number, purpose: Purpose, json: Json = False) -> None:
    """One report with its words, what was found in it, and what was done."""
    actor = opening.open_node()
    at = clock.now()
    with unit_of_work():
        told = reports.open_report(number, actor, purpose, at)
    if json:
        showing.as_json(_opened(told))
        return
    showing.out.print(f"Report {number}: {told.line.state}, {told.line.finding or 'not read'}\n")
    showing.out.print(told.text, markup=False)
    showing.table(
        ("value", "kind", "", "ticked", "verdict", "claim"),
        [
            (v.number, v.signal.kind, v.signal.value, v.ticked, v.verdict, v.claim or "")
            for v in told.values
        ],
    )
    showing.table(
        ("act", "", "at", "person"),
        [(a.number, a.kind, showing.time(a.at), a.person or "") for a in told.acts],
    )


def _opened(told: reports.Opened) -> dict[str, Any]:
    values = [
        {
            "number": v.number,
            "kind": v.signal.kind,
            "value": v.signal.value,
            "origin": v.origin,
            "span": v.span,
            "role": v.role,
            "ticked": v.ticked,
            "verdict": v.verdict,
            "claim": v.claim,
        }
        for v in told.values
    ]
    losses = [
        {"amount": str(x.amount), "currency": x.currency, "rail": x.rail, "value": x.value}
        for x in told.losses
    ]
    return {
        "report": _line(told.line),
        "text": told.text,
        "assessment": told.assessment,
        "values": values,
        "losses": losses,
        "acts": [asdict(act) for act in told.acts],
        "may": sorted(told.may),
    }


# --- deciding ------------------------------------------------------------------------------------


def confirm(
    number: Number,
    only: Annotated[
        list[int] | None, typer.Option(help="confirm just this value, by its number; repeatable")
    ] = None,
    json: Json = False,
) -> None:
    """Confirm a report: its ticked values become claims in one go."""
    actor = opening.open_node()
    with unit_of_work():
        done = reports.confirm(actor, number, clock.now(), only)
    claims = [
        {
            "kind": made.signal.kind,
            "value": made.signal.value,
            "claim": made.claim,
            "outcome": made.outcome,
            "shielded": made.shielded,
        }
        for made in done.claims
    ]
    if json:
        showing.as_json({"report": number, "claims": claims})
        return
    rows = [(made["outcome"], made["kind"], made["value"]) for made in claims]
    showing.table(("outcome", "kind", "value"), rows)
    for made in claims:
        if made["shielded"]:
            typer.echo(f"{made['value']} is shielded: who has it may be coerced", err=True)


def reject(
    number: Number,
    reason: Annotated[str, typer.Option(help=", ".join(reports.REASONS))],
    json: Json = False,
) -> None:
    """Reject a report; what a rule raised from it is withdrawn."""
    actor = opening.open_node()
    with unit_of_work():
        reports.reject(actor, number, reason, clock.now())
    _done(number, "rejected", json)


def stand(
    number: Number,
    reason: Annotated[str, typer.Option(help=", ".join(reports.STANDING))],
    json: Json = False,
) -> None:
    """Leave a report as it was decided that was taken back, or to which something was added."""
    actor = opening.open_node()
    with unit_of_work():
        reports.stand(actor, number, reason, clock.now())
    _done(number, "stays as it was decided", json)


def reopen(number: Number, json: Json = False) -> None:
    """Put a decided report to which something was added back into the queue, with its claims."""
    actor = opening.open_node()
    with unit_of_work():
        reports.reopen(actor, number, clock.now())
    _done(number, "waits again", json)


def undo(number: Number, json: Json = False) -> None:
    """Take the last decision back; claims that rest on this report alone are withdrawn."""
    actor = opening.open_node()
    with unit_of_work():
        undone = reports.undo(actor, number, clock.now())
    _done(number, f"undone: {undone}", json)


def hold(
    number: Number,
    reason: Annotated[str, typer.Option(help="why it has to be kept")],
    authority: Annotated[str, typer.Option(help="who asks: court or unit, with its case number")],
    review: Annotated[str, typer.Option(help="when somebody looks at it again: RFC 3339")],
    json: Json = False,
) -> None:
    """Keep a report whatever is due, until it is released; again with a new review to hold on."""
    actor = opening.open_node()
    with unit_of_work():
        why = reports.Hold(reason, authority, instant("review", review))
        reports.hold(actor, number, why, clock.now())
    _done(number, "held", json)


def release(
    number: Number,
    reason: Annotated[str, typer.Option(help="why it need not be kept any longer")],
    json: Json = False,
) -> None:
    """End the legal hold on a report: what is due goes with the next purge."""
    actor = opening.open_node()
    with unit_of_work():
        reports.release_hold(actor, number, reason, clock.now())
    _done(number, "released", json)


def _done(number: int, what: str, json: bool) -> None:
    if json:
        showing.as_json({"report": number, "done": what})
    else:
        showing.out.print(f"Report {number} {what}")


# --- files ---------------------------------------------------------------------------------------


def import_(
    file: Annotated[Path, typer.Argument(help="a CSV file in UTF-8 with a header, or an .eml")],
    form: Annotated[str, typer.Option("--format", help=", ".join(_FORMS))],
    json: Json = False,
) -> None:
    """Take a file of cases, or one e-mail, in; the same file again changes nothing."""
    actor = opening.open_node()
    if form == _MAIL:
        return _mail(file, json)
    if form not in reports.CASE_FORMS:
        do = f"Use one of: {', '.join(_FORMS)}"
        raise Usage("format", f"There is no format {form!r}", do=do)
    at = clock.now()
    total = reports.Account()
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        cases = reports.read_cases(lines, form, members.us().country)
        for part in reports.take_cases(actor, cases, at):
            total.add(part)
    with file.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").digest()
    with unit_of_work():
        reports.note_delivery(actor, form, digest, total, at)
    _read()
    answer = {
        "rows": total.rows,
        "accepted": total.accepted,
        "merged": total.merged,
        "rejected": total.rejected,
        "reasons": dict(total.reasons),
        "rejects_file": _rejects(total.rejects, at),
    }
    _account(answer, json)
    if total.rows and total.rejected == total.rows:
        raise typer.Exit(1)


def _mail(file: Path, json: bool) -> None:
    actor, market = opening.open_node(), members.us().country
    agreed = frozenset({reports.Consent.SIGNALS})
    with file.open("rb") as source:
        data = source.read(reports.MAX_READ + 1)
    new = reports.from_mail(data, market, agreed, _WORDING)
    try:
        with unit_of_work():
            sent = reports.submit(actor, new, clock.now())
    finally:
        reports.forget_files(new)
    _read()
    if json:
        showing.as_json({"number": sent.number, "id": str(sent.id), "again": sent.again})
    else:
        showing.out.print(f"Report {sent.number}{' was here already' if sent.again else ''}")


def _rejects(wrong: list[reports.Wrong], at: int) -> str | None:
    """Where it is said which rows were not taken and why; the rows themselves are not copied."""
    if not wrong:
        return None
    path: Path = settings.DATA / "rejects" / f"{at}.ndjson"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lines = (msgspec.json.encode({"line": w.n, "code": w.code, "what": w.what}) for w in wrong)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(path)


def _account(answer: dict[str, Any], json: bool) -> None:
    if json:
        showing.as_json(answer)
        return
    counts = ("rows", "accepted", "merged", "rejected")
    showing.table(counts, [[f"{answer[name]:,}" for name in counts]])
    for code, count in sorted(answer["reasons"].items(), key=lambda item: -item[1]):
        showing.out.print(f"  {count:,} rejected: {code}")
    if answer["rejects_file"]:
        showing.out.print(f"Which rows, and why: {answer['rejects_file']}")


COMMANDS = {
    "reports": group(
        add=add,
        list=list_,
        show=show,
        confirm=confirm,
        reject=reject,
        stand=stand,
        reopen=reopen,
        hold=hold,
        release=release,
        undo=undo,
        **{"import": import_},
    )
}
