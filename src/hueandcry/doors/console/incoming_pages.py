"""Packages that other members announced: what the ten checks say, and what was taken over."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.staff import page

LIMIT: Final = 50


@require_safe
@page("exhibits")
def listed(request: HttpRequest) -> HttpResponseBase:
    """What was announced, the newest first, and what became of each."""
    found = evidence.incoming(LIMIT + 1, cursor(request, "before"))
    names = members.called({view.sender for view in found})
    context = {
        "found": [(view, names[view.sender]) for view in found[:LIMIT]],
        "before": found[LIMIT - 1].number if len(found) > LIMIT else None,
        "tab": "incoming",
    }
    return render(request, "console/incoming.html", context)


@require_safe
@page("exhibits")
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """One package with its ten checks, and the exhibits that were taken over."""
    view = evidence.arrival(number)
    context = {
        "arrival": view,
        "sender": members.called([view.sender])[view.sender],
        "exhibits": [evidence.exhibit(str(UUID(each))) for each in view.exhibits],
    }
    return render(request, "console/incoming_one.html", context)
