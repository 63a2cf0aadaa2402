"""What a request must say, and which article asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hueandcry.core import amounts
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.law.tables import POLICY, Article, Field, Instrument, Law
from hueandcry.core.times import read_time

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
MAX_TEXT: Final = 20_000  #: characters of one field
MAX_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: `missing`, `unknown` or `malformed`, and whose rule it is."""

    field: str
    code: str
    says: str
    article: Article | None = None

    def __str__(self) -> str:
        return self.says


def article_of(law: Law, type: str, field: str, instrument: str | None = None) -> Article:
    """The article that a field of a type serves: of the basis, else of its form, else of policy.

    Without an instrument, of the first that serves the type and asks for the field.
    """
    for each in _asking(law, type, instrument):
        if article := each.asking(type, field):
            return article
    raise Malformed(
        "no_article", f"No instrument says why {type} should state {field!r}", why="law files"
    )


def faults(
    law: Law, type: str, given: Mapping[str, Any], instrument: str | None = None
) -> tuple[Fault, ...]:
    """Everything that is missing, unknown or of another form, in the order of the form."""
    needed, taken = law.mandatory(type), law.optional(type)
    return (
        *_missing(law, type, needed, given, instrument),
        *(
            Fault(name, "unknown", f"{type} has no field {name[:64]!a}")
            for name in given
            if name not in needed and name not in taken
        ),
        *(
            _malformed(law.fields[name], article_of(law, type, name, instrument))
            for name in (*needed, *taken)
            if not absent(given.get(name)) and not _fits(law.fields[name], given[name])
        ),
    )


def missing(
    law: Law, type: str, given: Mapping[str, Any], instrument: str | None = None
) -> tuple[Fault, ...]:
    """The mandatory fields that are not there, each named with the article that asks for it."""
    return tuple(_missing(law, type, law.mandatory(type), given, instrument))


def require_form(
    law: Law, type: str, given: Mapping[str, Any], instrument: str | None = None
) -> None:
    """Raises Malformed with every fault of the form, so that one look tells all of them."""
    if found := faults(law, type, given, instrument):
        raise Malformed(
            found[0].code,
            f"{type} cannot be sent: " + "; ".join(each.says for each in found),
            do="Complete the request, and let it be checked again",
        )


def cited(law: Law, article: Article) -> str:
    """An article for people: `Hanoi 42(3)(a)`, with a word where it was not read in the source."""
    text = f"{law.instruments[article.instrument].short} {article.number}"
    return text if article.read else f"{text} (number not checked against the source)"


def _missing(
    law: Law, type: str, needed: tuple[str, ...], given: Mapping[str, Any], instrument: str | None
) -> Iterator[Fault]:
    for name in needed:
        if absent(given.get(name)):
            article = article_of(law, type, name, instrument)
            source = cited(law, article)
            if instrument and article.instrument not in (instrument, POLICY):
                source += ", whose form is used"
            says = f"{name} ({law.fields[name].what}) is missing: {source}"
            yield Fault(name, "missing", says, article)


def _malformed(field: Field, article: Article) -> Fault:
    expected = f"of the kind {field.kind}"
    if field.choices:
        expected = f"one of {', '.join(field.choices)}"
    return Fault(field.name, "malformed", f"{field.name} must be {expected}", article)


def _asking(law: Law, type: str, instrument: str | None) -> Iterator[Instrument]:
    if instrument is None:
        yield from law.bases(type)
    else:
        basis = law.instruments[instrument]
        yield basis
        if basis.form:
            yield law.instruments[basis.form]
    yield law.instruments[POLICY]


def absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _fits(field: Field, value: Any) -> bool:
    if field.kind == "choice":
        return value in field.choices
    if field.kind == "record":
        return _is_record(field, value)
    if field.kind == "records":
        return _is_list(value) and all(_is_record(field, each) for each in value)
    return _FORMS[field.kind](value)


def _is_record(field: Field, value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    names = set(value)
    return set(field.members) <= names <= {*field.members, *field.also} and all(
        isinstance(each, (str, bool, int)) and not absent(each) for each in value.values()
    )


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_ROWS


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and read_time(value) is not None
    except HueError:
        return False


def _is_period(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"from", "to"}:
        return False
    both = (value["from"], value["to"])
    return all(_is_instant(each) for each in both) and read_time(both[0]) <= read_time(both[1])


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


#: Kind of a field → whether a value, as JSON has it, is of that form.
_FORMS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "text": _is_text,
    "texts": lambda v: _is_list(v) and all(_is_text(each) and each for each in v),
    "yes-no": lambda v: isinstance(v, bool),
    "number": lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 10_000,
    "amount": lambda v: isinstance(v, str) and amounts.FORM.fullmatch(v) is not None,
    "instant": _is_instant,
    "period": _is_period,
    "digest": _is_digest,
    "digests": lambda v: _is_list(v) and all(_is_digest(each) for each in v),
}
