"""What duty decides: who is on, where nobody is, who is told when, what is worth a call. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from hueandcry.core.errors import Malformed, NotPermitted
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import DAY, SECOND, Actor, Micros

#: The role of those who are called.
DUTY: Final = "duty"

#: A span that is longer was mistyped.
LONGEST: Final[Micros] = 31 * DAY

#: Types for which a desk is called as soon as they come in, urgent or not.
AT_ONCE: Final = frozenset({"PRESERVE", "STOP_PAYMENT", "EMERGENCY", "PROTECT_PAYER"})

#: Tries of one notice.
GIVEN_UP_AFTER: Final = 10


class Channel(StrEnum):
    """By which way a notice goes; the first two lead to a person."""

    MAIL = "mail"
    SMS = "sms"
    WEBHOOK = "webhook"


class Step(IntEnum):
    """Whom a call has reached."""

    NOBODY = 0
    FIRST = 1  # on duty now
    SECOND = 2  # on duty now as second
    DESK = 3  # everybody with the role


class Doing(StrEnum):
    """What roles are asked for."""

    PLAN = "plan the roster"
    ANSWER = "acknowledge a call"
    HAND_OVER = "hand over"


MAY: Final = {
    Doing.PLAN: frozenset({DUTY, "administrator"}),
    Doing.ANSWER: frozenset({DUTY, "legal"}),
    Doing.HAND_OVER: frozenset({DUTY}),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A shift, as the rules look at it."""

    person: int
    begins: Micros
    ends: Micros
    second: bool = False

    def covers(self, at: Micros) -> bool:
        return self.begins <= at < self.ends


def check_may(actor: Actor, wanted: Doing) -> int:
    """The person who acts; NotPermitted for a machine, or where no role of theirs may do it."""
    if actor.person is None:
        raise NotPermitted(
            "person",
            f"A named person is needed to {wanted}",
            do="Name who acts: `--as LOGIN`",
        )
    if actor.roles.isdisjoint(MAY[wanted]):
        roles = ", ".join(sorted(MAY[wanted]))
        raise NotPermitted("role", f"To {wanted} takes one of the roles {roles}")
    return actor.person


# --- the roster -----------------------------------------------------------------------------------


def instant(text: str, zone: ZoneInfo, *, last: bool = False) -> Micros:
    """A time as people write it: with an offset, or by the clocks of a zone; raises Malformed.

    Where a wall time comes twice or never, the earlier instant counts, with `last` the later: a
    shift never begins late or ends early by it.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return read_rfc3339(text)
    if wall.tzinfo is not None:
        return _micros(wall)
    both = [_micros(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
    return max(both) if last else min(both)


def _micros(moment: datetime) -> Micros:
    return int(moment.timestamp()) * SECOND


def check_span(begins: Micros, ends: Micros, at: Micros) -> None:
    """Raises Malformed for a shift that is no span, is over, or is longer than a month."""
    if ends <= begins:
        raise Malformed("span", "A shift ends after it begins")
    if ends <= at:
        raise Malformed("span", "This shift is over already")
    if ends - begins > LONGEST:
        raise Malformed("span", "A shift has 31 days at most", do="Look at its dates again")


def gaps(spans: Iterable[Span], since: Micros, until: Micros) -> list[tuple[Micros, Micros]]:
    """The spans within `since` to `until` in which nobody is on duty, in order."""
    found, covered = [], since
    for span in sorted(spans, key=lambda each: each.begins):
        if span.begins >= until:
            break
        if span.begins > covered:
            found.append((covered, span.begins))
        covered = max(covered, span.ends)
    if covered < until:
        found.append((covered, until))
    return found


# --- calls ----------------------------------------------------------------------------------------


def calls_at_once(type: str, urgent: bool) -> bool:
    """Whether people are called for a request as it comes in."""
    return urgent or type in AT_ONCE


def is_near(rule: str, due: Micros | None, at: Micros, before: Micros) -> bool:
    """Whether a call is worth a phone at night: it just came in, or its end is near or over."""
    return not rule or due is None or due - at <= before


def goes_on_at(rule: str, due: Micros | None, at: Micros, before: Micros, pause: Micros) -> Micros:
    """When a call goes on if nobody answers: after a pause; a far one daily, until it is near."""
    if due is None or is_near(rule, due, at, before):
        return at + pause
    return min(at + DAY, due - before)


def next_step(
    step: Step, on: Iterable[Span], desk: Collection[int], reachable: Collection[int]
) -> tuple[Step, frozenset[int]]:
    """The next step at which anybody can be reached, and whom it tells.

    A step that would reach nobody is passed over at once: no minute is waited for a person who
    is not there. NOBODY where none of them all can be reached.
    """
    spans = list(on)
    audience = {
        Step.FIRST: {each.person for each in spans if not each.second},
        Step.SECOND: {each.person for each in spans if each.second},
        Step.DESK: set(desk),
    }
    for later, people in audience.items():
        told = frozenset(people & set(desk) & set(reachable))
        if later > step and told:
            return later, told
    return Step.NOBODY, frozenset()
