"""Texts in, what they look like and why out; no node is needed, and none is opened."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import msgspec
import typer

from hueandcry.apps.detection import face as detection
from hueandcry.core.extract import MAX_TEXT
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

MAX_LINE: Final = 4_000_000  #: bytes of one line, which holds one text

#: `--as` → how such texts are looked at.
ASSESSORS: Final[dict[str, Callable[[Iterable[str]], Iterator[detection.Assessment]]]] = {
    "message": detection.assess_messages,
    "job-advert": detection.assess_jobs,
    "url": detection.assess_links,
}
_COLOURS: Final = {"scam": "red", "suspicious": "yellow", "ordinary": "green", "unknown": "dim"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the input: an id and a text, or what is wrong with it."""

    id: str | int
    text: str = ""
    problem: str = ""


def scan(
    text: Annotated[str | None, typer.Argument(help="a text; - for stdin")] = None,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", help="lines of JSON: a text, or id and text; -")
    ] = None,
    as_: Annotated[str, typer.Option("--as", help=f"{', '.join(ASSESSORS)}")] = "message",
    market: Annotated[str | None, typer.Option(help="country whose numbers are meant: TH")] = None,
    json: Json = False,
) -> None:
    """Say what a text looks like, and why."""
    if as_ not in ASSESSORS:
        raise Usage("bad_option", f"--as takes {', '.join(ASSESSORS)}", why=f"not {as_!r}")
    if (text is None) == (jsonl is None):
        raise Usage("bad_arguments", "Give one text, or --jsonl with a file")
    detection.use_folder(Path(os.environ.get("HUEANDCRY_DATA") or "data") / "models")
    if text is not None:
        given = sys.stdin.read(MAX_TEXT) if text == "-" else text
        _show(iter([_Line(1, given)]), as_, json)
        return
    with _opened(jsonl or Path("-")) as file:
        _show(_lines(file), as_, json)


def _show(lines: Iterator[_Line], as_: str, json: bool) -> None:
    for answer in _answers(lines, as_):
        if json:
            showing.as_json(answer)
        else:
            _as_words(answer)


def _answers(lines: Iterator[_Line], as_: str) -> Iterator[dict[str, Any]]:
    """One answer for each line, in order; a line that cannot be read gets one too."""
    for wrong, some in groupby(lines, key=lambda line: bool(line.problem)):
        if wrong:
            yield from (_unreadable(line) for line in some)
            continue
        ids: list[str | int] = []
        for assessment in ASSESSORS[as_](_noting(some, ids)):
            yield _answer(ids.pop(0), assessment)


def _noting(lines: Iterable[_Line], ids: list[str | int]) -> Iterator[str]:
    """The texts of `lines`; their ids wait in `ids`, since texts are looked at in batches."""
    for line in lines:
        ids.append(line.id)
        yield line.text


def _answer(id: str | int, found: detection.Assessment) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": id,
        "language": found.language,
        "language_confidence": found.language_confidence,
        "language_rivals": found.language_rivals,
        "likelihood": found.likelihood,
        "verdict": found.finding.value,
        "lure": found.lure,
        "method": found.method,
        "signals": [
            {
                "kind": each.kind.value,
                "value": each.value,
                "start": each.start,
                "end": each.end,
                "confidence": each.confidence,
            }
            for each in found.signals
        ],
        "amounts": found.amounts,
        "accounts": found.accounts,
        "reasons": [
            {"code": each.code, "params": each.params, "spans": each.spans}
            for each in found.reasons
        ],
        "model": found.model,
    }
    if found.indicators:
        answer["indicators"] = found.indicators
    return answer


def _unreadable(line: _Line) -> dict[str, Any]:
    return _answer(
        line.id,
        detection.Assessment(
            detection.Sort.MESSAGE,
            detection.Finding.UNKNOWN,
            0.5,
            reasons=(detection.Reason("not_a_message", {"problem": line.problem}),),
        ),
    )


def _as_words(answer: dict[str, Any]) -> None:
    colour = _COLOURS[answer["verdict"]]
    told = ", ".join(filter(None, (answer["lure"], answer["method"], answer["language"])))
    showing.out.print(f"[{colour}]{answer['verdict']:10}[/] {answer['likelihood']:.2f}  {told}")
    for reason in answer["reasons"]:
        words = detection.MEANINGS[reason["code"]].words.format(**reason["params"])
        showing.out.print(f"  {words}", markup=False)
    for signal in answer["signals"]:
        showing.out.print(f"  {signal['kind']}: {signal['value']}", markup=False)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as fault:
        raise Usage("no_file", f"{path} cannot be read", why=str(fault)) from None
    with file:
        yield file


def _lines(file: BinaryIO) -> Iterator[_Line]:
    """Each line with its id, or its number; a line beyond the bound is skipped to its end."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        whole = line.endswith(b"\n") or len(line) < MAX_LINE
        while not whole:
            rest = file.readline(MAX_LINE)
            whole = not rest or rest.endswith(b"\n")
            line = b""
        yield _read(line, number) if line else _Line(number, problem="it is too long")


def _read(line: bytes, number: int) -> _Line:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Line(number, problem="it is no JSON")
    if isinstance(value, str):
        return _Line(number, value)
    given = value if isinstance(value, dict) else {}
    id, text = given.get("id", number), given.get("text")
    name = id if isinstance(id, str | int) else number
    if not isinstance(text, str):
        return _Line(name, problem="it has no text")
    return _Line(name, text)


COMMANDS = {"scan": command(scan)}
