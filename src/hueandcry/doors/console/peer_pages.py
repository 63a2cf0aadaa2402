"""Peers: on what terms, what was handed over, what was receipted, what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.core import jws
from hueandcry.core.times import time_text
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.downloads import ROWS, attachment
from hueandcry.doors.console.staff import page
from hueandcry.doors.console.today import protection
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

LIMIT: Final = 50


@require_safe
@page("peers")
def every(request: HttpRequest) -> HttpResponseBase:
    """Every peer, how far the agreement is, when it was last there."""
    found = peers.overview(clock.now())
    pace = {each.name: each for each in protection({p.fingerprint: p.name for p in found})}
    rows = [(peer, pace[peer.name]) for peer in found]
    return render(request, "console/peers.html", {"rows": rows})


@require_safe
@page("peers")
def one(request: HttpRequest, number: int) -> HttpResponseBase:
    """One peer and the terms with it."""
    peer = peers.summary(number, clock.now())
    context = {
        "peer": peer,
        "agreements": peers.agreements_with(number),
        "pace": protection({peer.fingerprint: peer.name})[0],
        "tab": "agreement",
    }
    return render(request, "console/peer.html", context)


@require_safe
@page("peers")
def handovers(request: HttpRequest, number: int) -> HttpResponseBase:
    """What was handed to a peer, with what became of it there; as CSV too."""
    if request.GET.get("format") == "csv":
        return attachment(
            "handed-over.csv", _COLUMNS, _handed(peers.summary(number, clock.now()).id)
        )
    found = exchange.handovers(number, before=cursor(request, "before"), limit=LIMIT)
    return _tab(request, number, "handovers", found, found[-1].number if found else None)


_COLUMNS: Final = (
    *("number", "what", "kind", "tlp", "lane", "accepted", "refused", "refusals"),
    *("received_at", "effective_at", "receipt"),
)


def _handed(peer: int) -> Iterator[list[str]]:
    before: int | None = None
    for _ in range(ROWS // 500):
        found = exchange.handovers(peer, before=before, limit=500)
        yield from (_cells(each) for each in found)
        if len(found) < 500:
            return
        before = found[-1].number


def _cells(each: exchange.Handover) -> list[str]:
    return [
        str(each.number),
        each.what,
        each.kind.value if each.kind else "",
        each.tlp.wire if each.tlp is not None else "",
        each.lane.value if each.lane else "",
        str(each.accepted),
        str(each.refused),
        " ".join(f"{code}={number}" for code, number in each.refusals.items()),
        time_text(each.received_at),
        time_text(each.effective_at) if each.effective_at is not None else "",
        str(each.receipt or ""),
    ]


@require_safe
@page("peers")
def receipts(request: HttpRequest, number: int) -> HttpResponseBase:
    """Receipts both ways."""
    found = peers.receipts(number, before=cursor(request, "before"), limit=LIMIT)
    return _tab(request, number, "receipts", found, found[-1].number if found else None)


@require_safe
@page("peers")
def documents(request: HttpRequest, number: int) -> HttpResponseBase:
    """Documents on their way to a peer, and those that have arrived."""
    found = peers.documents(number, before=cursor(request, "before"), limit=LIMIT)
    return _tab(request, number, "documents", found, found[-1].number if found else None)


def _tab(
    request: HttpRequest, number: int, tab: str, found: object, last: int | None
) -> HttpResponseBase:
    peer = peers.summary(number, clock.now())
    full = isinstance(found, list) and len(found) == LIMIT
    context = {"peer": peer, "tab": tab, "found": found, "before": last if full else None}
    return render(request, f"console/peer_{tab}.html", context)


@require_safe
@page("peers")
def receipt(request: HttpRequest, number: int) -> HttpResponseBase:
    """One receipt: what it says; `?format=jws` gives the signed document itself."""
    found = peers.receipt_of(number)
    if request.GET.get("format") == "jws":
        answer = HttpResponse(found.document, content_type="application/jose")
        answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{number}.jws"'
        return answer
    stated = jws.open_document(found.document).stated
    context = {
        "receipt": found,
        "peer": peers.summary(found.peer, clock.now()),
        "issued_at": stated.iat,
        "kid": stated.kid,
        "text": found.document.decode(),
    }
    return render(request, "console/receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page("peers:change")
def suspend(request: HttpRequest, number: int) -> HttpResponseBase:
    """Suspends the agreement with a peer at once, by our signature alone, once confirmed."""
    now = clock.now()
    peer = peers.summary(number, now)
    if request.method != "POST":
        return render(request, "console/peer_suspend.html", {"peer": peer})
    with unit_of_work():
        peers.suspend(number, now)
    messages.success(request, gettext("Suspended. Nothing passes any more, either way."))
    return HttpResponseRedirect(reverse("console:peer", args=[number]))
