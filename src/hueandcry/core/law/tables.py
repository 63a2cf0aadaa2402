"""The law as values: instruments, request types, fields, codes of refusal and clock rules.

Everything here is read from the data files beside this module (`reading.py`); nothing is made up
by code. An article is known by its instrument's code and the number that it has there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

#: Instrument of what no treaty says: the partnership's own policy.
POLICY: Final = "house"
#: Kind of an instrument → what makes it the basis of a request. What binds closest stands first.
KINDS: Final[Mapping[str, str]] = {
    "bilateral": "a treaty between these two States is in force on that day",
    "law": "in force for both sides on that day",
    "treaty": "in force for both sides on that day",
    "national": "the law of the requested State allows it; a person there decides",
    "channel": "both sides belong to the channel by their roles",
    "contract": "a contract or a provider's terms cover it",
    "voluntary": "the one who is asked may say no",
    "policy": "both sides are members of the partnership",
}
#: Kinds that bind only where the registry says that they are in force.
BY_REGISTRY: Final = frozenset({"treaty", "bilateral", "law"})


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a request may say."""

    name: str
    what: str
    kind: str
    choices: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Roles that may send a type, to roles that may receive it."""

    senders: frozenset[str]
    receivers: frozenset[str]
    domestic: bool = False  #: both sides in one country only
    urgent: bool = False  #: urgent requests only


@dataclass(frozen=True, slots=True)
class RequestType:
    """One kind of request: who may ask whom for what, and how it runs."""

    code: str
    group: str
    title: str
    asks: str
    article_40: bool
    routes: tuple[Route, ...]
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    returns: frozenset[str]  #: categories of data that may come back through it
    secrecy: str
    output: str
    one_may_send: bool = False
    second_factor: bool = False
    machine: str = ""  #: `hold`, `money`, or none beside the request's own

    @property
    def senders(self) -> frozenset[str]:
        return frozenset().union(*(route.senders for route in self.routes))

    @property
    def receivers(self) -> frozenset[str]:
        return frozenset().union(*(route.receivers for route in self.routes))


@dataclass(frozen=True, slots=True)
class Article:
    """An article of an instrument, in a few words of ours."""

    instrument: str
    number: str
    says: str
    read: bool  #: whether it was read in the source; what is from memory must be checked

    def under(self, number: str) -> bool:
        """Whether it is that article, or a paragraph or letter of it: 42(3)(a) is under 42."""
        return self.number == number or self.number.startswith(f"{number}(")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code by which a request may, or must, be refused."""

    code: str
    article: Article
    says: str
    types: frozenset[str]
    must: bool = False
    by: frozenset[str] = frozenset()  #: roles of the requested side; empty: all
    in_words: bool = False
    route: bool = False  #: the answer must name the route that is open instead


@dataclass(frozen=True, slots=True)
class ClockRule:
    """How long something may take or must last, from when, and when people are warned."""

    code: str
    article: Article
    what: str
    says: str
    types: frozenset[str]
    starts: str
    length: str  #: `60 days`; empty where the law of the place sets it
    bound: str  #: `least`, `most`, or `aim`, which binds nobody
    alarms: tuple[str, ...] = ()  #: spans before the end
    pauses: bool = False  #: while the request stands returned as incomplete
    renewal: str = ""
    escalates_to: str = ""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A treaty, law, channel, contract or policy under which requests are made."""

    code: str
    title: str
    short: str
    kind: str
    source: str
    form: str  #: instrument whose form is used where this one names no field
    roles: frozenset[str]  #: of both sides; empty: any
    no_ground: tuple[Article, ...]  #: that secrecy of banks, or taxes, are no ground of refusal
    general: tuple[str, ...]  #: articles that bind every type it serves
    articles: Mapping[str, Article]
    serves: Mapping[str, tuple[Article, ...]]  #: type → articles; it stands on the first
    fields: Mapping[str, tuple[Article, ...]]
    refusals: tuple[Refusal, ...] = ()
    clocks: tuple[ClockRule, ...] = ()

    def asking(self, type: str, field: str) -> Article | None:
        """The article that asks for a field of a type: one that serves it, else a general one."""
        own = tuple(article.number for article in self.serves.get(type, ()))
        for numbers in (own, self.general):
            for article in self.fields.get(field, ()):
                if any(article.under(number) for number in numbers):
                    return article
        return None


@dataclass(frozen=True, slots=True)
class Law:
    """All of it, consistent: every name that one part uses stands in another."""

    fields: Mapping[str, Field]
    always: tuple[str, ...]  #: fields that every request needs
    may: tuple[str, ...]  #: fields that every request takes
    groups: Mapping[str, str]
    types: Mapping[str, RequestType]
    instruments: Mapping[str, Instrument] = field(default_factory=dict)

    def mandatory(self, type: str) -> tuple[str, ...]:
        return self.always + self.types[type].needs

    def optional(self, type: str) -> tuple[str, ...]:
        each = self.types[type]
        return tuple(name for name in self.may if name not in each.needs) + each.takes

    def bases(self, type: str) -> tuple[Instrument, ...]:
        """Instruments that serve a type, in the order in which they are offered."""
        return tuple(each for each in self.instruments.values() if type in each.serves)

    def refusals(self, type: str, instrument: str | None = None) -> tuple[Refusal, ...]:
        """Codes for a type: under one instrument and policy, or under all that there are."""
        return tuple(
            refusal
            for each in self._with_policy(instrument)
            for refusal in each.refusals
            if type in refusal.types
        )

    def clocks(self, type: str, instrument: str | None = None) -> tuple[ClockRule, ...]:
        """Clocks of a type; under one instrument, its own clock stands for the policy's."""
        rules = [
            clock
            for each in self._with_policy(instrument)
            for clock in each.clocks
            if type in clock.types
        ]
        if instrument is None:
            return tuple(rules)
        own = {rule.what for rule in rules if rule.article.instrument == instrument != POLICY}
        return tuple(
            rule for rule in rules if rule.article.instrument == instrument or rule.what not in own
        )

    def _with_policy(self, instrument: str | None) -> tuple[Instrument, ...]:
        if instrument is None:
            return tuple(self.instruments.values())
        return tuple(self.instruments[code] for code in dict.fromkeys((instrument, POLICY)))
