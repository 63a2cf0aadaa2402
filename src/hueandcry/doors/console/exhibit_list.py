"""The exhibits of this node, the newest first, with what stands on each."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import HoldView, State
from hueandcry.core.types import Micros
from hueandcry.doors.console import exhibit_words
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import allowed, page
from hueandcry.engine import clock

LIMIT: Final = 50
#: What a search can be: a number, or a whole digest.
_LONGEST: Final = 80


@require_safe
@page("exhibits")
def listed(request: HttpRequest) -> HttpResponseBase:
    """A page of exhibits; to who decides, holds that have to be looked at again stand above."""
    now = clock.now()
    search = request.GET.get("q", "").strip()[:_LONGEST].lower()
    state = request.GET.get("state", "")
    states = (State(state),) if state in set(State) else evidence.LIVE
    found = evidence.summaries(now, states, cursor(request, "before"), LIMIT + 1, search)
    context = {
        "found": found[:LIMIT],
        "before": found[LIMIT - 1].row if len(found) > LIMIT else None,
        "q": request.GET.get("q", "")[:_LONGEST],
        "state": state,
        "states": exhibit_words.STATES.items(),
        "due": _due(now) if allowed(request, "exhibits:decide") else [],
    }
    return render(request, "console/exhibits.html", context)


def _due(now: Micros) -> list[HoldView]:
    """Holds whose day has come: whether each is still needed has to be asked."""
    return [each for each in evidence.holds(standing=True) if each.review_at <= now]
