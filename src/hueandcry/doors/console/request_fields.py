"""The fields of a request as inputs of a page: what the law asks for, read and shown again.

An input has the name of its field, and within records the number of the row and the member:
`f-items-0-kind`. What cannot be read stays as it was typed: the law then says what belongs there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import timezone

from hueandcry.core.errors import HueError
from hueandcry.core.law import LAW, POLICY, Fault, Field, article_of
from hueandcry.core.law.forms import MAX_ROWS
from hueandcry.core.times import read_rfc3339, time_text
from hueandcry.core.types import SECOND
from hueandcry.doors.console import request_labels

#: Empty rows that stand below those of a list, to be filled in.
SPARE: Final = 1
#: Kinds of fields that hold one row of several inputs, or several.
_RECORDS: Final = frozenset({"record", "records"})
#: Texts of one line; every other one may be long.
_SHORT: Final = frozenset(
    {
        *("authority_name", "contact", "case_ref", "language", "offence_article", "hold_ref"),
        *("offence_provision", "provider", "provider_state", "custodian", "source_grade", "law"),
        *("victim_institution", "beneficiary_institution", "account", "currency", "linked_ref"),
        *("payment_reference", "fraud_type", "complaint_ref", "validated_by", "session", "target"),
        *("property_location", "place", "return_contact", "appeal_contact", "mla_status"),
    }
)
#: Members of records that are no plain text.
_MEMBERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("political", "discrimination", "possibly_coerced"), "yes-no"),
    **dict.fromkeys(("until", "from", "to", "at"), "instant"),
    "date": "day",
    "size": "number",
}
_YES: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its name on the page, what it is called, its kind, and what stands in it."""

    name: str
    label: object
    kind: str  #: line | text | yes-no | choice | number | amount | instant | day | digest | lines
    text: str
    needed: bool = False
    choices: Sequence[tuple[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of a request as the page asks for it."""

    field: Field
    label: object
    article: str
    checked: bool  #: whether somebody read the number of the article in the source
    policy: bool  #: the partnership's own policy asks for it, no treaty
    mandatory: bool
    rows: Sequence[Sequence[Input]]
    missing: bool  #: it is needed, and nothing was typed
    problems: Sequence[str]  #: what else is wrong with it

    @property
    def many(self) -> bool:
        """Whether it has rows that can become more."""
        return self.field.kind == "records"

    @property
    def single(self) -> Input | None:
        """Its one input, if it has no more."""
        return None if self.field.kind in _RECORDS or self.field.kind == "period" else self.first

    @property
    def first(self) -> Input:
        return self.rows[0][0]

    @property
    def wrong(self) -> bool:
        return self.missing or bool(self.problems)

    @property
    def filled(self) -> bool:
        """Whether anything was typed in it."""
        return any(each.text for row in self.rows for each in row)


def names(type: str) -> tuple[str, ...]:
    """The fields that a type has, those that it needs first."""
    return (*LAW.mandatory(type), *LAW.optional(type))


def asked(
    type: str,
    instrument: str,
    wanted: Iterable[str],
    given: Mapping[str, Any],
    faults: Iterable[Fault] = (),
    more: str = "",
) -> list[Asked]:
    """These fields of a type under a basis, as filled in; `more` names one that gets a new row."""
    needed, wrong = LAW.mandatory(type), list(faults)
    found = []
    for name in wanted:
        article = article_of(LAW, type, name, instrument)
        here = [each for each in wrong if each.field == name]
        mandatory = name in needed
        rows = _rows(LAW.fields[name], given.get(name), mandatory, SPARE * 3 * (name == more))
        found.append(
            Asked(
                LAW.fields[name],
                request_labels.field(name),
                f"{LAW.instruments[article.instrument].short} {article.number}",
                article.read,
                article.instrument == POLICY,
                mandatory,
                rows,
                any(each.code == "missing" for each in here),
                [each.says for each in here if each.code != "missing"],
            )
        )
    return found


def read(wanted: Iterable[str], posted: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of these fields; those about which it says nothing are not there."""
    found = {name: _read(LAW.fields[name], posted) for name in wanted}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def unread(fields: Iterable[Asked]) -> bool:
    """Whether the article of any of them has a number that nobody read in the source."""
    return any(not each.checked for each in fields)


def posted(wanted: Iterable[str], data: Iterable[str]) -> set[str]:
    """Those of these fields of which a posted form had an input, though it be empty."""
    asked = {each.split("-")[1] for each in data if each.startswith("f-")}
    return asked.intersection(wanted)


def untouched(fields: Sequence[Asked]) -> dict[str, str]:
    """What a form posts in which nobody changed anything."""
    found = {each.name: each.text for asked in fields for row in asked.rows for each in row}
    return found | {f"f-{each.field.name}-rows": str(len(each.rows)) for each in fields}


def _read(field: Field, posted: Mapping[str, str]) -> Any:
    if field.kind == "records":
        rows = (_record(field, n, posted) for n in range(_count(field, posted)))
        return [row for row in rows if row]
    if field.kind == "record":
        return _record(field, 0, posted)
    if field.kind == "period":
        ends = {end: _value("instant", posted.get(f"f-{field.name}-{end}")) for end in _ENDS}
        return ends if any(ends.values()) else None
    return _value(field.kind, posted.get(f"f-{field.name}"))


def _record(field: Field, n: int, posted: Mapping[str, str]) -> dict[str, Any]:
    values = {
        member: _value(_MEMBERS.get(member, "text"), posted.get(_named(field, n, member)))
        for member in (*field.members, *field.also)
    }
    return {member: value for member, value in values.items() if value is not None}


def _count(field: Field, posted: Mapping[str, str]) -> int:
    text = posted.get(f"f-{field.name}-rows", "")
    return min(int(text), MAX_ROWS) if text.isascii() and text.isdigit() else 0


def _value(kind: str, text: str | None) -> Any:
    """A text of a form as the law has it; None where nothing was typed."""
    said = (text or "").strip()
    return _READ.get(kind, str)(said) if said else None


def _instant(text: str) -> str:
    """A wall time in the reader's zone as an instant; any RFC 3339 time is one as well."""
    try:
        wall = datetime.fromisoformat(text)
        if wall.tzinfo is None:
            wall = wall.replace(tzinfo=timezone.get_current_timezone())
        whole = wall.astimezone(UTC).replace(microsecond=0)
        return time_text(int(whole.timestamp()) * SECOND)
    except (ValueError, OverflowError, HueError):
        return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text


def _digests(text: str) -> list[str]:
    return [line.lower() for line in _lines(text)]


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "yes-no": lambda text: _YES.get(text, text),
    "number": _number,
    "amount": lambda text: text.replace(",", "").replace(" ", ""),
    "instant": _instant,
    "digest": str.lower,
    "digests": _digests,
    "texts": _lines,
}

# --- as inputs ------------------------------------------------------------------------------------

_ENDS: Final = ("from", "to")
#: Kind of a field → kind of its input, where that is called otherwise.
_INPUTS: Final = {"texts": "lines", "digests": "lines"}


def _rows(field: Field, value: Any, needed: bool, more: int) -> list[list[Input]]:
    if field.kind == "period":
        return [[_end(field, end, value, needed) for end in _ENDS]]
    if field.kind == "record":
        return [_members(field, 0, value if isinstance(value, dict) else {}, needed)]
    if field.kind == "records":
        held = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
        rows = [*held, *({} for _ in range(more or SPARE))]
        return [_members(field, n, row, needed and n == 0) for n, row in enumerate(rows)]
    kind = _INPUTS.get(field.kind, field.kind)
    if kind == "text" and field.name in _SHORT:
        kind = "line"
    choices = [(code, request_labels.choice(code)) for code in field.choices]
    text, label = _typed(field.kind, value), request_labels.field(field.name)
    return [[Input(f"f-{field.name}", label, kind, text, needed, choices)]]


def _members(field: Field, n: int, row: Mapping[str, Any], needed: bool) -> list[Input]:
    found = []
    for member in (*field.members, *field.also):
        kind = _MEMBERS.get(member, "line")
        found.append(
            Input(
                _named(field, n, member),
                request_labels.member(member),
                kind,
                _typed(kind, row.get(member)),
                needed and member in field.members,
            )
        )
    return found


def _end(field: Field, end: str, value: Any, needed: bool) -> Input:
    at = value.get(end) if isinstance(value, dict) else None
    name = f"f-{field.name}-{end}"
    return Input(name, request_labels.member(end), "instant", _typed("instant", at), needed)


def _named(field: Field, n: int, member: str) -> str:
    return f"f-{field.name}-{n}-{member}"


def _typed(kind: str, value: Any) -> str:
    """A value as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "instant":
        return _wall(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wall(text: Any) -> str:
    """An instant as a wall time in the reader's zone; what is none stays as it is."""
    try:
        at = datetime.fromtimestamp(read_rfc3339(text) // SECOND, UTC)
    except (HueError, TypeError):
        return str(text)
    return at.astimezone(timezone.get_current_timezone()).strftime("%Y-%m-%dT%H:%M:%S")
