"""By which codes a request may, or must, be refused."""

from __future__ import annotations

from collections.abc import Collection

from hueandcry.core.errors import Malformed, NotPermitted
from hueandcry.core.law.forms import cited
from hueandcry.core.law.lawful import Warned
from hueandcry.core.law.tables import Law, Refusal


def check_refusal(
    law: Law,
    type: str,
    instrument: str,
    code: str,
    *,
    reasons: str,
    roles: Collection[str] = (),
    route: str = "",
) -> tuple[Warned, ...]:
    """Warnings on a refusal that can stand; NotPermitted or Malformed on one that cannot.

    `roles` are those of the requested side. A national ground is warned about, never blocked.
    """
    found = _allowed(law, type, instrument, code)
    if found.by and not found.by & set(roles):
        raise NotPermitted(
            "refusal_role",
            f"{code} is for {', '.join(sorted(found.by))}",
            why=found.says,
        )
    if not reasons.strip():
        raise Malformed(
            "reasons", "A refusal needs its reasons", why="Reasons are given for any (Hanoi 40(25))"
        )
    if found.route and not route.strip():
        raise Malformed("route", f"{code} needs the route that is open instead", why=found.says)
    return _warnings(law, type, instrument, found)


def must_refuse(law: Law, type: str, instrument: str, grounds: Collection[str]) -> tuple[str, ...]:
    """Of the grounds that were found, those on which the basis says that it *shall* be refused."""
    return tuple(
        each.code for each in law.refusals(type, instrument) if each.must and each.code in grounds
    )


def _allowed(law: Law, type: str, instrument: str, code: str) -> Refusal:
    codes = law.refusals(type, instrument)
    for each in codes:
        if each.code == code:
            return each
    raise NotPermitted(
        "refusal_code",
        f"{type} cannot be refused by {code[:64]!a} under {law.instruments[instrument].short}",
        why=_why(law, type, instrument),
        do="Allowed are: " + ", ".join(each.code for each in codes),
    )


def _why(law: Law, type: str, instrument: str) -> str:
    if law.types[type].article_40:
        return (
            f"Bank secrecy and fiscal matters alone are no ground ({_no_ground(law, instrument)})"
        )
    return "Only the grounds of the type and its basis count"


def _no_ground(law: Law, instrument: str) -> str:
    """The articles that say so: of the basis, or of the instrument whose form it has."""
    basis = law.instruments[instrument]
    articles = basis.no_ground
    if not articles and basis.form:
        articles = law.instruments[basis.form].no_ground
    return ", ".join(cited(law, article) for article in articles)


def _warnings(law: Law, type: str, instrument: str, refusal: Refusal) -> tuple[Warned, ...]:
    if not refusal.in_words:
        return ()
    words = "A ground of national law is not one of the basis; the requester may object"
    if law.types[type].article_40:
        words += ". Bank secrecy is no ground, nor is that it also involves fiscal matters"
        return (Warned("national_ground", words, _no_ground(law, instrument)),)
    return (Warned("national_ground", words, "policy: national-ground"),)
