"""Exhibits: add them, see them, note what is done with them, let an authority decide."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from hueandcry.core.errors import Malformed, NotFound
from hueandcry.doors.cli import opening, showing
from hueandcry.doors.cli.commands import Json, group
from hueandcry.doors.cli.usage import Usage

opening.prepare()

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Added, Noted, State, Told
from hueandcry.apps.reports import face as reports
from hueandcry.core.custody import DERIVING, Action, Tool
from hueandcry.core.types import Actor
from hueandcry.doors.cli import decisions, exhibits_shown, packing
from hueandcry.doors.cli.capturing import capture
from hueandcry.doors.cli.chat import chat
from hueandcry.doors.cli.claims import one_of
from hueandcry.doors.cli.decisions import Exhibit, Person, Reason, acting
from hueandcry.doors.cli.taking import STDIN, taken_from
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

Authority = Annotated[str, typer.Option(help="under which warrant, order or consent")]
Place = Annotated[str, typer.Option(help="where")]
ToolName = Annotated[str, typer.Option("--tool", help="by what, as `NAME VERSION [SETTINGS]`")]
Condition = Annotated[str, typer.Option(help="in which condition it is")]
Description = Annotated[str, typer.Option(help="what it is, for people")]


def _tool(text: str) -> Tool | None:
    try:
        return evidence.tool(text)
    except Malformed as wrong:
        raise Usage(wrong.code, wrong.what, do=wrong.do) from None


# --- in -------------------------------------------------------------------------------------------


def add(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="files; - for stdin")
    ] = None,
    number: Annotated[str, typer.Option(help="a number of your own; else the next one")] = "",
    description: Description = "",
    source: Annotated[str, typer.Option(help="where it comes from")] = "",
    collected_by: Annotated[str, typer.Option(help="name; outside the node a pseudonym")] = "",
    place: Place = "",
    tool: ToolName = "",
    authority: Authority = "",
    reason: Annotated[str, typer.Option(help="why it is taken")] = "",
    condition: Condition = "",
    name: Annotated[str, typer.Option(help="what the bytes from stdin are called")] = "stdin",
    report: Annotated[int | None, typer.Option(help="take a file of this report instead")] = None,
    attachment: Annotated[int | None, typer.Option(help="… this one, by its number")] = None,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="intimate or unlawful to hold: police alone")
    ] = False,
    person: Person = "",
    json: Json = False,
) -> None:
    """Make files exhibits: read once, hashed and sealed in the same pass, numbered, logged."""
    actor = acting(person)
    told = Told(
        description=description,
        number=number,
        source=source,
        collected_by=collected_by,
        place=place,
        tool=_tool(tool),
        authority=authority,
        reason=reason,
        condition=condition,
        quarantined=quarantined,
    )
    if report is not None or attachment is not None:
        made = [_of_report(actor, report, attachment, told, bool(files))]
    else:
        made = [(given, _add(actor, given, name, told, json)) for given in _given(files, number)]
    exhibits_shown.added(made, json)


def _given(files: list[str] | None, number: str) -> list[str]:
    if not files:
        raise Usage("file", "No file is named", do="Name files, or - for stdin")
    if len(files) > 1 and (number or STDIN in files):
        do = "Run the command once for each file"
        raise Usage("number", "A number of your own, or stdin, is for one exhibit", do=do)
    for given in files:  # before the first is taken: a wrong path is no reason for half the work
        if given != STDIN and not Path(given).is_file():
            raise NotFound("file", f"There is no file {given}", do="Check the path")
    return files


def _add(actor: Actor, given: str, name: str, told: Told, quiet: bool) -> Added:
    with taken_from(given, name, quiet) as taken, unit_of_work():
        return evidence.add(actor, taken, told, clock.now())


def _of_report(
    actor: Actor, report: int | None, attachment: int | None, told: Told, files: bool
) -> tuple[str, Added]:
    if report is None or attachment is None or files:
        do = "Give --report and --attachment together, and no file"
        raise Usage("report", "A file of a report has two numbers", do=do)
    copied = reports.copy_file(report, attachment)
    try:
        with unit_of_work():
            made = reports.take_as_exhibit(actor, copied, told, clock.now())
    finally:
        evidence.drop_unkept([copied.taken])
    return copied.taken.name, made


def derive(
    exhibit: Exhibit,
    file: Annotated[str, typer.Argument(help="what was made of it; - for stdin")],
    changes: Annotated[str, typer.Option(help="what is different from the parent, and why")],
    how: Annotated[str, typer.Option(help=", ".join(sorted(DERIVING)))] = "redacted",
    description: Description = "",
    number: Annotated[str, typer.Option(help="a number of your own; else the next one")] = "",
    tool: ToolName = "",
    reason: Annotated[str, typer.Option(help="why it is made")] = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Make a child exhibit of what was redacted, extracted or copied; the parent stays as it is."""
    actor = acting(person)
    action = one_of(Action, how, "how", by_value=True)
    told = Told(description=description, number=number, tool=_tool(tool), reason=reason)
    [given] = _given([file], "")
    with taken_from(given, quiet=json) as taken, unit_of_work():
        made = evidence.derive(actor, exhibit, taken, told, action, changes, clock.now())
    exhibits_shown.added([(file, made)], json)


