"""From a clock rule of the data files to a clock that runs."""

from __future__ import annotations

from collections.abc import Sequence

from hueandcry.core import clocks
from hueandcry.core.clocks import Clock, Place, Span, read_span
from hueandcry.core.errors import Malformed
from hueandcry.core.law.tables import ClockRule
from hueandcry.core.types import Micros


def span_of(rule: ClockRule, by_place: str = "") -> Span:
    """How long a rule gives; Malformed where the place sets it and nothing was handed in."""
    if rule.length:
        return read_span(rule.length)
    if not by_place:
        raise Malformed(
            "length_unknown",
            f"{rule.code} lasts as long as the law of the place says, which is not known",
            do="Record the hold law of that place in the treaty registry",
        )
    return read_span(by_place)


def run(
    rule: ClockRule,
    started: Micros,
    place: Place,
    *,
    pauses: Sequence[tuple[Micros, Micros | None]] = (),
    by_place: str = "",
) -> Clock:
    """The clock of a rule at a place; pauses count only where the rule says so."""
    return clocks.start(
        rule.code,
        span_of(rule, by_place),
        started,
        place,
        alarms=[read_span(alarm) for alarm in rule.alarms],
        pauses=pauses if rule.pauses else (),
    )
