"""What the desk does with a report: confirm after a look at who gets it, and all other acts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Adjustment, Consent, ValueView
from hueandcry.core.errors import HueError, Malformed
from hueandcry.core.types import Kind, Marking, Signal, Verdict
from hueandcry.doors.console import report_page, report_queue, values, words
from hueandcry.doors.console.raising import Receiving, receiving
from hueandcry.doors.console.report_words import behind
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.unreadable import help_with
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_UNDONE: Final[dict[str, str | Promise]] = {
    "confirm": _("The decision is taken back. Claims that rested on it alone are withdrawn."),
    "rule": _("What the rule raised is withdrawn."),
    "adjust": _("The adjustment is taken back."),
    "merge": _("It stands for itself again."),
    "reject": _("The decision is taken back: it waits again."),
    "ask": _("The question is taken back: it waits again."),
}


@dataclass(frozen=True, slots=True)
class Claiming:
    """A ticked value, and what will be claimed of it."""

    value: ValueView
    verdict: Verdict
    marking: Marking
    behind: str | Promise  #: which rule stands behind it


@require_POST
@page("reports:triage")
def confirm(request: HttpRequest, number: int) -> HttpResponseBase:
    """First shows what will be claimed and who gets it; `step=confirm` does it in one go."""
    ticks, roles = _ticks(request), _roles(request)
    version = _number(request, "version")
    if request.POST.get("step") == "confirm":
        return _confirm(request, number, ticks, roles, version)
    now = clock.now()
    with unit_of_work():
        told = reports.open_report(number, actor(request), "triage", now)
    chosen = [
        _claiming(value, roles.get(value.number, value.role))
        for value in told.values
        if value.number in ticks
    ]
    agreed = any(c.purpose == Consent.SIGNALS and not c.withdrawn_at for c in told.consents)
    context = {
        "told": told,
        "line": told.line,
        "chosen": chosen,
        "left": len(told.values) - len(chosen),
        "roles": roles,
        "agreed": agreed,
        "receiving": _receiving(chosen),
        "version": version,
        "where": report_queue.kept(request),
    }
    return render(request, "console/report_confirm.html", context)


def _claiming(value: ValueView, role: str) -> Claiming:
    kind = value.signal.kind
    verdict, marking = reports.verdict_and_marking(kind, role)
    return Claiming(value, verdict, marking, behind(kind, role, reports.is_guarded(kind)))


def _receiving(chosen: Sequence[Claiming]) -> list[Receiving]:
    """The gate, dry. A displayed number has a marking of its own: it is asked for apart."""
    now = clock.now()
    by_marking: dict[Marking, list[Signal]] = {}
    for claiming in chosen:
        by_marking.setdefault(claiming.marking, []).append(claiming.value.signal)
    found: dict[str, Receiving] = {}
    for marking, wanted in by_marking.items():
        for each in receiving(wanted, marking, now):
            held = found.get(each.name)
            found[each.name] = each if held is None else _both(held, each)
    return list(found.values())


def _both(one: Receiving, other: Receiving) -> Receiving:
    reasons = tuple(dict.fromkeys((*one.reasons, *other.reasons)))
    return Receiving(one.name, one.gets + other.gets, one.of + other.of, one.reachable, reasons)


def _confirm(
    request: HttpRequest, number: int, ticks: set[int], roles: dict[int, str], version: int
) -> HttpResponseBase:
    by, now = actor(request), clock.now()
    with unit_of_work():
        held = {v.number: v.role for v in reports.open_report(number, by, "triage", now).values}
        changed = {n: role for n, role in roles.items() if role != held.get(n, role)}
        if changed:
            reports.adjust(by, number, Adjustment(roles=changed), now)
        seen = version + bool(changed)
        done = reports.confirm(by, number, now, ticks, version=seen)
    made = sum(each.claim is not None for each in done.claims)
    said = ngettext(
        "Confirmed: %(n)s claim is on its way to everybody who may have it.",
        "Confirmed: %(n)s claims are on their way to everybody who may have them.",
        made,
    )
    messages.success(request, said % {"n": made} if made else gettext("Confirmed, without claims."))
    if any(each.shielded for each in done.claims):
        messages.warning(request, words.SHIELDED_CLAIM)
    return _back(request, number)


def _ticks(request: HttpRequest) -> set[int]:
    return {int(text) for text in request.POST.getlist("tick") if text.isdecimal()}


def _roles(request: HttpRequest) -> dict[int, str]:
    """How numbers were met, by the numbers of their values: fields `role-12`."""
    found = {}
    for name, text in request.POST.items():
        head, _dash, tail = name.partition("-")
        if head == "role" and tail.isdecimal():
            found[int(tail)] = str(text)
    return found


def _number(request: HttpRequest, name: str) -> int:
    """A whole number from a field; raises Malformed."""
    text = request.POST.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Malformed("number", f"{text[:20]!a} is no number", do="Write only digits")
    return int(text)


def _back(request: HttpRequest, number: int) -> HttpResponseBase:
    url = reverse("console:report", args=[number])
    return HttpResponseRedirect(url + report_queue.kept(request))


# --- every other act -----------------------------------------------------------------------------


@require_POST
@page("reports:triage")
def act(request: HttpRequest, number: int) -> HttpResponseBase:
    """Does what `act` names: adjust, merge, reject, ask, stand, reopen or undo."""
    wanted = _ACTS.get(request.POST.get("act", ""))
    if wanted is None:
        raise Malformed("act", "There is no such act", do="Go back, and use a button of the page")
    return wanted(request, number)


def _adjust(request: HttpRequest, number: int) -> HttpResponseBase:
    form = report_page.AdjustForm(request.POST)
    added = _added(form) if form.is_valid() else ()
    if form.errors:
        return report_page.shown(request, number, form, status=400)
    said = form.cleaned_data
    with unit_of_work():
        told = reports.open_report(number, actor(request), "triage", clock.now())
        held = {"lure": told.line.lure, "method": told.line.method, "language": told.line.language}
        changed = {name: said[name] for name in held if said[name] != held[name]}
        if changed or added:
            what = Adjustment(**changed, add=added)
            reports.adjust(actor(request), number, what, clock.now())
            messages.success(request, gettext("Adjusted."))
    return _back(request, number)


def _added(form: report_page.AdjustForm) -> tuple[tuple[Signal, str], ...]:
    """The value that nobody found; what cannot be read is an error of its field."""
    said = form.cleaned_data
    if not said["value"].strip():
        return ()
    try:
        signal = values.read(said["value"], Kind(said["kind"]) if said["kind"] else None)
    except HueError as error:
        form.add_error("value", str(help_with(error.code)))
        return ()
    return ((signal, said["role"] if signal.kind is Kind.PHONE else ""),)


def _merge(request: HttpRequest, number: int) -> HttpResponseBase:
    into = _number(request, "into")
    with unit_of_work():
        reports.merge(actor(request), number, into, clock.now())
    said = gettext("Merged into report %(number)s.") % {"number": into}
    messages.success(request, said)
    return _back(request, number)


def _reject(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        reports.reject(actor(request), number, request.POST.get("reason", ""), clock.now())
    messages.success(request, gettext("Rejected. No claim was made."))
    return _back(request, number)


def _ask(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        reports.ask(actor(request), number, request.POST.get("question", ""), clock.now())
    messages.success(request, gettext("Asked. Whoever holds the receipt code sees the question."))
    return _back(request, number)


def _stand(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        reports.stand(actor(request), number, request.POST.get("reason", ""), clock.now())
    messages.success(request, gettext("Looked at: it stays as it was decided."))
    return _back(request, number)


def _reopen(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        reports.reopen(actor(request), number, clock.now())
    messages.success(request, gettext("It waits again. Its claims stand until it is decided anew."))
    return _back(request, number)


def _undo(request: HttpRequest, number: int) -> HttpResponseBase:
    with unit_of_work():
        undone = reports.undo(actor(request), number, clock.now())
    messages.success(request, str(_UNDONE[undone]))
    return _back(request, number)


_ACTS: Final[dict[str, Callable[[HttpRequest, int], HttpResponseBase]]] = {
    "adjust": _adjust,
    "merge": _merge,
    "reject": _reject,
    "ask": _ask,
    "stand": _stand,
    "reopen": _reopen,
    "undo": _undo,
}
