"""Traced money in numbers, out of what was done: how fast it was held, how much, and how wrongly.

Nothing is estimated: a request of which nothing is told any more is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from statistics import median

from hueandcry.apps.cooperation import money, queries, rules, sealed
from hueandcry.apps.cooperation.models import Request, Transition
from hueandcry.apps.cooperation.money_rules import WRONGLY_HELD
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core import amounts
from hueandcry.core.machine import Side
from hueandcry.core.types import MINUTE, Micros

_HOLDING = frozenset({"hold", "freeze"})
#: Acts that are one step of the story → how that is called here.
_ALIKE = {**dict.fromkeys(_HOLDING, "hold"), **dict.fromkeys(rules.DELIVERING, "deliver")}


@dataclass(frozen=True, slots=True)
class Story:
    """What was done with the money of one request; instants are of the first such act."""

    currency: str
    held: Decimal
    returned: Decimal
    delivered_at: Micros | None
    held_at: Micros | None
    released_at: Micros | None
    freed_at: Micros | None
    wrongly: bool  #: it was released because it had been held wrongly


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took, in minutes."""

    n: int
    median: float
    longest: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The requests of one side; amounts by currency."""

    requests: int
    held: Mapping[str, Decimal]
    returned: Mapping[str, Decimal]
    wrongly: int
    wrongly_held: Mapping[str, Decimal]
    to_hold: Spread | None  #: from the receipt to the hold
    to_release: Spread | None  #: of what was wrongly held, from the hold to its release
    to_free: Spread | None  #: from a release until the account is free here and below


def figures() -> dict[Side, Figures]:
    """Of each side what this node knows."""
    rows = queries.about_money()
    acts = {
        key: list(found) for key, found in groupby(queries.of_money(rows), lambda a: a.request_id)
    }
    return {
        side: count(_story(row, acts.get(row.pk, ())) for row in rows if row.side == side)
        for side in Side
    }


def count(stories: Iterable[Story]) -> Figures:
    """The figures of these requests."""
    every = list(stories)
    wrongly = [each for each in every if each.wrongly and each.held]
    return Figures(
        requests=len(every),
        held=_sums((each.currency, each.held) for each in every),
        returned=_sums((each.currency, each.returned) for each in every),
        wrongly=len(wrongly),
        wrongly_held=_sums((each.currency, each.held) for each in wrongly),
        to_hold=_spread((each.delivered_at, each.held_at) for each in every),
        to_release=_spread((each.held_at, each.released_at) for each in wrongly),
        to_free=_spread((each.released_at, each.freed_at) for each in every),
    )


def _sums(found: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, amount in found:
        if amount:
            sums[currency] = amounts.total(sums.get(currency, Decimal(0)), amount)
    return dict(sorted(sums.items()))


def _spread(spans: Iterable[tuple[Micros | None, Micros | None]]) -> Spread | None:
    minutes = [
        (ended - begun) / MINUTE
        for begun, ended in spans
        if begun is not None and ended is not None
    ]
    return Spread(len(minutes), median(minutes), max(minutes)) if minutes else None


def _story(row: Request, acts: Sequence[Transition]) -> Story:
    stands = money.standing(row)
    at: dict[str, Micros] = {}
    for act in acts:
        at.setdefault(_ALIKE.get(act.event, act.event), act.at)
    release = next((act for act in acts if act.event == "release"), None)
    return Story(
        stands.currency,
        stands.held,
        stands.returned,
        at.get("deliver"),
        at.get("hold"),
        at.get("release", at.get("lapse")),
        at.get("freed"),
        release is not None and Said.read(sealed.opened(release.said)).code == WRONGLY_HELD,
    )
