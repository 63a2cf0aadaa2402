"""Under which instrument a request may be made between two parties, on one day.

What is in force is told by the caller, out of its treaty registry; nothing of it is known here.
Where one instrument is not in force between both, the same form runs under another, which is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from hueandcry.core.errors import Conflict, Malformed, NotPermitted
from hueandcry.core.law.tables import BY_REGISTRY, KINDS, Article, Instrument, Law


@dataclass(frozen=True, slots=True)
class InForce:
    """One row of a registry: an instrument is in force for a party in a span of days."""

    instrument: str
    party: str  #: ISO 3166 country
    since: date
    until: date | None = None  #: the last day; None: no end is known
    with_party: str = ""  #: of a bilateral treaty, the other one
    excluded: frozenset[str] = frozenset()  #: articles excluded by reservation or declaration

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise Malformed("span", f"{self.instrument} ends for {self.party} before it begins")

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a request: its country and its roles."""

    country: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Basis:
    """An instrument that can be used, and the articles of it that serve this type."""

    instrument: str
    title: str
    articles: tuple[str, ...]
    why: str
    form: str = ""  #: instrument whose form is used with it


@dataclass(frozen=True, slots=True)
class NoBasis:
    """An instrument that serves the type and cannot be used here, with the reason."""

    instrument: str
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The answer to `offer`; it is stored with the request that it was made for."""

    on: date
    bases: tuple[Basis, ...]
    without: tuple[NoBasis, ...]


def offer(
    law: Law, type: str, requesting: Party, requested: Party, on: date, facts: Iterable[InForce]
) -> Offer:
    """Every basis of a type between two parties on that day, and what is none and why."""
    rows = [row for row in facts if row.on(on)]
    answers = [_judge(each, type, requesting, requested, rows) for each in law.bases(type)]
    return Offer(
        on,
        tuple(each for each in answers if isinstance(each, Basis)),
        tuple(each for each in answers if isinstance(each, NoBasis)),
    )


def refuse_overlap(held: Iterable[InForce], new: InForce) -> None:
    """Conflict where the registry has a row of that instrument and party for one of the days."""
    for row in held:
        if _of_the_same(row, new) and (new.on(row.since) or row.on(new.since)):
            raise Conflict(
                "overlap",
                f"{new.instrument} is in the registry for {new.party} from {row.since} already",
                why="Two rows would tell two things of one day",
                do="End that row on the day before, or correct it",
            )


def require(found: Offer, instrument: str) -> Basis:
    """The basis that was chosen; NotPermitted says why it is none, and names those that are."""
    for basis in found.bases:
        if basis.instrument == instrument:
            return basis
    others = ", ".join(basis.title for basis in found.bases) or "none is known"
    none = next((each for each in found.without if each.instrument == instrument), None)
    raise NotPermitted(
        "basis",
        f"{none.title if none else ascii(instrument[:60])} cannot be the basis of this request",
        why=none.why if none else "It does not serve this type of request",
        do=f"The same form can be used under: {others}",
    )


def _judge(
    each: Instrument, type: str, requesting: Party, requested: Party, rows: Collection[InForce]
) -> Basis | NoBasis:
    if each.kind in BY_REGISTRY:
        return _by_registry(each, type, requesting, requested, rows)
    if each.roles and not (each.roles & requesting.roles and each.roles & requested.roles):
        needed = ", ".join(sorted(each.roles))
        return NoBasis(each.code, each.title, f"both sides must be one of: {needed}")
    return _basis(each, each.serves[type], KINDS[each.kind])


def _by_registry(
    each: Instrument, type: str, requesting: Party, requested: Party, rows: Collection[InForce]
) -> Basis | NoBasis:
    if requesting.country == requested.country:
        return NoBasis(each.code, each.title, "both sides are in one State, whose own law applies")
    mine = [row for row in rows if row.instrument == each.code]
    if each.kind == "bilateral":
        pair = {requesting.country, requested.country}
        held = [row for row in mine if {row.party, row.with_party} == pair]
        lacking = [] if held else [f"{requesting.country} and {requested.country}"]
    else:
        countries = (requesting.country, requested.country)
        held = [row for row in mine if row.party in countries]
        lacking = [c for c in countries if all(row.party != c for row in held)]
    if lacking:
        return NoBasis(
            each.code, each.title, f"the registry has it not in force on that day for {lacking[0]}"
        )
    excluded = frozenset[str]().union(*(row.excluded for row in held))
    first, *others = each.serves[type]
    if _is_excluded(first, excluded):
        return NoBasis(each.code, each.title, f"a reservation excludes article {first.number}")
    articles = [first, *(other for other in others if not _is_excluded(other, excluded))]
    return _basis(each, articles, KINDS[each.kind])


def _of_the_same(row: InForce, other: InForce) -> bool:
    parties = {row.party, row.with_party}, {other.party, other.with_party}
    return row.instrument == other.instrument and parties[0] == parties[1]


def _is_excluded(article: Article, excluded: Collection[str]) -> bool:
    return any(article.under(number) for number in excluded)


def _basis(each: Instrument, articles: Iterable[Article], why: str) -> Basis:
    return Basis(each.code, each.title, tuple(a.number for a in articles), why, each.form)
