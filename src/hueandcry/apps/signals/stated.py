"""What a row of a list states for itself, weighed against what holds for the whole list."""

from __future__ import annotations

from typing import Final, Protocol

from hueandcry.apps.signals import queries, service
from hueandcry.apps.signals.service import NewClaim
from hueandcry.apps.signals.writing import Opinion
from hueandcry.core.errors import Unreadable
from hueandcry.core.formats import Row, Said
from hueandcry.core.normal import guess, normalise
from hueandcry.core.sharing import strictest
from hueandcry.core.types import DAY, Kind, Lane, Marking, Micros, Signal, Tlp, Verdict

#: An end that is later than this says nothing: the kind decides, and the list renews.
LONGEST: Final = 730 * DAY


class Terms(Protocol):
    """What of a list its rows are weighed against."""

    @property
    def kind(self) -> Kind | None: ...
    @property
    def source(self) -> str: ...
    @property
    def lure(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def tlp(self) -> Tlp: ...
    @property
    def market(self) -> str | None: ...
    @property
    def confidence(self) -> int | None: ...
    @property
    def confidence_cap(self) -> int | None: ...


def signal(row: Row, listing: Terms) -> Signal:
    """The value of a row as the kind that the list, or else the row, says; raises Unreadable."""
    if row.kind is None:
        if listing.kind is None:
            return guess(row.text, market=listing.market)
        return normalise(listing.kind, row.text, market=listing.market)
    if listing.kind is not None and listing.kind is not row.kind:
        raise Unreadable("other_kind", "It is not of the kind that was asked for")
    return normalise(row.kind, row.text, market=listing.market)


def key_of(row: Row, listing: Terms) -> bytes | None:
    """The signal key of a row's value, whatever else is said of it; None for an unreadable one."""
    try:
        return signal(row, listing).key
    except Unreadable:
        return None


_NOTHING: Final = Said()


def meant(kind: Kind, said: Said | None, listing: Terms) -> NewClaim:
    """What a row about some value of this kind claims, apart from its times."""
    said = said or _NOTHING
    marking = Marking(tlp=listing.tlp)
    if said.marking is not None:
        marking = strictest((marking, said.marking))
    return NewClaim(
        Signal(kind, ""),
        listing.verdict if said.verdict is None else said.verdict,
        said.lure or listing.lure,
        said.method or listing.method,
        _capped(said.confidence, listing),
        marking,
    )


class Opinions:
    """The opinions of one list, each worked out once."""

    def __init__(self, listing: Terms) -> None:
        self._listing = listing
        self._known: dict[tuple[object, ...], Opinion] = {}

    def of(self, kind: Kind, said: Said | None, at: Micros) -> Opinion:
        """What is claimed of a row's value; raises Unreadable where its time is over."""
        said = said or _NOTHING
        start, end = times(said, at)
        terms = (kind, said.verdict, said.marking, said.confidence, said.lure, said.method)
        known = self._known.get(terms)
        if known is None:
            known = self._known[terms] = self._made(kind, said)
        if start is None and end is None:
            return known
        return known._replace(valid_from=start, valid_until=end)

    def _made(self, kind: Kind, said: Said) -> Opinion:
        return service.opinion(
            meant(kind, said, self._listing), Lane.BULK, source=self._listing.source
        )

    def stricter(self, one: Opinion, other: Opinion) -> Opinion:
        """Of two rows about one value the one under the stricter marking; else the first."""
        if one.label == other.label:
            return one
        markings = [queries.label(each.label).marking for each in (one, other)]
        together = strictest(markings)
        return other if markings[1] == together else one


def times(said: Said, at: Micros) -> tuple[Micros | None, Micros | None]:
    """From and until as far as they say something: a beginning that is past means from now."""
    start, end = said.valid_from, said.valid_until
    if start is not None and start <= at:
        start = None
    if end is not None and end <= at:
        raise Unreadable("expired", "What it states has ended already")
    if start is not None and end is not None and end <= start:
        raise Unreadable("indicator_times", "It ends before it begins")
    if start is not None and start > at + LONGEST:
        raise Unreadable("not_yet", "What it states begins too far in the future")
    if end is not None and end > at + LONGEST:
        end = None
    return start, end


def _capped(confidence: int | None, listing: Terms) -> int | None:
    found = listing.confidence if confidence is None else confidence
    cap = listing.confidence_cap
    return found if found is None or cap is None else min(found, cap)
