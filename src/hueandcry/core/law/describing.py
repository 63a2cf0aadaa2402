"""A request type as one JSON value: the shape that `hueandcry request types --json` promises."""

from __future__ import annotations

from typing import Any

from hueandcry.core.law.forms import article_of
from hueandcry.core.law.tables import POLICY, Article, Law


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
        "routes": [
            {
                "from": sorted(route.senders),
                "to": sorted(route.receivers),
                "domestic": route.domestic,
                "urgent": route.urgent,
            }
            for route in each.routes
        ],
        "instruments": [
            {
                "code": basis.code,
                "title": basis.title,
                "kind": basis.kind,
                "articles": [article.number for article in basis.serves[type]],
            }
            for basis in law.bases(type)
        ],
        "clocks": [
            {
                "code": clock.code,
                "what": clock.what,
                "starts": clock.starts,
                "length": clock.length,
                "bound": clock.bound,
                "alarms": clock.alarms,
                "pauses": clock.pauses,
                **_source(clock.article),
            }
            for clock in law.clocks(type)
        ],
        "refusals": [
            {
                "code": refusal.code,
                "says": refusal.says,
                "must": refusal.must,
                **_source(refusal.article),
            }
            for refusal in law.refusals(type)
        ],
        "article_40": each.article_40,
        "one_may_send": each.one_may_send,
        "second_factor": each.second_factor,
        "machine": each.machine,
        "returns": sorted(each.returns),
        "secrecy": each.secrecy,
        "output": each.output,
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
