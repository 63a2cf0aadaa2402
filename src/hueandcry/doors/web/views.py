"""Pages of the public site."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.core.times import time_text
from hueandcry.doors.desk.frame import chosen_language, no_store, our_member
from hueandcry.doors.web.advice import ADVICE, PAID, UNREADABLE
from hueandcry.doors.web.dates import day
from hueandcry.doors.web.examples import EXAMPLES
from hueandcry.doors.web.results import MAX_VALUES, counts, lines, results
from hueandcry.engine import clock

#: The country of a member that belongs to none (an international organisation).
_NO_COUNTRY: Final = "IO"


@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """*Check this*: what is publicly known about each line of `?value=`."""
    asked = "\n".join(request.GET.getlist("value"))
    values = lines(asked)
    now = clock.now()
    us = our_member()
    if us is None:
        return no_store(render(request, "web/not_founded.html", {"paid": PAID}, status=503))
    shown = results(values[:MAX_VALUES], _market(us.country), now)
    context = {
        "paid": PAID,
        # What was understood is done with; what was not is there to be corrected.
        "asked": asked if any(result.advice is UNREADABLE for result in shown) else "",
        "results": shown,
        "counts": counts(shown),
        "left_out": max(0, len(values) - MAX_VALUES),
        "limit": MAX_VALUES,
        "examples": EXAMPLES,
        "answers": ADVICE.values(),
        "chosen_language": chosen_language(request) or "",
        "checked_at": day(time_text(now)),
    }
    return no_store(render(request, "web/check.html", context))


def _market(country: str) -> str | None:
    """Where a phone number without a country code is dialled."""
    return None if country.upper() == _NO_COUNTRY else country
