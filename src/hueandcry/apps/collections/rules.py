"""What a collection decides without I/O: which version is held, who may see it, what it claims."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from hueandcry.apps.signals.face import NewClaim
from hueandcry.core import normal, sharing, stix
from hueandcry.core.errors import HueError, NotPermitted
from hueandcry.core.stix import Posted, StixObject
from hueandcry.core.types import Audience, Marking, Micros, Purpose, Tlp

#: Bits of a version's place among those of its object.
FIRST, LAST = 1, 2

#: Numbers of audiences in tables, the widest first: a reader sees its own number and below.
TIERS: Final = (Audience.CLEAR, Audience.GREEN, Audience.OWN)
TIER_NUMBER: Final[dict[Audience, int]] = {audience: n for n, audience in enumerate(TIERS)}

_PLAIN: Final = tuple(Marking(tlp) for tlp in Tlp)
_LOOKED_UP: Final = frozenset({Purpose.PREVENTION, Purpose.PROTECTION})


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asks for: fields are AND, values within one OR. None: everything."""

    ids: frozenset[str] | None = None
    types: frozenset[str] | None = None
    spec_versions: frozenset[str] | None = None
    #: words first, last, all
    places: frozenset[str] = frozenset({"last"})
    versions: frozenset[Micros] = frozenset()

    def of(self, id: str, *, every: bool = False) -> Filters:
        """The same for one object; `every`: all its versions."""
        places = frozenset({"all"}) if every else self.places
        return replace(self, ids=frozenset({id}), places=places)

    @property
    def bits(self) -> int:
        """The places asked for, as bits of `Version.place`."""
        return (FIRST if "first" in self.places else 0) | (LAST if "last" in self.places else 0)

    @property
    def nothing(self) -> bool:
        """Whether no object of STIX 2.1 can match."""
        return self.spec_versions is not None and "2.1" not in self.spec_versions

    def takes_version(self, version: Micros) -> bool:
        """Whether an object that is held in one version only is asked for."""
        return bool(self.places) or version in self.versions


class Item(msgspec.Struct):
    """One posted object on its way in."""

    raw: bytes
    id: str
    head: StixObject | None = None
    refusal: HueError | None = None
    marking: Marking = Marking()
    tier: int = 0
    claim: NewClaim | None = None
    note: str = ""  #: what the poster is told of an object that was taken
    added: Micros = 0  #: the date that it got, where it was kept


def read_item(posted: Posted, floor: Tlp, at: Micros) -> Item:
    """One object with its marking, and the claim that it makes; never raises: it says why not."""
    item = Item(posted.raw, _id_of(posted.value))
    try:
        head = item.head = stix.read_object(posted.value)
        item.marking = _PLAIN[max(head.tlp, floor)]
        if head.type == "indicator":
            _read_indicator(item, posted, floor, at)
        item.tier = _tier(item.marking)
    except HueError as error:
        item.refusal = error
    return item


def _id_of(value: Any) -> str:
    id = value.get("id") if isinstance(value, dict) else None
    return id[:300] if isinstance(id, str) else ""


def _at_least(marking: Marking, floor: Tlp) -> Marking:
    if marking.tlp >= floor:
        return marking
    return Marking(floor, marking.pap, marking.purposes, marking.embargo)


def _tier(marking: Marking) -> int:
    purposes = marking.purposes
    reserved = marking.embargo is not None or bool(purposes and purposes.isdisjoint(_LOOKED_UP))
    audience = sharing.tier_of(marking.tlp, marking.pap, reserved=reserved)
    if audience is None:
        raise NotPermitted(
            "red",
            "TLP:RED is for named persons, and no program is one",
            do="Hand it over in person",
        )
    return TIER_NUMBER[audience]


def _read_indicator(item: Item, posted: Posted, floor: Tlp, at: Micros) -> None:
    """What an indicator claims, where its pattern is one value and it is in force."""
    current = stix.in_force(posted.value, at)
    try:
        read = stix.take_indicator(posted.raw, posted.value)
        item.marking = _at_least(read.marking, floor)
        found = normal.normalise(read.kind, read.text)
    except HueError as error:
        if error.code in ("indicator_shape", "indicator_times"):
            raise
        item.note = f"kept; it makes no claim: {error.what}"
        return
    if read.revoked or not current:
        item.note = "" if read.revoked else "kept; it makes no claim: it is not in force now"
        return
    words = (read.verdict, read.lure, read.method, read.confidence)
    item.claim = NewClaim(found, *words, item.marking, read.valid_until)
