"""Traced money in numbers: how fast it was held, how much of it, and how wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Figures, Spread
from hueandcry.core import amounts
from hueandcry.core.machine import Side
from hueandcry.doors.console import request_words
from hueandcry.doors.console.staff import page
from hueandcry.doors.console.words import Words


@require_safe
@page("requests")
def show(request: HttpRequest) -> HttpResponseBase:
    """A table of both sides; nothing in it is estimated, and what is purged is not counted."""
    found = cooperation.figures()
    of = {side: found[Side(side)] for side in request_words.SIDES}
    context = {
        "sides": [request_words.SIDES[side] for side in of],
        "rows": [
            (name, [(request_words.SIDES[side], told(each)) for side, each in of.items()])
            for name, told in _ROWS.items()
        ],
        "counted": any(each.requests for each in of.values()),
    }
    return render(request, "console/request_figures.html", context)


_ROWS: Final[Mapping[Words, Callable[[Figures], list[str]]]] = {
    _("Requests that trace money"): lambda of: [str(of.requests)],
    _("Minutes from the receipt to the hold"): lambda of: _spread(of.to_hold),
    _("Amounts held"): lambda of: _sums(of.held),
    _("Amounts returned"): lambda of: _sums(of.returned),
    _("Released because they were wrongly held"): lambda of: [str(of.wrongly)],
    _("Amounts wrongly held"): lambda of: _sums(of.wrongly_held),
    _("Minutes until they were released"): lambda of: _spread(of.to_release),
    _("Minutes from a release until the account was free"): lambda of: _spread(of.to_free),
}


def _sums(found: Mapping[str, Decimal]) -> list[str]:
    return [f"{amounts.text(amount)} {currency}" for currency, amount in found.items()]


def _spread(found: Spread | None) -> list[str]:
    """How long it took, in words; nothing where it never happened."""
    if found is None:
        return []
    said = {"median": f"{found.median:.0f}", "longest": f"{found.longest:.0f}", "n": found.n}
    return [gettext("half within %(median)s, the longest %(longest)s, of %(n)s") % said]
