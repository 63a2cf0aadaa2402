"""Files of cases as banks and hotlines write them: CSV with a header, one row a transaction. Pure.

Rows of one `case` that follow each other are one report. Only the columns of COLUMNS are read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from hueandcry.apps.reports.rules import Consent, Role, Source
from hueandcry.apps.reports.stories import GivenLoss, GivenReporter, GivenValue, NewReport
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Kind, Micros

#: Column → what it holds, as the documentation has it.
COLUMNS: Final[dict[str, str]] = {
    "case": "the institution's own number of the case; obligatory",
    "story": "what happened, in any language",
    "happened_at": "when",
    "language": "of the reporter, as `th`",
    "market": "country in which numbers are read, as `TH`; else the node's",
    "lure": "code of the taxonomy",
    "method": "code of the taxonomy",
    "links": "links, addresses, names and wallets, parted by blanks",
    "called": "telephone numbers that the victim called, parted by `;`",
    "messaged": "numbers that the victim wrote to, parted by `;`",
    "displayed": "numbers that were only displayed, parted by `;`: they are never listed",
    "paid": "numbers that money went to, parted by `;`, where no amount is known",
    "amount": "of the transaction, digits with a dot before decimals",
    "currency": "as `THB`",
    "rail": "how the money went",
    "paid_at": "when",
    "to": "the account, wallet or number that it went to",
    "to_kind": "`bank-account`, `wallet`, `phone`; else by its form",
    "reference": "the institution's own number of the transaction",
    "caller": "the reporter's number",
    "name": "the reporter's name",
    "call_back_at": "when a call back was promised",
}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SOURCES: Final = {"bank": Source.BANK, "hotline": Source.HOTLINE}
FORMS: Final = tuple(_SOURCES)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that cannot be taken, and why."""

    n: int
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case, from the rows that could be read."""

    rows: tuple[int, ...]
    new: NewReport
    back_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    n: int
    cells: Mapping[str, str]
    loss: GivenLoss | None
    values: tuple[GivenValue, ...]


def read(lines: Iterable[str], form: str, market: str) -> Iterator[Case | Wrong]:
    """Every case of a file, and every row that is wrong; raises Malformed for another header."""
    reader = csv.DictReader(lines, strict=True)
    _check_header(_names(reader))
    held: list[_Row] = []
    for row in _rows(reader):
        if isinstance(row, Wrong):
            yield row
            continue
        if held and held[0].cells["case"] != row.cells["case"]:
            yield _case(held, form, market)
            held = []
        held.append(row)
    if held:
        yield _case(held, form, market)


def _names(reader: csv.DictReader[str]) -> Iterable[str] | None:
    try:
        return reader.fieldnames
    except csv.Error:
        return None


def _check_header(names: Iterable[str] | None) -> None:
    if names is None or "case" not in names:
        raise Malformed(
            "no_case_column",
            "This file has no column `case` in its first line",
            do=f"Name the columns: {', '.join(COLUMNS)}",
        )


def _rows(reader: csv.DictReader[str]) -> Iterator[_Row | Wrong]:
    n = 1
    while True:
        n += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Wrong(n, "row_unreadable", str(error))
            continue
        yield _row(n, cells)


def _row(n: int, cells: Mapping[str | None, object]) -> _Row | Wrong:
    if None in cells or None in cells.values():
        return Wrong(n, "row_length", "The row has more or fewer cells than the first line")
    plain = {name: str(cells.get(name) or "").strip() for name in COLUMNS}
    if any("\ud800" <= letter <= "\udfff" for text in plain.values() for letter in text):
        return Wrong(n, "not_utf8", "The row is not written in UTF-8")
    if not plain["case"]:
        return Wrong(n, "no_case", "The row names no case")
    try:
        for name in ("happened_at", "call_back_at"):
            _time(plain[name])
        return _Row(n, plain, _loss(plain), tuple(_values(plain)))
    except HueError as error:
        return Wrong(n, error.code, str(error))


def _loss(cells: Mapping[str, str]) -> GivenLoss | None:
    if not cells["amount"]:
        return None
    return GivenLoss(
        cells["amount"],
        cells["currency"].upper(),
        cells["rail"],
        _time(cells["paid_at"]),
        cells["to"],
        _to_kind(cells),
        cells["reference"],
    )


def _to_kind(cells: Mapping[str, str]) -> Kind | None:
    kind = cells["to_kind"]
    if kind and kind not in set(Kind):
        raise Malformed("kind", f"There is no kind {kind[:40]!a}")
    return Kind(kind) if kind else None


def _values(cells: Mapping[str, str]) -> Iterator[GivenValue]:
    for text in cells["links"].split():
        yield GivenValue(text)
    if cells["to"] and not cells["amount"]:  # nothing went there, or nobody knows how much
        yield GivenValue(cells["to"], Role.PAID, _to_kind(cells))
    for role in Role:
        for text in filter(None, map(str.strip, cells[role].split(";"))):
            yield GivenValue(text, role, Kind.PHONE)


def _time(text: str) -> Micros | None:
    if not text:
        return None
    return read_rfc3339(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)


def _case(rows: list[_Row], form: str, market: str) -> Case:
    """One report of all rows of a case: of what is said once, the first row that says it counts."""
    first = {name: next((r.cells[name] for r in rows if r.cells[name]), "") for name in COLUMNS}
    values = dict.fromkeys(value for row in rows for value in row.values)
    new = NewReport(
        source=_SOURCES[form],
        market=first["market"].upper() or market,
        text="\n\n".join(dict.fromkeys(r.cells["story"] for r in rows if r.cells["story"])),
        values=tuple(values),
        losses=tuple(row.loss for row in rows if row.loss is not None),
        happened_at=_time(first["happened_at"]),
        language=first["language"],
        lure=first["lure"],
        method=first["method"],
        consents=frozenset({Consent.SIGNALS}),
        wording=f"{form}-file",
        reporter=_reporter(first),
        reference=first["case"],
        receipt=False,
    )
    return Case(tuple(row.n for row in rows), new, _time(first["call_back_at"]))


def _reporter(first: Mapping[str, str]) -> GivenReporter | None:
    if not (first["caller"] or first["name"]):
        return None
    return GivenReporter(name=first["name"], phone=first["caller"])
