"""The queue of reports: by harm and freshness, stop-payment lane first, filters in the address."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.detection.face import LANGUAGES
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Desk, Filters, Flag, Source, State
from hueandcry.doors.console import report_words
from hueandcry.doors.console.staff import allowed, page
from hueandcry.doors.desk import languages
from hueandcry.doors.desk.taxonomy import LURES
from hueandcry.engine import clock

LIMIT: Final = 50
#: Lines of the stop-payment lane that stand above all others.
LANE: Final = 20
#: Decided reports that have to be looked at again, by the lane that shows them.
LANES: Final = {"withdrawn": Flag.WITHDRAWN, "added": Flag.ADDED}
_HELD: Final = "held"
#: What is to be looked at again is counted up to here.
_COUNTED: Final = 1_000
#: Parameters of the address that filter; a report's page keeps them, for the next one.
NAMES: Final = ("state", "lane", "language", "lure", "desk", "source", "flag", "lost")


@require_safe
@page("reports")
def queue(request: HttpRequest) -> HttpResponseBase:
    """What waits, the most urgent first; of near-identical reports one stands for all."""
    now, where = clock.now(), filters(request)
    cursor = request.GET.get("after")
    found = reports.queue(where, now, cursor, LIMIT)
    lane = [] if cursor or kept(request) else _lane(now)
    above = {line.number for line in lane}
    context = {
        "lane": lane,
        "lines": [line for line in found.lines if line.number not in above],
        "next": found.next,
        "now": now,
        "where": kept(request),
        "chosen": {name: request.GET.get(name, "") for name in NAMES},
        "tabs": _tabs(request),
        **choices(),
    }
    return render(request, "console/reports.html", context)


def _lane(now: int) -> list[reports.Line]:
    """Payments that may still be stopped, those with the least time first."""
    lines = reports.queue(Filters(stopping=True), now, limit=LANE).lines
    return sorted(lines, key=lambda line: line.stop_until or 0)


def _tabs(request: HttpRequest) -> list[tuple[str, object, str]]:
    """(lane, words, count) of what has to be looked at again, if anything, or one is open.

    Who may hold reports sees those that are held as well.
    """
    marked, chosen = reports.looked_at_again(_COUNTED), request.GET.get("lane", "")
    counts = {lane: marked[flag] for lane, flag in LANES.items()}
    if allowed(request, "reports:hold"):
        counts[_HELD] = reports.held(_COUNTED)
    return [
        (lane, report_words.LANES[lane], f"{_COUNTED - 1}+" if n >= _COUNTED else str(n))
        for lane, n in counts.items()
        if n or lane == chosen
    ]


def filters(request: HttpRequest) -> Filters:
    """What the address asks for; anything that nobody knows is no filter."""
    said = {name: request.GET.get(name, "") for name in NAMES}
    state = said["state"] if said["state"] in set(State) else State.WAITING
    return Filters(
        states=frozenset({State(state)}),
        desk=Desk(said["desk"]) if said["desk"] in set(Desk) else None,
        language=said["language"] if said["language"] in (*LANGUAGES, "und") else "",
        source=said["source"] if said["source"] in set(Source) else "",
        lure=said["lure"] if said["lure"] in LURES else "",
        flag=Flag[said["flag"].upper()] if said["flag"].upper() in Flag.__members__ else None,
        lost=said["lost"] == "yes",
        stopping=said["lane"] == "stop",
        again=LANES.get(said["lane"]),
        held=said["lane"] == _HELD,
    )


def kept(request: HttpRequest) -> str:
    """The filters of the address as a query, `?…` or empty."""
    said = {name: value for name in NAMES if (value := request.GET.get(name, ""))}
    return f"?{urlencode(said)}" if said else ""


def choices() -> dict[str, list[tuple[str, object]]]:
    """What can be chosen of each filter."""
    return {
        "lanes": list(report_words.LANES.items()),
        "states": list(report_words.STATES.items()),
        "desks": list(report_words.DESKS.items()),
        "sources": list(report_words.SOURCES.items()),
        "lures": list(LURES.items()),
        "tongues": [(code, languages.name(code)) for code in LANGUAGES],
        "flags": [(str(flag.name).lower(), words) for flag, words in report_words.FLAGS.items()],
    }
