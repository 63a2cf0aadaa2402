"""The desk that answers at any hour: what waits now, on a phone, and what rings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Desk
from hueandcry.doors.console.staff import page, roles
from hueandcry.engine import clock


@require_safe
@page("requests")
def desk(request: HttpRequest) -> HttpResponseBase:
    """What was not opened yet, the deadlines that come next, the alarms that rang."""
    found = _desk(request)
    context = {"desk": found, "now": clock.now(), "pulse": _pulse(found)}
    return render(request, "console/request_desk.html", context)


@require_safe
@page("requests")
def pulse(request: HttpRequest) -> HttpResponseBase:
    """What the page asks for again and again: whether it shows all there is, and what may ring."""
    return JsonResponse(_pulse(_desk(request)))


def _desk(request: HttpRequest) -> Desk:
    return cooperation.desk(cooperation.hidden_from(roles(request)))


def _pulse(found: Desk) -> dict[str, Any]:
    """`state` differs as soon as the page would; `rings` grows when something new is urgent."""
    lines = [*found.incoming, *found.due]
    return {
        "state": [f"{each.id}.{each.version}.{int(each.overdue)}" for each in lines]
        + [str(each.number) for each in found.rung],
        "rings": [str(each.id) for each in found.incoming if each.urgent]
        + [f"alarm {each.number}" for each in found.rung],
    }
