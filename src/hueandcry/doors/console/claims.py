"""My claims: what our own people said, filtered by the address, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.signals import face as signals
from hueandcry.core.times import time_text
from hueandcry.core.types import PERSONAL, Kind, Micros, Verdict
from hueandcry.doors.console import notes, seats, values, words
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.downloads import ROWS, attachment
from hueandcry.doors.console.staff import page
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.engine import clock

LIMIT: Final = 50
_COLUMNS: Final = (
    *("kind", "value", "verdict", "lure", "method", "confidence", "tlp", "pap", "state"),
    *("valid_from", "valid_until", "created", "modified", "claim"),
)


@require_safe
@page("claims")
def claims(request: HttpRequest) -> HttpResponseBase:
    """What the people of our member (a guest: of its own) claim, the newest change first."""
    where = _where(request)
    now = clock.now()
    member = seats.whose(request).id
    if request.GET.get("format") == "csv":
        notes.looked(request, "claims.download")
        return attachment("claims.csv", _COLUMNS, _rows(member, where, now))
    found = signals.claims_by(
        member, now, before=cursor(request, "before"), limit=LIMIT, where=where
    )
    context = {
        "page": found,
        "guest": seats.guest_of(request) is not None,
        "kinds": KINDS.items(),
        "verdicts": [(v.value, words.VERDICTS[v]) for v in Verdict if v is not Verdict.UNKNOWN],
        "states": words.STATES.items(),
        "filtered": any(request.GET.get(name) for name in ("kind", "verdict", "state")),
        "chosen": {name: request.GET.get(name, "") for name in ("kind", "verdict", "state")},
    }
    return render(request, "console/claims.html", context)


def _where(request: HttpRequest) -> signals.Where:
    """What the address asks for; anything that nobody knows is no filter."""
    kind, verdict, state = (request.GET.get(name, "") for name in ("kind", "verdict", "state"))
    return signals.Where(
        frozenset({Kind(kind)}) if kind in set(Kind) else frozenset(),
        Verdict(verdict) if verdict in set(Verdict) else None,
        state if state in words.STATES else "",
    )


def _rows(member: int, where: signals.Where, now: Micros) -> Iterator[list[str]]:
    before: Micros | None = None
    count = 0
    while count < ROWS:
        found = signals.claims_by(member, now, before=before, limit=500, where=where)
        yield from (_cells(claim) for claim in found.claims)
        count += len(found.claims)
        before = found.before
        if before is None:
            return


def _cells(claim: signals.Claimed) -> list[str]:
    """One row; a person's value is masked, because a file asks nobody for a purpose."""
    signal = claim.signal
    return [
        signal.kind.value,
        values.masked(signal) if signal.kind in PERSONAL else signal.value,
        claim.verdict.value,
        claim.lure,
        claim.method,
        "" if claim.confidence is None else str(claim.confidence),
        claim.marking.tlp.wire,
        claim.marking.pap.name,
        claim.state,
        *map(time_text, (claim.valid_from, claim.valid_until, claim.created, claim.modified)),
        claim.claim_id.hex(),
    ]
