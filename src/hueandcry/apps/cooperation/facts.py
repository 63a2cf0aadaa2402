"""What one act says, checked, and as the facts that the machine's guards look at."""

from __future__ import annotations

from typing import Any, Final

from hueandcry.apps.cooperation import authorities, checking, queries, rules, sealed
from hueandcry.apps.cooperation.models import Request
from hueandcry.apps.cooperation.wire import Said
from hueandcry.core.errors import Conflict, NotPermitted
from hueandcry.core.law import LAW, check_refusal
from hueandcry.core.machine import Facts
from hueandcry.core.types import Fingerprint

#: Acts that may complete or correct fields.
COMPLETING: Final = frozenset({"revise", "supplement"})
_SIGNERS: Final = 2


def check_said(row: Request, event: str, said: Said, by: Fingerprint) -> None:
    """Raises where what `by` says with an act cannot stand, whichever side it is."""
    if said.given and event not in COMPLETING:
        raise Conflict("given", f"{event} changes no fields", do="Revise or supplement it")
    given = rules.merged(sealed.opened(row.given), said.given, event)
    checking.well_formed(row.type, row.instrument, given)
    checking.named(row.type, said.missing)
    if event == "supplement":
        _only_what_was_asked_for(row, said)
    if event == "countersign" and len(row.signers) >= _SIGNERS:
        raise Conflict("countersigned", "Two people have signed this request already")
    if event == "refuse":
        check_refusal(
            LAW,
            row.type,
            row.instrument,
            said.code,
            reasons=said.reasons,
            roles=authorities.party(by).roles,
            route=said.route,
        )


def _only_what_was_asked_for(row: Request, said: Said) -> None:
    """Two people signed all the rest: nobody changes it alone."""
    last = queries.last(row, "return_incomplete")
    asked = Said.read(sealed.opened(last.said)).missing if last else ()
    lacking = checking.missing(row.type, row.instrument, sealed.opened(row.given))
    if other := sorted(set(said.given) - {*asked, *lacking}):
        raise NotPermitted(
            "signed",
            f"Nobody asked for {', '.join(other)}, which two people have signed",
            do="Supplement what is missing; for anything else withdraw it and ask anew",
        )


def of(row: Request, event: str, said: Said, **more: Any) -> Facts:
    """The facts of an act: what follows from the request and what is said, and `more`."""
    given = rules.merged(sealed.opened(row.given), said.given, event)
    lacking = checking.missing(row.type, row.instrument, given)
    return Facts(
        type=LAW.types[row.type],
        missing=said.missing if event == "return_incomplete" else lacking,
        holder=said.holder,
        reasons=said.reasons,
        code=said.code,
        codes=frozenset(each.code for each in LAW.refusals(row.type, row.instrument)),
        answer_by=row.answer_by,
        order=said.order,
        order_final=said.order_final,
        hop=said.hop.get("account", ""),
        agreement=said.agreement,
        review_at=said.review_at,
        package=said.package,
        verified=bool(said.package) and said.package == row.package,
        **more,
    )
