"""A report of suspicious transactions as goAML XML, out of a file. No node is needed.

No node keeps such a report or knows that there is one: it has no row, no entry in the ledger, no
time line and no count. The bank or centre keeps it where it keeps what its law calls secret.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import typer

from hueandcry.core.errors import Malformed
from hueandcry.core.formats.goaml import Report, write_report
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.cli import showing, small_files
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage


def write(
    file: Annotated[Path, typer.Argument(help="the report, as TOML")],
    output: Annotated[Path, typer.Option(help="the XML file to write")],
    zone: Annotated[str, typer.Option(help="time zone of the unit, such as Asia/Bangkok")] = "UTC",
    json: Json = False,
) -> None:
    """Write a report of suspicious transactions as goAML XML, for the portal of the unit."""
    report = _report(file)
    data = write_report(report, _offset(zone, report.submitted))
    small_files.write(output, data)
    if json:
        showing.as_json({"output": str(output), "size": len(data), "code": report.code})
    else:
        showing.out.print(
            f"{output}: {len(data):,} bytes; nothing of it is kept here", markup=False
        )


def _report(path: Path) -> Report:
    """The report of a file; Malformed names what it lacks, what is of another form, or is none."""
    try:
        given = _instants(tomllib.loads(small_files.read(path).decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Usage("file", f"{path} is no TOML", why=str(fault)) from None
    try:
        report = msgspec.convert(given, Report)
    except msgspec.ValidationError as fault:
        raise Malformed("goaml", f"{path.name} is no such report", why=str(fault)) from None
    if more := sorted(_unknown(given, report, "")):
        named = ", ".join(more)
        raise Malformed("goaml", f"A report has no {named}", do="See docs/cooperation/goaml.md")
    return report


def _instants(value: Any) -> Any:
    """Times as microseconds; Malformed for one without a zone, which could be any instant."""
    if isinstance(value, dict):
        return {name: _instants(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_instants(each) for each in value]
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise Malformed("time", f"{value} names no zone", do="Write 2026-11-29T10:00:00+07:00")
    return read_rfc3339(value.isoformat())


def _unknown(given: Any, made: Any, place: str) -> set[str]:
    """Members of what was given that the report made of it does not have, by their places."""
    if isinstance(given, list):
        every = zip(given, made, strict=True)
        return {each for one, other in every for each in _unknown(one, other, place)}
    if not isinstance(given, Mapping) or not is_dataclass(made):
        return set()
    known = {each.name for each in fields(made)}
    found = {f"{place}{name}" for name in given.keys() - known}
    for name in given.keys() & known:
        found |= _unknown(given[name], getattr(made, name), f"{place}{name}.")
    return found


def _offset(zone: str, at: Micros) -> int:
    """Minutes east of UTC by which a zone's clock was ahead at an instant."""
    try:
        there = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Usage("zone", f"{zone!r} is no time zone", do="Write Asia/Bangkok") from None
    ahead = there.utcoffset()
    assert ahead is not None  # it was given a zone
    return ahead // timedelta(minutes=1)


COMMANDS = {"goaml": command(write)}
