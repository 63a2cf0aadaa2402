"""The requests of this node: what is due first on top, filters in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Filters
from hueandcry.apps.peers import face as peers
from hueandcry.core.law import LAW
from hueandcry.core.machine import REQUEST, Side
from hueandcry.doors.console import request_words as words
from hueandcry.doors.console.staff import page, roles
from hueandcry.engine import clock

LIMIT: Final = 50
_NAMES: Final = ("side", "state", "type", "peer", "overdue", "ended")


@require_safe
@page("requests")
def listed(request: HttpRequest) -> HttpResponseBase:
    """A page of requests to us and of ours."""
    said = {name: request.GET.get(name, "") for name in _NAMES}
    members = [(each.fingerprint, each.name) for each in peers.peers()]
    where = _filters(said, [fingerprint for fingerprint, _name in members])
    where = replace(where, hidden=cooperation.hidden_from(roles(request)))
    found = cooperation.by_clock(where, request.GET.get("after", ""), LIMIT)
    context = {
        "lines": found.lines,
        "next": found.next,
        "now": clock.now(),
        "chosen": said,
        "filtered": any(said[name] for name in _NAMES if name != "side"),
        "sides": words.SIDES.items(),
        "states": words.STATES.items(),
        "types": [(code, words.type(code)) for code in LAW.types],
        "members": members,
    }
    return render(request, "console/requests.html", context)


def _filters(said: dict[str, str], known: list[str]) -> Filters:
    """What the address asks for; anything that nobody knows is no filter."""
    among: dict[str, Any] = {
        "side": set(Side),
        "state": REQUEST.states,
        "type": LAW.types,
        "peer": known,
    }
    chosen = {name: said[name] if said[name] in codes else "" for name, codes in among.items()}
    ended = said["ended"] == "yes" or chosen["state"] in REQUEST.final
    return Filters(**chosen, overdue=said["overdue"] == "yes", ended=ended)
