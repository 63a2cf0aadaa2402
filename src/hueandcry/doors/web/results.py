"""From values that somebody asks about to what the page shows: one result for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from django.utils.functional import Promise

from hueandcry.apps.detection.face import Finding
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Unreadable
from hueandcry.core.normal import guess
from hueandcry.core.types import PERSONAL, Kind, Micros, Signal
from hueandcry.doors.desk.defanging import defanged
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.taxonomy import named
from hueandcry.doors.web import links, words
from hueandcry.doors.web.advice import (
    ADVICE,
    BENIGN,
    SCAM,
    SUSPICIOUS,
    UNKNOWN,
    UNREADABLE,
    Advice,
)
from hueandcry.doors.web.dates import day, instant
from hueandcry.doors.web.message_advice import FINDINGS

#: Lines of one question that are checked.
MAX_VALUES: Final = 20

_WORST_FIRST: Final = (
    SCAM,
    FINDINGS[Finding.SCAM],
    SUSPICIOUS,
    FINDINGS[Finding.SUSPICIOUS],
    BENIGN,
    FINDINGS[Finding.ORDINARY],
    UNKNOWN,
    UNREADABLE,
)


@dataclass(frozen=True, slots=True)
class Why:
    """One sentence of the reasons, with what kind of scam it speaks of."""

    text: str
    names: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """All that is shown about one line."""

    asked: str  #: as it was asked, defanged
    raw: str  #: as it was asked
    kind: str | Promise  #: empty when it could not be read
    canonical: str  #: what it was read as, defanged; empty where the line shows it already
    advice: Advice
    why: tuple[Why, ...]
    until: str  #: a day; empty when the answer has no end
    until_time: str  #: the instant in ISO 8601, for machines
    reference: str
    how: str | Promise = ""  #: how it was looked at, where nothing is publicly known of it
    warning: str | Promise = ""  #: the one thing to know about what it pretends to be


def lines(text: str) -> list[str]:
    """The different lines of what was pasted, in order, without blank ones."""
    return list(dict.fromkeys(line for raw in text.splitlines() if (line := raw.strip())))


def results(values: Sequence[str], market: str | None, at: Micros) -> list[Result]:
    """A result for each value, from what is public only."""
    return [result(text, _answer(text, market, at)) for text in values]


def personal(values: Iterable[str], market: str | None) -> int:
    """How many of the values name a person."""
    return sum(
        signal.kind in PERSONAL for signal in map(partial(read, market=market), values) if signal
    )


def read(text: str, market: str | None) -> Signal | None:
    """The value in a line; a number without a country code is one of the node's country."""
    try:
        return guess(text, market=market)
    except Unreadable:
        return None


def public(signal: Signal, at: Micros) -> dict[str, Any]:
    """What the public is answered about one signal."""
    return reports.public_check([signal.value], at, kind=signal.kind)[0]


def counts(shown: Iterable[Result]) -> list[tuple[Advice, int]]:
    """How many results there are of each answer, the worst first."""
    numbers = Counter(result.advice for result in shown)
    return [(advice, numbers[advice]) for advice in _WORST_FIRST if numbers[advice]]


def result(text: str, answer: dict[str, Any]) -> Result:
    """One public answer in words, about what was asked as `text`.

    Of a link that nothing is known about it says what its spelling looks like.
    """
    kind = Kind(answer["kind"]) if answer["kind"] else None
    canonical = answer["canonical"] or ""
    asked = defanged(kind, text)
    read_as = defanged(kind, canonical)
    until = answer["until"]
    known = Result(
        asked=asked,
        raw=text,
        kind=KINDS[kind] if kind else "",
        canonical="" if read_as.casefold() in asked.casefold() else read_as,
        advice=ADVICE[answer["verdict"]] if canonical else UNREADABLE,
        why=tuple(_why(reason) for reason in answer["reasons"]),
        until=day(until) if until else "",
        until_time=instant(until).isoformat() if until else "",
        reference=answer["id"] or "",
    )
    return _looked_at(known) if links.is_open(answer) else known


def _looked_at(known: Result) -> Result:
    """A result about which nothing is known, with what its spelling looks like before that."""
    look = links.look(known.raw)
    first, *others = look.why
    why = (Why(first, look.names), *map(Why, others), *known.why)
    return replace(known, advice=look.advice, why=why, how=links.HOW, warning=look.warning)


def _answer(text: str, market: str | None, at: Micros) -> dict[str, Any]:
    if signal := read(text, market):
        return public(signal, at)
    return reports.public_check([text], at)[0]


def _why(reason: dict[str, Any]) -> Why:
    params = reason["params"]
    if reason["code"] != "claim":
        return Why(words.sentence(reason))
    names = named(params["lure"], params["method"])
    return Why(words.sentence(reason), tuple(names), params["source"])
