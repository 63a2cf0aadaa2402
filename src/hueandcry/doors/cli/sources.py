"""Saved sources: lists of others that this node takes by itself."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from hueandcry.doors.cli import opening, showing, small_files
from hueandcry.doors.cli.commands import Json, group

opening.prepare()

from hueandcry.apps.sources import face as sources
from hueandcry.core.formats import FORMATS
from hueandcry.core.types import Actor
from hueandcry.doors.cli.claims import one_of
from hueandcry.doors.cli.usage import Usage
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_TIMES = ("added_at", "next_due")

Name = Annotated[str, typer.Argument(help="the name of the source")]


def add(
    name: Name,
    what: Annotated[str, typer.Option(help=", ".join(sources.What))],
    address: Annotated[str, typer.Option(help="a path of this machine, or an https address")],
    every: Annotated[int, typer.Option(help="minutes between two runs")] = 60,
    form: Annotated[
        str, typer.Option("--format", help=f"by its look, or {', '.join(FORMATS)}")
    ] = "",
    column: Annotated[str, typer.Option(help="of CSV and NDJSON")] = "",
    kind: Annotated[str, typer.Option(help="the only kind that is taken")] = "",
    lure: Annotated[str, typer.Option(help="what was promised")] = "",
    method: Annotated[str, typer.Option(help="how it reaches the victim")] = "",
    tlp: Annotated[str, typer.Option(help="at least this strict")] = "GREEN",
    confidence: Annotated[int | None, typer.Option(help="where the list says none")] = None,
    cap: Annotated[int | None, typer.Option(help="the most confidence that is believed")] = None,
    observables: Annotated[bool | None, typer.Option(help="STIX observables are values")] = None,
    without_ids: Annotated[
        bool, typer.Option("--without-ids", help="MISP attributes not meant for detection too")
    ] = False,
    collection: Annotated[
        list[str] | None, typer.Option(help="of a TAXII server: id, alias or title; repeatable")
    ] = None,
    feed: Annotated[str, typer.Option(help="under which its claims stand; else its name")] = "",
    gone: Annotated[
        str, typer.Option(help="keep or retract what the list no longer holds")
    ] = "keep",
    note: Annotated[str, typer.Option(help="who runs it, and why it is taken")] = "",
    user: Annotated[
        str, typer.Option(help="for Basic; without it a secret is a bearer token")
    ] = "",
    secret_file: Annotated[str, typer.Option(help="holds the secret; - for stdin")] = "",
    paused: Annotated[bool, typer.Option("--paused", help="save it, and run it by hand")] = False,
    json: Json = False,
) -> None:
    """Save a source; it runs at once and then on its schedule."""
    actor = opening.open_node()
    new = sources.NewSource(
        name=name,
        what=one_of(sources.What, what, "what", by_value=True),
        address=address if address.startswith(("https://", "http://")) else _whole(address),
        every=every,
        mapping=sources.Mapping(
            form, column, kind, lure, method, tlp, confidence, cap, observables, without_ids,
            tuple(collection or ()),
        ),
        feed=feed,
        gone=gone,
        note=note,
        credentials=_credentials(user, secret_file),
    )  # fmt: skip
    at = clock.now()
    with unit_of_work():
        view = sources.add(actor, new, at)
        if paused:
            view = sources.pause(actor, name, at)
    _show(view, json)


def _whole(path: str) -> str:
    return str(Path(path).absolute())


def _credentials(user: str, secret_file: str) -> sources.Credentials:
    """The secret from a file or stdin: a command line is read by everybody."""
    if not secret_file:
        if user:
            raise Usage("secret", "A user needs a secret", do="Use --secret-file")
        return sources.Credentials()
    given = sys.stdin.read() if secret_file == "-" else small_files.text(Path(secret_file))
    return sources.Credentials("basic" if user else "bearer", user, given.strip())


def list_(json: Json = False) -> None:
    """Every source with its last run."""
    opening.open_node()
    views = sources.sources()
    if json:
        showing.as_json([_told(view) for view in views])
        return
    rows = [
        (v.name, v.what, v.state, v.last.outcome if v.last else "–", showing.time(v.next_due))
        for v in views
    ]
    showing.table(("source", "what", "state", "last run", "next"), rows)


def show(
    name: Name,
    limit: Annotated[int, typer.Option(help="runs to show")] = 10,
    json: Json = False,
) -> None:
    """One source with its runs, and what they refused."""
    opening.open_node()
    view, runs = sources.source(name), sources.runs(name, limit)
    if json:
        showing.as_json({**_told(view), "runs": [asdict(run) for run in runs]})
        return
    for what, said in _told(view).items():
        if what in _TIMES:
            said = showing.time(said)
        if what == "mapping":
            said = ", ".join(f"{name} {value}" for name, value in said.items() if value)
        if what != "last" and said not in ("", None):
            showing.out.print(f"{what:10} {said}")
    for run in runs:
        _show_run(run)


def preview(
    name: Name,
    anew: Annotated[bool, typer.Option("--anew", help="as if nothing had been taken")] = False,
    json: Json = False,
) -> None:
    """Fetch a source and say what a run would change; nothing is written."""
    actor = opening.open_node()
    found = sources.preview(actor, name, clock.now(), anew=anew)
    if json:
        showing.as_json(asdict(found))
    else:
        counts = ("rows", "new", "renewed", "same", "rejected", "gone", "allowed")
        showing.table(counts, [[f"{getattr(found, each):,}" for each in counts]])
        _show_reasons(found.reasons, found.skipped, found.problems)
        for each in found.allowed_sample:
            showing.out.print(f"  allow-listed, stays allowed: {each['value']} ({each['list']})")
        if not found.believed:
            showing.out.print("  too much would be gone: a run would withdraw nothing")
    if found.code:
        showing.err.print(found.error)
        raise typer.Exit(1)


def run(
    name: Name,
    accept_gone: Annotated[
        bool, typer.Option("--accept-gone", help="believe a list that lost most of its values")
    ] = False,
    json: Json = False,
) -> None:
    """Run a source now, paused or not."""
    actor: Actor = opening.open_node()
    done = sources.run_now(actor, name, accept_gone=accept_gone)
    if json:
        showing.as_json(asdict(done))
    else:
        _show_run(done)
    if done.outcome == sources.Outcome.FAILED:
        raise typer.Exit(1)


def pause(name: Name, json: Json = False) -> None:
    """Stop the schedule of a source."""
    actor = opening.open_node()
    with unit_of_work():
        view = sources.pause(actor, name, clock.now())
    _show(view, json)


def resume(name: Name, json: Json = False) -> None:
    """Take up the schedule of a source again."""
    actor = opening.open_node()
    with unit_of_work():
        view = sources.resume(actor, name, clock.now())
    _show(view, json)


def remove(name: Name, json: Json = False) -> None:
    """End a source and forget its secret; what it brought stays."""
    actor = opening.open_node()
    with unit_of_work():
        view = sources.remove(actor, name, clock.now())
    _show(view, json)


def _told(view: sources.SourceView) -> dict[str, Any]:
    return asdict(view)


def _show(view: sources.SourceView, json: bool) -> None:
    if json:
        showing.as_json(_told(view))
    else:
        showing.out.print(f"{view.name}: {view.what} {view.address}, {view.state}")


def _show_run(run: sources.RunView) -> None:
    counts = f"{run.rows:,} rows: {run.accepted:,} accepted, {run.merged:,} merged, "
    counts += f"{run.rejected:,} rejected, {run.retracted:,} withdrawn"
    showing.out.print(f"{showing.time(run.started)}  {run.outcome or 'running'}  {counts}")
    _show_reasons(run.reasons, run.skipped, run.problems)
    if run.error:
        showing.out.print(f"  {run.error}")


def _show_reasons(
    reasons: dict[str, int], skipped: dict[str, int], problems: dict[str, int]
) -> None:
    for code, count in sorted(reasons.items(), key=lambda item: -item[1]):
        showing.out.print(f"  {count:,} rejected: {code}")
    for what, count in sorted(skipped.items()):
        showing.out.print(f"  {count:,} skipped, which are no values: {what}")
    for code in sorted(problems):
        showing.out.print(f"  {sources.PROBLEMS[code]}")


COMMANDS = {
    "source": group(
        add=add,
        list=list_,
        show=show,
        preview=preview,
        run=run,
        pause=pause,
        resume=resume,
        remove=remove,
    )
}
