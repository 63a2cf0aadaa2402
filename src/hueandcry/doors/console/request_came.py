"""A request that came on paper is entered: who asks, what, on what basis, then what it says."""

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
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Looked
from hueandcry.core.errors import HueError
from hueandcry.core.law import LAW, Basis, NoBasis
from hueandcry.core.types import Micros
from hueandcry.doors.console import request_fields, request_paper_acts, request_parties
from hueandcry.doors.console.request_paper import LetterForm
from hueandcry.doors.console.request_parties import Party
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import receiving
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: The form is looked at, and nothing is kept.
_LOOK: Final = "look"
_NOTHING: Final = Looked((), (), None)


class CameForm(LetterForm):
    """How the letter that asks came."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__("came", request.POST if request else None)
        self.fields["channel"].label = _("How it came")
        self.fields["carried_by"].label = _("Who brought it")
        self.fields["dated"].label = _("When it came")
        self.fields["dated"].help_text = _("Its clocks run from then on.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen so far, each only where it can follow from what stands before it."""

    sender: Party | None
    type: str = ""
    basis: Basis | NoBasis | None = None
    bases: tuple[Basis, ...] = ()
    without: tuple[NoBasis, ...] = ()  #: what they may name although it is none by our registry

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the form."""
        return request_fields.names(self.type)


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("requests:enter")
def came(request: HttpRequest) -> HttpResponseBase:
    """Step by step by address; a posted form is looked at, or entered with its letter."""
    return _came(request)


@receiving(request_paper_acts.LIMITS, request_paper_acts.too_large)
def _came(request: HttpRequest) -> HttpResponseBase:
    now = clock.now()
    chosen = _chosen(request.GET, now)
    if chosen.sender is None or chosen.basis is None:
        return render(request, "console/request_came.html", _steps(chosen))
    if request.method != "POST":
        return _form(request, chosen, {}, CameForm(), now)
    given, letter = request_fields.read(chosen.names, request.POST), CameForm(request)
    if request.POST.get("more"):
        return _form(request, chosen, given, letter, now)
    if request.POST.get("step") == _LOOK or not letter.is_valid():
        return _form(request, chosen, given, letter, now, look=True)
    try:
        made = _entered(request, chosen, given, letter, now)
    except HueError as refused:
        if refused.code == "role":
            raise
        return _form(request, chosen, given, letter, now, refused, look=True)
    messages.success(request, gettext("Entered with its letter. Its clocks run."))
    return HttpResponseRedirect(reverse("console:request", args=[made]))


def _chosen(said: Mapping[str, str], now: Micros) -> Chosen:
    """What an address chooses; what cannot be chosen is not."""
    sender, type = request_parties.named(said.get("from", "")), said.get("type", "")
    if sender is None or type not in _types(sender):
        return Chosen(sender)
    found = cooperation.offered_by(type, sender.fingerprint, now)
    wanted = said.get("basis", "")
    every: tuple[Basis | NoBasis, ...] = (*found.bases, *found.without)
    basis = next((each for each in every if each.instrument == wanted), None)
    return Chosen(sender, type, basis, found.bases, found.without)


def _types(sender: Party) -> tuple[str, ...]:
    """The types that somebody may ask of us on paper."""
    closed = cooperation.hidden_from(())
    return tuple(e for e in cooperation.types_from(sender.fingerprint) if e not in closed)


def _steps(chosen: Chosen) -> dict[str, Any]:
    """What can be chosen next."""
    sender = chosen.sender
    return {
        "chosen": chosen,
        "senders": [] if sender else request_parties.every(),
        "groups": request_parties.groups(_types(sender)) if sender and not chosen.type else [],
        "asks": LAW.types[chosen.type] if chosen.type else None,
    }


def _entered(
    request: HttpRequest, chosen: Chosen, given: Mapping[str, Any], letter: LetterForm, now: Micros
) -> UUID:
    assert chosen.sender is not None and chosen.basis is not None
    sender, basis = chosen.sender.fingerprint, chosen.basis.instrument
    by = actor(request)
    with request_paper_acts.taken(request, letter) as kept, unit_of_work():
        return cooperation.enter(by, chosen.type, sender, basis, given, kept, now)


def _form(
    request: HttpRequest,
    chosen: Chosen,
    given: Mapping[str, Any],
    letter: LetterForm,
    now: Micros,
    refused: HueError | None = None,
    *,
    look: bool = False,
) -> HttpResponseBase:
    """The form as it is filled in; once it was looked at, with what stands against it."""
    assert chosen.sender is not None and chosen.basis is not None
    basis, sender = chosen.basis.instrument, chosen.sender.fingerprint
    look_at = cooperation.looked_from
    found = look_at(chosen.type, sender, basis, given, now) if look else _NOTHING
    more, wrong = request.POST.get("more", ""), [f for f in found.faults if f.code != "missing"]
    fields = request_fields.asked(chosen.type, basis, chosen.names, given, wrong, more)
    optional = [each for each in fields if not each.mandatory]
    lacking = {fault.field for fault in found.faults if fault.code == "missing"}
    context = _steps(chosen) | {
        "letter": letter,
        "needed": [each for each in fields if each.mandatory],
        "optional": optional,
        "optional_filled": any(each.filled or each.wrong for each in optional),
        "unread": request_fields.unread(fields),
        "wrong": [each for each in fields if each.wrong],
        "lacking": [each for each in fields if each.field.name in lacking],
        "warnings": found.judged,
        "way": found.way,
        "looked": look,
        "refused": refused,
    }
    stopped = request.POST.get("step") != _LOOK and bool(letter.errors)
    status = status_of(refused) if refused else 400 if look and stopped else 200
    return render(request, "console/request_came.html", context, status=status)
