"""The registry as values: how an instrument stands for a party, and how a place does things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Final

from hueandcry.core.clocks import Place as Calendar
from hueandcry.core.law.bases import InForce

#: What is kept of a place → (how its value is written, what it says). None counts before a lawyer
#: of the place has ticked it.
FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "channel": ("channel", "by which channel a request comes in"),
    "electronic_requests": ("yes-no", "whether requests in electronic form are accepted"),
    "signature": ("text", "what form of signature a request needs"),
    "certified_translation": ("yes-no", "whether a translation must be certified"),
    "hold_by": ("text", "who may hold money provisionally"),
    "hold_length": ("span", "how long, such as 72 hours"),
    "hold_extended_by": ("text", "what makes a hold last longer"),
    "hold_released_by": ("text", "who releases it"),
    "weekend": ("weekdays", "on which days of the week nobody works, such as saturday, sunday"),
    "holidays": ("days", "on which other days nobody works, such as 2027-01-01, 2027-04-13"),
}
WEEKDAYS: Final = (*("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),)
CHANNELS: Final = ("central-authority", "diplomatic", "police")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one instrument stands for one party, in a span of days; where that was read, and when."""

    instrument: str
    party: str  #: ISO 3166 alpha-2
    valid_from: date
    source: str
    checked: date
    read: bool  #: in the depositary's own record; what was not is no basis
    valid_to: date | None = None  #: the last day
    with_party: str = ""  #: of a bilateral treaty, the other one
    signed: date | None = None
    ratified: date | None = None
    in_force_from: date | None = None
    excluded: tuple[str, ...] = ()  #: articles, by reservation or declaration
    reservations: tuple[str, ...] = ()
    declarations: tuple[str, ...] = ()
    central_authority: str = ""
    languages: tuple[str, ...] = ()
    point_24_7: str = ""
    note: str = ""

    def span(self) -> InForce:
        """The days that the row speaks of, whether or not the instrument is in force on them."""
        return InForce(self.instrument, self.party, self.valid_from, self.valid_to, self.with_party)

    def fact(self) -> InForce | None:
        """What `core.law.offer` is told of it; None while it is not in force."""
        if self.in_force_from is None:
            return None
        return InForce(
            self.instrument,
            self.party,
            max(self.valid_from, self.in_force_from),
            self.valid_to,
            self.with_party,
            frozenset(self.excluded),
        )


@dataclass(frozen=True, slots=True)
class Treaty:
    """One instrument in the registry: how it stands as a whole, and for each party."""

    code: str
    state: str  #: in words, such as why it is not in force
    source: str
    checked: date
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about a place, and who ticked it."""

    value: str
    source: str
    checked: date | None = None
    checked_by: str = ""  #: a lawyer of the member; empty: unchecked


def listed(value: str) -> list[str]:
    """What a value with commas names."""
    return [each.strip() for each in value.split(",") if each.strip()]


@dataclass(frozen=True, slots=True)
class Place:
    """A country as requests meet it."""

    country: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def checked(self, name: str) -> str:
        """The value of a fact that was ticked; empty where it is unknown or unchecked."""
        fact = self.facts.get(name)
        return fact.value if fact is not None and fact.checked_by else ""

    def calendar(self, zone: tzinfo) -> Calendar:
        """Its days in that zone, with weekend and holidays; Saturday and Sunday if unchecked."""
        weekend, holidays = listed(self.checked("weekend")), listed(self.checked("holidays"))
        days = frozenset(date.fromisoformat(each) for each in holidays)
        if not weekend:
            return Calendar(zone, holidays=days)
        return Calendar(zone, frozenset(WEEKDAYS.index(each) for each in weekend), days)


@dataclass(frozen=True, slots=True)
class Group:
    """States that belong together, such as the members of ASEAN."""

    code: str
    title: str
    members: tuple[str, ...]
    source: str
    read: bool
    checked: date


@dataclass(frozen=True, slots=True)
class Registry:
    """All of it: no two rows of one instrument and party speak of the same day."""

    treaties: Mapping[str, Treaty] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    @property
    def standings(self) -> tuple[Standing, ...]:
        return tuple(each for treaty in self.treaties.values() for each in treaty.standings)

    def place(self, country: str) -> Place:
        """A place; one of which nothing is known where there is none."""
        return self.places.get(country, Place(country))
