"""Taking a claim back: for good, everywhere, and said plainly before it is done."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import Conflict, NotFound
from hueandcry.core.types import PERSONAL
from hueandcry.doors.console import seats, values, words
from hueandcry.doors.console.purpose import blind, purpose_asked
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.defanging import defanged
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work


class RetractForm(forms.Form):
    """Why, and that whoever asks knows what it means."""

    reason = forms.ChoiceField(
        label=_("Why is it taken back?"),
        choices=[("", _("Choose")), *words.REASONS_TO_RETRACT.items()],
        help_text=_("Every peer that has the claim is told this reason."),
    )
    sure = forms.BooleanField(
        label=_("I know that this cannot be undone"),
        error_messages={"required": _("Confirm that you know this.")},
    )


def _own(request: HttpRequest, claim_id: UUID) -> signals.Claimed:
    """A claim of whoever's name we speak in; to anybody else there is none."""
    claim = signals.claim(claim_id.bytes, clock.now())
    if not seats.is_own(request, claim):
        raise NotFound("claim", "There is no such claim here")
    return claim


def _person(request: HttpRequest, claim_id: UUID) -> str | None:
    signal = _own(request, claim_id).signal
    return blind(signal.kind, signal.value) if signal.kind in PERSONAL else None


def _having(claim: signals.Claimed) -> list[str]:
    """The peers that have a claim."""
    return [
        each.recipient.name
        for each in exchange.reached(claim, clock.now())
        if each.received_at is not None and not each.refusal
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page("claims:retract")
@purpose_asked("claims.retract", _person)
def retract(request: HttpRequest, claim_id: UUID) -> HttpResponseBase:
    """Shows what will happen, and does it."""
    seats.speaks(request)
    claim = _own(request, claim_id)
    if claim.state == "retracted":
        raise Conflict("retracted", "This claim is taken back already")
    form = RetractForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with unit_of_work():
            at = peers.stamp(clock.now())
            signals.retract(
                actor(request), claim.signal, form.cleaned_data["reason"], at, claim.source
            )
        said = gettext("Taken back. Look-ups here no longer answer by it; peers are being told.")
        messages.success(request, said)
        return HttpResponseRedirect(values.url(claim.signal))
    context = {
        "form": form,
        "claim": claim,
        "defanged": defanged(claim.signal.kind, claim.signal.value),
        # With whom its home shares is not a guest's to know.
        "having": _having(claim) if seats.guest_of(request) is None else [],
    }
    return render(request, "console/retract.html", context, status=400 if form.errors else 200)
