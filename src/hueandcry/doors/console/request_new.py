"""A request is made: whom it goes to, what it is, on what it stands, then what that needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Looked
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Opened
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.law import LAW, Barred, Basis, NoBasis
from hueandcry.core.types import Micros
from hueandcry.doors.console import (
    request_fields,
    request_page,
    request_parties,
    request_suggested,
)
from hueandcry.doors.console.purpose import purpose_asked
from hueandcry.doors.console.request_parties import Party
from hueandcry.doors.console.staff import actor, check, page
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: The type whose form a message of a bank can fill in.
RECALL: Final = "STOP_PAYMENT"
#: The form is looked at, and nothing is kept.
_LOOK: Final = "look"
#: What an address names of which the form is filled in already.
_FILLED: Final = frozenset({"hop_of", "report"})
#: Why a report is opened when a request is written from it.
_WRITING: Final = "request"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen so far, each only where it can follow from what stands before it."""

    to: Party | None
    type: str
    wanted: str  #: the type that the address names, whether or not it may go there
    basis: Basis | None
    bases: tuple[Basis, ...]
    without: tuple[NoBasis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the form."""
        return request_fields.names(self.type)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _subject(request: HttpRequest) -> str | None:
    """How the access log names the report that a request is written from, if it is."""
    number = _number(request, "report")
    if number is None:
        return None
    check(request, "reports:personal")
    return f"report {number}"


@require_http_methods(["GET", "HEAD", "POST"])
@page("requests:write")
@purpose_asked("report.request", _subject)
def new(request: HttpRequest) -> HttpResponseBase:
    """Step by step by address; a posted form is looked at, or kept as a draft."""
    now = clock.now()
    chosen, hop_of = _chosen(request.GET, now), _hop_of(request)
    if chosen.to is None or chosen.basis is None:
        return render(request, "console/request_new.html", _steps(chosen, hop_of))
    told = _report(request, chosen, now)
    if request.method != "POST":
        given = _copied(request, chosen) if told is None else _suggested(request, chosen, told)
        return _form(request, chosen, given, now)
    given = request_fields.read(chosen.names, request.POST)
    if request.POST.get("more") or request.POST.get("step") == _LOOK:
        return _form(request, chosen, given, now, look=True)
    try:
        with unit_of_work():
            by, to, basis = actor(request), chosen.to.fingerprint, chosen.basis.instrument
            report = None if told is None else told.line.number
            made = cooperation.draft(
                by, chosen.type, to, basis, given, now, hop_of=hop_of, report=report
            )
    except HueError as refused:
        if refused.code == "role":
            raise
        return _form(request, chosen, given, now, refused, look=True)
    messages.success(request, gettext("Kept as a draft. Sign it, and another person sends it."))
    return HttpResponseRedirect(reverse("console:request", args=[made]))


def _chosen(said: Mapping[str, str], now: Micros) -> Chosen:
    """What an address chooses; what cannot be chosen is not."""
    named = said.get("to", "")
    to = request_parties.named(named)
    type = said.get("type", "")
    if to is None or type not in cooperation.types_to(to.fingerprint):
        return Chosen(to, "", type if type in LAW.types else "", None, (), ())
    found = cooperation.offered(type, to.fingerprint, now)
    wanted = said.get("basis", "")
    basis = next((each for each in found.bases if each.instrument == wanted), None)
    return Chosen(to, type, type, basis, found.bases, found.without)


def recalled(
    request: HttpRequest, given: Mapping[str, Any], refused: HueError | None = None
) -> HttpResponseBase:
    """The form as the message of a bank fills it in, or with what is wrong with that message."""
    now = clock.now()
    chosen = _chosen(request.GET, now)
    if chosen.type != RECALL or chosen.basis is None:
        raise NotFound("recall", "A bank's recall fills in a stop-payment alone")
    return _form(request, chosen, given, now, recall_refused=refused)


def _hop_of(request: HttpRequest) -> UUID | None:
    """The request whose newest hop this one is to follow; raises what forbids to follow it."""
    named = request.GET.get("hop_of", "")
    if not named:
        return None
    try:
        view = request_page.seen(request, UUID(named))
    except ValueError:
        raise NotFound("request", "There is no such request") from None
    cooperation.hop_form(view.listed.id)
    return view.listed.id


def _steps(chosen: Chosen, hop_of: UUID | None) -> dict[str, Any]:
    """What can be chosen next."""
    return {
        "chosen": chosen,
        "hop": cooperation.hop_form(hop_of) if hop_of else None,
        "peers": [] if chosen.to else _able(chosen.wanted),
        "groups": request_parties.groups(_types(chosen)),
        "asks": LAW.types[chosen.type] if chosen.type else None,
    }


def _types(chosen: Chosen) -> tuple[str, ...]:
    """The types that may go to whom was chosen, until one of them is."""
    if chosen.to is None or chosen.type:
        return ()
    return cooperation.types_to(chosen.to.fingerprint)


def _able(type: str) -> list[Party]:
    """Those to whom a type may go; all of them while none is chosen."""
    every = request_parties.every()
    if not type:
        return every
    return [each for each in every if type in cooperation.types_to(each.fingerprint)]


def _report(request: HttpRequest, chosen: Chosen, now: Micros) -> Opened | None:
    """The report that the request is written from; that it was opened is logged."""
    number = _number(request, "report")
    if number is None:
        return None
    with unit_of_work():
        told = reports.open_report(number, actor(request), _WRITING, now)
    request_suggested.check_agreed(told, chosen.type)
    return told


def _suggested(request: HttpRequest, chosen: Chosen, told: Opened) -> Mapping[str, Any]:
    found = request_suggested.suggested(told, chosen.type, _number(request, "of") or 0)
    return {name: value for name, value in found.items() if name in chosen.names}


def _copied(request: HttpRequest, chosen: Chosen) -> Mapping[str, Any]:
    """The fields of another request, from which this one is written anew or which it follows."""
    if hop_of := _hop_of(request):
        found = cooperation.hop_form(hop_of)
        return {name: value for name, value in found.items() if name in chosen.names}
    try:
        view = request_page.seen(request, UUID(request.GET.get("from", "")))
    except (ValueError, HueError):
        return {}
    return {name: value for name, value in view.given.items() if name in chosen.names}


def _form(
    request: HttpRequest,
    chosen: Chosen,
    given: Mapping[str, Any],
    now: Micros,
    refused: HueError | None = None,
    *,
    look: bool = False,
    recall_refused: HueError | None = None,
) -> HttpResponseBase:
    """The form as it is filled in; once somebody had it looked at, with what stands against it."""
    assert chosen.to is not None and chosen.basis is not None
    basis, to = chosen.basis.instrument, chosen.to.fingerprint
    found = cooperation.looked(chosen.type, to, basis, given, now) if look else _NOTHING
    more = request.POST.get("more", "")
    faults = () if more else found.faults
    fields = request_fields.asked(chosen.type, basis, chosen.names, given, faults, more)
    optional = [each for each in fields if not each.mandatory]
    context = _steps(chosen, _hop_of(request)) | {
        "report": _number(request, "report"),
        "takes_recall": chosen.type == RECALL and not request.GET.keys() & _FILLED,
        "recall_refused": recall_refused,
        "needed": [each for each in fields if each.mandatory],
        "optional": optional,
        "optional_filled": any(each.filled or each.wrong for each in optional),
        "unread": request_fields.unread(fields),
        "looked": look and not more,
        "wrong": [each for each in fields if each.wrong],
        "bars": [each for each in found.judged if isinstance(each, Barred)],
        "warnings": [each for each in found.judged if not isinstance(each, Barred)],
        "way": found.way,
        "refused": refused,
    }
    stopped = refused or recall_refused
    status = status_of(stopped) if stopped else 200
    return render(request, "console/request_new.html", context, status=status)


_NOTHING: Final = Looked((), (), None)
