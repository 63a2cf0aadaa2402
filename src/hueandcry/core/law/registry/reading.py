"""From the files of the registry to `Registry`: strict, and no day told of twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Final

from hueandcry.core.clocks import read_span
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.law.bases import refuse_overlap
from hueandcry.core.law.registry.tables import (
    CHANNELS,
    FACTS,
    WEEKDAYS,
    Fact,
    Group,
    Place,
    Registry,
    Standing,
    Treaty,
    listed,
)
from hueandcry.core.law.rows import Row, parsed
from hueandcry.core.law.tables import BY_REGISTRY, Instrument, Law

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
#: How one thing of a list is read; ValueError where it is none.
_LISTS: Final[Mapping[str, Callable[[str], object]]] = {
    "weekdays": WEEKDAYS.index,
    "days": date.fromisoformat,
}
#: How the value of a fact may be written.
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {"channel": CHANNELS, "yes-no": ("yes", "no")}


def read_registry(treaties: Mapping[str, bytes], places: bytes, law: Law) -> Registry:
    """The registry of these files; Malformed or Conflict names the place where one does not fit."""
    registry = read_places(places)
    for name, data in treaties.items():
        registry = with_treaty(registry, read_treaty(name, data, law))
    return registry


def read_treaty(name: str, data: bytes, law: Law) -> Treaty:
    """How one instrument of the law stands, out of one file."""
    table = parsed(name, data)
    code = table.text("instrument")
    instrument = law.instruments.get(code)
    if instrument is None or instrument.kind not in BY_REGISTRY:
        raise table.refused("instrument", f"names {code!r}, which no registry puts in force")
    state, source = table.text("state"), table.text("source")
    checked = _needed(table, "checked")
    standings = tuple(_standing(each, instrument) for each in table.tables("row"))
    table.close()
    _refuse_overlaps(standings)
    return Treaty(code, state, source, checked, standings)


def with_treaty(registry: Registry, treaty: Treaty) -> Registry:
    """The registry with one more file: what was read takes the place of what was not.

    Conflict where a row overlaps one of the registry that was read as well.
    """
    held = registry.treaties.get(treaty.code)
    if held is None:
        return replace(registry, treaties={**registry.treaties, treaty.code: treaty})
    kept = [row for row in held.standings if row.read or not _replaced(row, treaty.standings)]
    standings = (*kept, *treaty.standings)
    _refuse_overlaps(standings)
    merged = replace(treaty, standings=standings)
    return replace(registry, treaties={**registry.treaties, treaty.code: merged})


def with_file(registry: Registry, name: str, data: bytes, law: Law) -> Registry:
    """The registry with one more file, of a treaty or of places, whichever it is."""
    if "instrument" in parsed(name, data).names():
        return with_treaty(registry, read_treaty(name, data, law))
    return with_places(registry, read_places(data, name))


def with_places(registry: Registry, added: Registry) -> Registry:
    """The registry with more places and groups; a fact that was ticked yields to a ticked one."""
    for code in added.groups:
        if code in registry.groups:
            raise _there_already(f"The group {code}")
    places = dict(registry.places)
    for country, place in added.places.items():
        held = registry.place(country)
        for name, fact in place.facts.items():
            if held.checked(name) and not fact.checked_by:
                raise _there_already(f"{name} of {country}, ticked,")
        places[country] = Place(country, {**held.facts, **place.facts})
    return replace(registry, places=places, groups={**registry.groups, **added.groups})


def read_places(data: bytes, name: str = "places.toml") -> Registry:
    """Places and groups of States, out of one file."""
    table = parsed(name, data)
    groups = {code: _group(code, row) for code, row in table.named("group").items()}
    places = {country: _place(country, row) for country, row in table.named("place").items()}
    table.close()
    return Registry(places=places, groups=groups)


def _standing(row: Row, instrument: Instrument) -> Standing:
    signed, ratified = row.day("signed"), row.day("ratified")
    in_force_from = row.day("in_force_from")
    valid_from = row.day("valid_from") or in_force_from or ratified or signed
    if valid_from is None:
        raise row.refused("valid_from", "must be given where no other day is")
    found = Standing(
        instrument.code,
        _country(row, "party", row.text("party")),
        valid_from,
        row.text("source"),
        _needed(row, "checked"),
        row.flag("read"),
        row.day("valid_to"),
        _other(row, instrument),
        signed,
        ratified,
        in_force_from,
        row.texts("excluded"),
        row.texts("reservations"),
        row.texts("declarations"),
        row.text("central_authority", ""),
        row.texts("languages"),
        row.text("point_24_7", ""),
        row.text("note", ""),
    )
    row.close()
    _check_days(row, found)
    _check_articles(row, found, instrument)
    for language in found.languages:
        if not _LANGUAGE.fullmatch(language):
            raise row.refused("languages", f"names {language!r}; write a code such as en or th")
    return found


def _check_days(row: Row, of: Standing) -> None:
    """The days of a row follow one another, as signing comes before being bound."""
    order = [("signed", of.signed), ("ratified", of.ratified), ("in_force_from", of.in_force_from)]
    given = [(name, day) for name, day in order if day is not None]
    for (earlier, before), (later, after) in pairwise(given):
        if after < before:
            raise row.refused(later, f"lies before {earlier}")
    begins = max(filter(None, (of.valid_from, of.in_force_from)))
    if of.valid_to is not None and of.valid_to < begins:
        raise row.refused("valid_to", "lies before the row begins")


def _check_articles(row: Row, of: Standing, instrument: Instrument) -> None:
    for number in of.excluded:
        if not any(article.under(number) for article in instrument.articles.values()):
            raise row.refused("excluded", f"names {number!r}, no article of {instrument.short}")


def _other(row: Row, instrument: Instrument) -> str:
    other = row.text("with_party", "")
    if (instrument.kind == "bilateral") != bool(other):
        raise row.refused("with_party", "belongs to a bilateral treaty, and only there")
    return _country(row, "with_party", other) if other else ""


def _refuse_overlaps(standings: Iterable[Standing]) -> None:
    held: list[Standing] = []
    for each in standings:
        refuse_overlap((row.span() for row in held), each.span())
        held.append(each)


def _replaced(row: Standing, standings: Iterable[Standing]) -> bool:
    return any(each.read and _overlap(row, each) for each in standings)


def _overlap(row: Standing, other: Standing) -> bool:
    try:
        refuse_overlap([row.span()], other.span())
    except Conflict:
        return True
    return False


def _group(code: str, row: Row) -> Group:
    found = Group(
        code,
        row.text("title"),
        row.texts("members", needed=True),
        row.text("source"),
        row.flag("read"),
        _needed(row, "checked"),
    )
    for country in found.members:
        _country(row, "members", country)
    row.close()
    return found


def _place(country: str, row: Row) -> Place:
    _country(row, country, country)
    facts = {}
    for name in row.names():
        if name not in FACTS:
            raise row.refused(name, f"is not known here; what is kept is {', '.join(FACTS)}")
        facts[name] = _fact(name, Row(f"{row.place}.{name}", row.table(name)))
    return Place(country, facts)


def _fact(name: str, row: Row) -> Fact:
    found = Fact(
        row.text("value"), row.text("source"), row.day("checked"), row.text("checked_by", "")
    )
    if (found.checked is None) != (not found.checked_by):
        raise row.refused("checked", "and checked_by belong together: who ticked it, and when")
    _check_value(row, FACTS[name][0], found.value)
    row.close()
    return found


def _check_value(row: Row, form: str, value: str) -> None:
    if form in _FORMS and value not in _FORMS[form]:
        raise row.refused("value", f"must be one of {', '.join(_FORMS[form])}")
    if form in _LISTS:
        _check_list(row, form, value)
    if form == "span":
        try:
            read_span(value)
        except HueError as fault:
            raise row.refused("value", fault.what) from None


def _check_list(row: Row, form: str, value: str) -> None:
    try:
        found = [_LISTS[form](each) for each in listed(value)]
    except ValueError:
        found = []
    if not found or (form == "weekdays" and len(set(found)) == len(WEEKDAYS)):
        raise row.refused("value", f"must name {form}, with commas between, and not every day")


def _country(row: Row, member: str, text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise row.refused(member, f"is {text!r}; write a country as ISO 3166 has it, such as TH")
    return text


def _there_already(what: str) -> Conflict:
    return Conflict(
        "registry", f"{what} is in the registry already", do="Correct that one, or leave this out"
    )


def _needed(row: Row, name: str) -> date:
    found = row.day(name)
    if found is None:
        raise row.refused(name, "must say on which day somebody looked")
    return found
