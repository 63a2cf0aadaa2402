"""A request type as one JSON value: the shape that `hueandcry request types --json` promises."""

from __future__ import annotations

from typing import Any

from hueandcry.core.law.forms import article_of
from hueandcry.core.law.tables import (
    POLICY,
    Article,
    ClockRule,
    Instrument,
    Law,
    Refusal,
    Route,
)


def describe(law: Law, type: str) -> dict[str, Any]:
    """`type, group, fields, from, to, instruments, clocks, refusals, secrecy, output`, and more."""
    each = law.types[type]
    return {
        "type": type,
        "group": each.group,
        "title": each.title,
        "asks": each.asks,
        "fields": [_field(law, type, name) for name in (*law.mandatory(type), *law.optional(type))],
        "from": sorted(each.senders),
        "to": sorted(each.receivers),
        "routes": [_route(route) for route in each.routes],
        "instruments": [_instrument(basis, type) for basis in law.bases(type)],
        "clocks": [_clock(clock) for clock in law.clocks(type)],
        "refusals": [_refusal(refusal) for refusal in law.refusals(type)],
        "article_40": each.article_40,
        "one_may_send": each.one_may_send,
        "second_factor": each.second_factor,
        "machine": each.machine,
        "returns": sorted(each.returns),
        "secrecy": each.secrecy,
        "output": each.output,
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "from": sorted(route.senders),
        "to": sorted(route.receivers),
        "domestic": route.domestic,
        "urgent": route.urgent,
    }


def _instrument(basis: Instrument, type: str) -> dict[str, Any]:
    return {
        "code": basis.code,
        "title": basis.title,
        "kind": basis.kind,
        "articles": [article.number for article in basis.serves[type]],
    }


def _clock(clock: ClockRule) -> dict[str, Any]:
    return {
        "code": clock.code,
        "what": clock.what,
        "says": clock.says,
        "starts": clock.starts,
        "length": clock.length,
        "bound": clock.bound,
        "alarms": clock.alarms,
        "pauses": clock.pauses,
        "renewal": clock.renewal,
        "escalates_to": clock.escalates_to,
        **_source(clock.article),
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "says": refusal.says,
        "must": refusal.must,
        "by": sorted(refusal.by),
        **_source(refusal.article),
    }


def _field(law: Law, type: str, name: str) -> dict[str, Any]:
    field = law.fields[name]
    return {
        "name": name,
        "what": field.what,
        "kind": field.kind,
        "choices": field.choices,
        "mandatory": name in law.mandatory(type),
        "serves": _serves(law, type, name),
    }


def _serves(law: Law, type: str, name: str) -> list[dict[str, Any]]:
    """The article that asks for the field, under each instrument that serves the type."""
    found = (article_of(law, type, name, basis.code) for basis in law.bases(type))
    return [_source(article) for article in dict.fromkeys(found)]


def _source(article: Article) -> dict[str, Any]:
    return {
        "instrument": article.instrument,
        "article": article.number,
        "checked": article.read,
        "policy": article.instrument == POLICY,
    }
