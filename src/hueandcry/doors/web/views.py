"""*Check*: what is publicly known about what somebody pastes, and what it looks like."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.detection import face as detection
from hueandcry.core.times import time_text
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.frame import LANGUAGE, chosen_language, no_store, our_member
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.doors.web import pasted
from hueandcry.doors.web.advice import ADVICE, PAID, UNREADABLE
from hueandcry.doors.web.dates import day
from hueandcry.doors.web.examples import EXAMPLES
from hueandcry.doors.web.messages import Public, assessed, message, with_signs
from hueandcry.doors.web.pages import market_of, not_founded, too_large, within_limits
from hueandcry.doors.web.results import MAX_VALUES, counts, lines, personal, results
from hueandcry.engine import clock

Shown = dict[str, Any]

#: One file, which is looked at and forgotten; a text of any length that is answered beside it.
FILES: Final = Limits(files=1, each=16 << 20, whole=20 << 20, kept=False)
#: What looking at a file costs of the requests that an address may make in a minute.
FILE_COST: Final = 20


@csrf_exempt  # changes nothing
@receiving(FILES, too_large, guarded=False)
@require_http_methods(["GET", "HEAD", "POST"])
@within_limits
def check(request: HttpRequest) -> HttpResponse:
    """What is asked stands in `value`: of the address if short, else of a form with a file."""
    us = our_member()
    if us is None:
        return not_founded(request)
    posted = request.method == "POST"
    file = next(iter(received(request, "file")), None)
    asked = "\n".join((request.POST if posted else request.GET).getlist("value"))
    values = lines(asked)
    market = market_of(us)
    if file:
        return _page(request, _file(request, file, asked, market))
    if not values:
        return _page(request, {})
    if not pasted.is_values(values, market):
        return _page(request, _message(request, asked, market))
    if posted and pasted.may_stand_in_address(values, market):
        return HttpResponseRedirect(_address(request, values))
    return _page(request, _values(request, asked, values, market))


def _values(request: HttpRequest, asked: str, values: list[str], market: str | None) -> Shown:
    """The answers about a list of values."""
    some = values[:MAX_VALUES]
    if number := personal(some, market):
        limits.personal(request.META, number)
    shown = results(some, market, clock.now())
    unread = any(result.advice is UNREADABLE for result in shown)
    return {
        # What was understood is done with; what was not is there to be corrected.
        "asked": asked if unread else "",
        "results": shown,
        "counts": counts(shown),
        "left_out": max(0, len(values) - MAX_VALUES),
    } | _again(request, asked)


def _message(request: HttpRequest, asked: str, market: str | None) -> Shown:
    """What a text looks like."""
    text = asked[: pasted.MAX_TEXT]
    known = Public(clock.now(), partial(limits.personal, request.META))
    seen = detection.assess_message(text, market=market, known=known)
    seen = with_signs(seen, text, market, known)
    return {
        "message": message(seen, known, text),
        "cut": len(asked) > pasted.MAX_TEXT,
        "text": text,
    } | _again(request, text)


def _file(request: HttpRequest, file: Upload, asked: str, market: str | None) -> Shown:
    """What a file looks like; nothing of it is kept. What was pasted beside it stays in its field.

    Chosen in another language the answer cannot be: the file would have to be sent again.
    """
    limits.address(request.META, FILE_COST)
    known = Public(clock.now(), partial(limits.personal, request.META))
    seen = None if file.refused else assessed(file.data, file.sort, market, known)
    if seen is None:
        return {"asked": asked, "refused": True}
    text = seen.text[: pasted.MAX_TEXT]
    return {"message": message(seen, known, None), "text": text, "asked": asked}


def _again(request: HttpRequest, asked: str) -> Shown:
    """What a form in another language says again, where the address does not say it."""
    return {"again": [("value", asked)]} if request.method == "POST" else {}


def _page(request: HttpRequest, shown: Shown) -> HttpResponse:
    context = {
        "paid": PAID,
        "limit": MAX_VALUES,
        "max_text": pasted.MAX_TEXT,
        "examples": EXAMPLES,
        "answers": ADVICE.values(),
        "chosen_language": chosen_language(request) or "",
        "checked_at": day(time_text(clock.now())),
    }
    return no_store(render(request, "web/check.html", context | shown))


def _address(request: HttpRequest, values: list[str]) -> str:
    query = QueryDict(mutable=True)
    query["value"] = "\n".join(values)
    if chosen := chosen_language(request):
        query[LANGUAGE] = chosen
    return f"{request.path}?{query.urlencode()}"
