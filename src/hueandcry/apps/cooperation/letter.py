"""A request as a letter: what stands in it, in which order, and under which article.

Pure but for the fonts of this machine. Same facts, same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from hueandcry.apps.cooperation.letter_words import Words, words
from hueandcry.core import jcs
from hueandcry.core.errors import NotFound
from hueandcry.core.law import LAW, POLICY, article_of
from hueandcry.core.times import time_text
from hueandcry.core.types import SECOND, Fingerprint, Micros
from hueandcry.engine import sheets

#: Type → the model form of UNODC that it is.
MODEL_FORMS: Final = {
    "PRESERVE": "form 1",
    "SUBSCRIBER_DIRECT": "form 2",
    "EMERGENCY": "form 3",
}
_MODELS: Final = "unodc-forms"
_HANOI: Final = "hanoi"
_LETTERS: Final = "abcdefg"
_PARAGRAPHS: Final = frozenset(f"{each}({x})" for each in ("40(15)", "42(3)") for x in _LETTERS)
_UNREAD: Final = (
    "\N{NO-BREAK SPACE}*"  #: behind the number of an article that nobody read in the source
)
#: Groups whose requests contain what article 40(15) names.
_ARTICLE_40: Final = frozenset(code for code, each in LAW.types.items() if each.article_40)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """One side of a letter."""

    name: str
    country: str
    fingerprint: Fingerprint  #: empty of an authority without a node
    address: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request stands on, as the side that prints the letter knows it."""

    instrument: str
    on: str  #: the day on which it was looked up
    why: str
    articles: Sequence[str] = ()  #: none: it does not stand, and `why` says so
    claimed: bool = False  #: the other side says so


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation of what a request says that an officer has certified."""

    language: str
    text: Mapping[str, str]  #: field → its text
    translator: str
    officer: str  #: pseudonym
    day: str


@dataclass(frozen=True, slots=True)
class Letter:
    """All that a letter shows."""

    request: UUID
    type: str
    given: Mapping[str, Any]
    ground: Ground
    sender: Correspondent
    recipient: Correspondent
    state: str
    signers: Sequence[str]
    document: str  #: digest of the signed document, or of the scan; empty: there is none
    entry: int | None  #: in the ledger of the side that prints it
    at: Micros
    translation: Translated | None = None
    on_paper: bool = False  #: it came as a letter, of which this is no more than a transcript


def content(request: UUID, type: str, instrument: str, given: Mapping[str, Any]) -> str:
    """The digest of what a request says, whoever has signed it so far."""
    said = {"request": str(request), "type": type, "instrument": instrument, "given": dict(given)}
    return hashlib.sha256(jcs.canonical(said)).hexdigest()


def sheet(letter: Letter, language: str = sheets.ENGLISH) -> bytes:
    """The letter as PDF with its fixed words in a language; NotFound where it cannot be set."""
    told = words(language)
    if not sheets.can_set(language):
        raise NotFound(
            "font",
            f"No font here has the letters of {language}",
            why="The sheet would be full of empty boxes",
            do=f"Install {sheets.FAMILIES[language]}, or take the letter in English",
        )
    source = files(__package__).joinpath("letter.typ").read_bytes()
    return sheets.pdf(source, _data(told, letter), letter.at)


def _data(told: Words, letter: Letter) -> dict[str, Any]:
    model = MODEL_FORMS.get(letter.type)
    form = LAW.instruments[_MODELS].articles[model].says if model else ""
    moment = datetime.fromtimestamp(letter.at // SECOND, UTC)
    every = [_section(told, letter, name, fields) for name, fields in _sections(letter.type)]
    cited = {row[2] for each in every for row in each["rows"]}
    return {
        "words": {**asdict(told), "type": {}, "field": {}},
        "fonts": sheets.fonts(told.language),
        "date": list(moment.timetuple()[:6]),
        "id": str(letter.request),
        "title": told.type[letter.type],
        "model": told.says["model"].format(form=form) if form else "",
        "banner": told.says.get("transcript" if letter.on_paper else letter.state.lower(), ""),
        "head": [list(line) for line in _head(told, letter)],
        "basis": list(_basis(told, letter)),
        "sections": [each for each in every if each["rows"]],
        "unread": told.says["unread"] if any(each.endswith(_UNREAD) for each in cited) else "",
        "language": told.says["language"].format(language=letter.given.get("language", "")),
        "signers": list(letter.signers),
        "by_document": bool(letter.document) and not letter.on_paper,
        "on_paper": letter.on_paper,
        "translation": _translation(told, letter),
    }


# --- head -----------------------------------------------------------------------------------------


def _head(told: Words, letter: Letter) -> Iterator[tuple[str, str]]:
    label = told.label
    for name, each in (("to", letter.recipient), ("from", letter.sender)):
        yield label[name], "\n".join(filter(None, (f"{each.name} ({each.country})", each.address)))
        if each.fingerprint:
            yield label["fingerprint"], each.fingerprint
    yield label["request"], str(letter.request)
    yield label["kind"], f"{told.type[letter.type]} ({letter.type})"
    yield label["date"], time_text(letter.at)[:16].replace("T", " ")
    instrument = letter.ground.instrument
    yield label["content"], content(letter.request, letter.type, instrument, letter.given)
    if letter.document:
        yield label["scan" if letter.on_paper else "document"], letter.document
    if letter.entry is not None:
        yield label["entry"], str(letter.entry)


def _basis(told: Words, letter: Letter) -> Iterator[str]:
    """The basis by its name, how it stands, and whose form is used: never one for the other."""
    ground, says = letter.ground, told.says
    instrument = LAW.instruments[ground.instrument]
    articles = ", ".join(f"{instrument.short} {number}" for number in ground.articles)
    on = "claimed" if ground.claimed else "stands_on"
    yield says[on].format(title=instrument.title, articles=articles)
    why = told.kind[instrument.kind] if ground.articles else ground.why
    yield says["claimed_why" if ground.claimed else "stands_why"].format(on=ground.on, why=why)
    if ground.instrument != _HANOI and _ordered(letter.type):
        hanoi = LAW.instruments[_HANOI]
        yield says["form"].format(form=hanoi.title, short=hanoi.short)


# --- sections -------------------------------------------------------------------------------------


def _ordered(type: str) -> str:
    """The paragraph of the Hanoi Convention whose contents and order a type follows, if one."""
    if type in _ARTICLE_40:
        return "40(15)"
    return "42(3)" if type == "PRESERVE" else ""


def _sections(type: str) -> Iterator[tuple[str, Sequence[str]]]:
    """(name, fields) of every section: each field that the type knows stands in exactly one."""
    known = (*LAW.mandatory(type), *LAW.optional(type))
    asked = LAW.instruments[_HANOI].fields
    placed: set[str] = set()
    paragraph = _ordered(type)
    for letter in _LETTERS if paragraph else ():
        name = f"{paragraph}({letter})"
        serving = [each for each in known if each not in placed and _serves(asked, each, name)]
        placed.update(serving)
        yield name, serving
    for name, fields in (("reference", LAW.always), ("particulars", known), ("handling", LAW.may)):
        later = LAW.may if name == "particulars" else ()
        rest = [each for each in fields if each not in placed and each not in later]
        placed.update(rest)
        yield name, rest


def _serves(asked: Mapping[str, Collection[Any]], field: str, number: str) -> bool:
    return any(article.number == number for article in asked.get(field, ()))


def _section(told: Words, letter: Letter, name: str, fields: Sequence[str]) -> dict[str, Any]:
    """Sections of the Convention show what is not stated as well; the others what is there."""
    article = name if name in _PARAGRAPHS else ""
    shown = [each for each in fields if article or each in letter.given or _needed(letter, each)]
    rows = [_row(told, letter, each) for each in shown]
    if article and not rows:
        rows = [[told.says["absent"], "", ""]]
    heading = told.section[name]
    if article:
        heading += f" · {LAW.instruments[_HANOI].short} {article}"
    return {"heading": heading, "rows": rows}


def _needed(letter: Letter, field: str) -> bool:
    return field in LAW.mandatory(letter.type)


def _row(told: Words, letter: Letter, field: str) -> list[str]:
    absent = told.says["missing" if _needed(letter, field) else "absent"]
    value = _told(told, letter.given[field]) if field in letter.given else absent
    return [_capital(told.field[field]), value, _cited(told, letter, field)]


def _cited(told: Words, letter: Letter, field: str) -> str:
    """The article that asks for the field: of the basis, of its form, or the word for policy."""
    article = article_of(LAW, letter.type, field, letter.ground.instrument)
    if article.instrument == POLICY:
        return told.says["policy"]
    mark = "" if article.read else _UNREAD
    return f"{LAW.instruments[article.instrument].short} {article.number}{mark}"


def _told(told: Words, value: Any) -> str:
    if isinstance(value, bool):
        return told.label["yes" if value else "no"]
    if isinstance(value, Mapping):
        return "\n".join(f"{told.member[k]}: {_told(told, each)}" for k, each in value.items())
    if isinstance(value, list):
        rows = [_told(told, each).replace("\n", "; ") for each in value]
        return rows[0] if len(rows) == 1 else "\n".join(f"{n}. {x}" for n, x in enumerate(rows, 1))
    return str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- translation ----------------------------------------------------------------------------------


def _translation(told: Words, letter: Letter) -> dict[str, Any] | None:
    by = letter.translation
    if by is None:
        return None
    said = {"translator": by.translator, "officer": by.officer, "day": by.day}
    return {
        "heading": told.says["translation"].format(language=by.language),
        "says": told.says["translated"].format(**said),
        "rows": [[_capital(told.field[name]), text] for name, text in by.text.items()],
    }
