"""A member's own labelled messages make its own model, if that is better."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from hueandcry.apps.detection import face as detection
from hueandcry.core.errors import Malformed, TooLarge
from hueandcry.doors.cli import showing
from hueandcry.doors.cli.commands import Json, command
from hueandcry.doors.cli.usage import Usage

MAX_FILE: Final = 200_000_000  #: bytes
MAX_TEXT: Final = 100_000  #: characters of one message, as CSV's fields are bounded

#: What a file may call them → what they are.
LABELS: Final = {
    **{label: label for label in detection.LABELS},
    **{"spam": "advert", "ham": "ordinary", "benign": "ordinary", "smishing": "scam"},
    **{"1": "scam", "0": "ordinary"},
}


def train(
    messages: Annotated[Path, typer.Option(help="CSV or JSON lines with text and label")],
    json: Json = False,
) -> None:
    """Adapt the message model to labelled messages of your own; used only when it is better."""
    examples = list(_read(messages))
    folder = Path(os.environ.get("HUEANDCRY_DATA") or "data") / "models"
    detection.use_folder(folder)
    adapted = detection.adapt(detection.message_model(), examples)
    if adapted.better:
        detection.keep(adapted.model, folder)
    if json:
        showing.as_json(
            {
                "rows": len(examples),
                "languages": [asdict(each) for each in adapted.comparisons],
                "kept": adapted.better,
            }
        )
        return
    columns = ("language", "scams", "others", "", "recall", "precision", "false positives", "F1")
    showing.table(columns, _rows(adapted))
    showing.out.print(
        f"The new model is better and is in use from now on: {folder}"
        if adapted.better
        else "The new model is not better in every language: what was in use stays in use."
    )


def _rows(adapted: detection.Adapted) -> Iterator[tuple[object, ...]]:
    for each in adapted.comparisons:
        for name, rates in (("before", each.before), ("after", each.after)):
            shown = (rates.recall, rates.precision, rates.false_positives, rates.f1)
            first = (each.language, each.scams, each.others) if name == "before" else ("", "", "")
            yield (*first, name, *(f"{rate:.3f}" for rate in shown))


def _read(path: Path) -> Iterator[detection.Labelled]:
    """Every row of the file; Malformed names the first line that is none, TooLarge a bound."""
    try:
        size = path.stat().st_size
    except OSError as fault:
        raise Usage("no_file", f"{path} cannot be read", why=str(fault)) from None
    if size > MAX_FILE or not path.is_file():
        raise TooLarge(
            "file_too_large",
            f"{path.name} is no file of up to {MAX_FILE // 1_000_000} MB",
            do="Take a sample of it",
        )
    rows = _from_csv(path) if path.suffix.lower() == ".csv" else _from_json(path)
    for number, (line, row) in enumerate(rows, start=1):
        if number > detection.MOST_ROWS:
            raise TooLarge(
                "too_many_rows",
                f"{path.name} holds more than {detection.MOST_ROWS} messages",
                do="Take a sample of it",
            )
        yield _labelled(path.name, line, row)


def _labelled(name: str, line: int, row: Any) -> detection.Labelled:
    text = row.get("text") if isinstance(row, dict) else None
    label = LABELS.get(str(row.get("label", "")).strip().lower()) if isinstance(row, dict) else None
    if not isinstance(text, str) or label is None or len(text) > MAX_TEXT:
        raise Malformed(
            "bad_example",
            f"{name}, line {line}, is no labelled message",
            why=f"it needs a text of up to {MAX_TEXT} characters, and a label of "
            + ", ".join(detection.LABELS),
            do="Mend that line; nothing was learnt",
        )
    return detection.Labelled(text, label)


def _from_csv(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                yield reader.line_num, row
    except (csv.Error, UnicodeDecodeError) as fault:
        raise Malformed("not_csv", f"{path.name} is no CSV in UTF-8", why=str(fault)) from None


def _from_json(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_FILE), b""), start=1):
            try:
                yield number, msgspec.json.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
                raise Malformed(
                    "not_json", f"{path.name}, line {number}, is no JSON", why=str(fault)
                ) from None


COMMANDS = {"train": command(train)}
