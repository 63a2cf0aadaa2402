"""Today: what is new, what waits, how fast partners are protected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.apps.reports import face as reports
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import DAY, Micros
from hueandcry.doors.console import seats
from hueandcry.doors.console.staff import allowed, page
from hueandcry.engine import clock
from hueandcry.engine.timeline import spans

SHOWN: Final = 8
#: Claims that are counted at most: more are told as “500 and more”.
COUNTED: Final = 500


@dataclass(frozen=True, slots=True)
class Protection:
    """How long it takes from a claim of ours until it is in effect at one peer, and back."""

    name: str
    claims: spans.Pace | None
    retractions: spans.Pace | None


@require_safe
@page("today")
def today(request: HttpRequest) -> HttpResponseBase:
    """What each role may know of the day: content only for those who work with it."""
    now = clock.now()
    context: dict[str, Any] = {"guest": seats.guest_of(request) is not None}
    if allowed(request, "signal"):
        context |= _content(request, now)
    if allowed(request, "reports"):
        context["intake"] = reports.standing(now)
    if allowed(request, "peers"):
        context |= _post(now)
    if allowed(request, "ledger"):
        context["forks"] = peers.open_forks()
    return render(request, "console/today.html", context)


def _content(request: HttpRequest, now: Micros) -> dict[str, Any]:
    ours = signals.claims_by(seats.whose(request).id, now, limit=COUNTED).claims
    found: dict[str, Any] = {"ours": ours[:SHOWN], "counts": _counts(ours, now), "most": COUNTED}
    if seats.guest_of(request) is None:
        theirs = signals.newest_claims(now, limit=COUNTED, others=True).claims
        found |= {"theirs": theirs[:SHOWN], "their_counts": _counts(theirs, now)}
    return found


def _counts(claims: Iterable[signals.Claimed], now: Micros) -> dict[str, int]:
    """What changed in the last 24 hours."""
    fresh = [claim for claim in claims if claim.modified > now - DAY]
    gone = sum(claim.state == "retracted" for claim in fresh)
    return {"said": len(fresh) - gone, "retracted": gone}


def _post(now: Micros) -> dict[str, Any]:
    found = peers.overview(now)
    return {
        "peers": len(found),
        "in_force": sum(peer.state == "in_force" for peer in found),
        "away": [peer for peer in found if peer.failures],
        "waiting": sum(peer.waiting for peer in found),
        "protection": protection({peer.fingerprint: peer.name for peer in found}),
    }


def protection(names: dict[str, str]) -> list[Protection]:
    """Time to protection and to retraction of each peer, from the newest hops."""
    us = members.us().fingerprint
    up, down = (
        spans.spans(*hops, us) for hops in (("raised", "effective"), ("retracted", "withdrawn"))
    )
    return [
        Protection(name, _pace(up, fingerprint), _pace(down, fingerprint))
        for fingerprint, name in names.items()
    ]


def _pace(found: Iterable[spans.Span], node: str) -> spans.Pace | None:
    return spans.pace(span.end - span.begin for span in found if span.node == node)