# --- looking --------------------------------------------------------------------------------------


def list_(
    state: Annotated[list[str] | None, typer.Option(help=f"{', '.join(State)}; repeatable")] = None,
    search: Annotated[str, typer.Option(help="beginning of a number, or a whole SHA-256")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    json: Json = False,
) -> None:
    """Exhibits, the newest first."""
    opening.open_node()
    states = tuple(one_of(State, each, "state", by_value=True) for each in state or ())
    found = evidence.exhibits(states or evidence.LIVE, limit=limit, search=search)
    exhibits_shown.listed([view for _, view in found], json)


def show(exhibit: Exhibit, json: Json = False) -> None:
    """One exhibit with its custody, restrictions and holds; its bytes are not read."""
    opening.open_node()
    exhibits_shown.one(evidence.exhibit(exhibit), clock.now(), json)


def export(
    exhibit: Exhibit,
    output: Annotated[str, typer.Option(help="a new file; - for stdout")],
    reason: Reason,
    person: Person = "",
) -> None:
    """Write the bytes out; this is noted in the custody before the first byte goes."""
    actor = acting(person)
    if output != STDIN and Path(output).exists():
        raise Usage("output", f"{output} is there already", do="Name a new file")
    with unit_of_work():
        view = evidence.read(actor, exhibit, reason, clock.now())
    pieces = evidence.stream(view.id)
    if output == STDIN:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    _write(Path(output), pieces)
    showing.err.print(f"{view.number}: {view.size:,} bytes, SHA-256 {view.sha256}")


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """The file has its name only once it is whole: what is there is the exhibit."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "xb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise Usage("output", f"{path} cannot be written: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


# --- custody --------------------------------------------------------------------------------------


def event(
    exhibit: Exhibit,
    action: Annotated[str, typer.Argument(help=", ".join(evidence.NOTED))],
    reason: Reason,
    authority: Authority = "",
    place: Place = "",
    tool: ToolName = "",
    changes: Annotated[str, typer.Option(help="what it changed, if it could not be avoided")] = "",
    condition: Condition = "",
    person: Person = "",
    json: Json = False,
) -> None:
    """Note that an exhibit was examined, copied or looked at."""
    actor = acting(person)
    done = one_of(Action, action, "action", by_value=True)
    noted = Noted(done, reason, authority, place, _tool(tool), changes, condition)
    with unit_of_work():
        view = evidence.note(actor, exhibit, noted, clock.now())
    exhibits_shown.changed(view, json)


COMMANDS = {
    "evidence": group(
        add=add,
        list=list_,
        show=show,
        event=event,
        derive=derive,
        export=export,
        chat=chat,
        capture=capture,
        **decisions.FUNCTIONS,
        **packing.FUNCTIONS,
    )
}
