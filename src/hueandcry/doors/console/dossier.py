"""The page of one signal: the verdicts and why, every claim, what became of ours, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.members import face as members
from hueandcry.apps.signals import face as signals
from hueandcry.core.normal import lookups
from hueandcry.core.times import read_time
from hueandcry.core.types import PERSONAL, Audience, Micros, Signal, Verdict
from hueandcry.doors.console import seats, values, words
from hueandcry.doors.console.forms import micros_of
from hueandcry.doors.console.purpose import blind, purpose_asked
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.defanging import defanged
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import spans
from hueandcry.engine.timeline.face import HopView

#: Own claims whose way to each peer is shown; a signal with more of them is a rarity.
FOLLOWED: Final = 10


@dataclass(frozen=True, slots=True)
class Hop:
    """One step in the life of a claim, in words."""

    text: str
    node: str
    at: Micros
    source: str


@dataclass(frozen=True, slots=True)
class Followed:
    """One claim of ours, how far it has come at each peer, and its timeline."""

    claim: signals.Claimed
    reached: list[exchange.Reached]
    hops: list[Hop]

    @property
    def moving(self) -> bool:
        """Whether something about it will change by itself."""
        return any(each.state in ("waiting", "received") for each in self.reached)


def named(request: HttpRequest, key: str | None = None) -> Signal:
    """The signal that the address of a page names; raises NotFound."""
    asked = request.GET
    return values.named(key, asked.get("kind", ""), asked.get("value", ""), asked.get("sealed", ""))


def _person(request: HttpRequest, key: str | None = None) -> str | None:
    """How the access log names the value, where it is a person's."""
    signal = named(request, key)
    return blind(signal.kind, signal.value) if signal.kind in PERSONAL else None


@require_http_methods(["GET", "HEAD", "POST"])  # POST: the purpose
@page("signal")
@purpose_asked("signal.view", _person)
def show(request: HttpRequest, key: str | None = None) -> HttpResponseBase:
    """All that may be shown about one signal."""
    signal = named(request, key)
    return _render(request, signal)


def _render(
    request: HttpRequest,
    signal: Signal,
    form: OverrideForm | None = None,
    status: int = 200,
    lift: LiftForm | None = None,
) -> HttpResponseBase:
    now = clock.now()
    held = signals.dossier(signal, now)
    gone = bool(held.claims) and all(each.claim.state == "retracted" for each in held.claims)
    told = [each for each in held.claims if seats.may_see(request, each.claim, now)]
    guest = seats.guest_of(request) is not None
    if guest and held.shielded_by:
        told = [each for each in told if seats.is_own(request, each.claim)]
    hops = spans.hops_of([each.claim.claim_id for each in told])
    sight = seats.sight(request)
    if sight is None:
        answer = held.answers[seats.audience(request)]
    else:
        answer = signals.GuestLookups(sight).one(signal.value, signal.kind)
    context = {
        "signal": signal,
        "defanged": defanged(signal.kind, signal.value),
        "personal": signal.kind in PERSONAL,
        "held": held,
        "guest": guest,
        "answer": _readable(answer, gone and not guest),
        "answers": {} if guest else {a: _readable(held.answers[a], gone) for a in _SHOWN},
        "told": [(each, _here_since(hops.get(each.claim.claim_id, ()))) for each in told],
        "followed": [] if guest else followed([each.claim for each in told], hops, now),
        "again": reverse("console:raise"),
        "parents": _parents(signal),
        "decision": next((d for d in held.decisions if d.in_force), None),
        "override": form or OverrideForm(),
        "lift": lift or LiftForm(prefix="lift"),
        "now": now,
    }
    return render(request, "console/signal.html", context, status=status)


_SHOWN: Final = (Audience.OWN, Audience.GREEN, Audience.CLEAR)


def _readable(answer: Mapping[str, Any], gone: bool) -> dict[str, Any]:
    """An answer whose reasons name other values so that nothing opens them; `gone`: taken back."""
    reasons = []
    for reason in answer["reasons"]:
        if gone and reason["code"] == "no_claims":
            reason = {"code": "taken_back", "params": {}}
        params = dict(reason["params"])
        for name in ("value", "host"):
            if name in params:
                params[name] = defanged(None, str(params[name]))
        reasons.append({**reason, "params": params})
    until = read_time(answer["until"]) if answer["until"] else None
    return {**answer, "reasons": reasons, "until": until}


def _here_since(hops: Sequence[HopView]) -> Micros | None:
    """When another member's claim came in here; None for our own, and for what came in bulk."""
    us = members.us().fingerprint
    return next((hop.at for hop in hops if (hop.name, hop.node) == ("received", us)), None)


def followed(
    claims: Sequence[signals.Claimed], hops: Mapping[bytes, Sequence[HopView]], now: Micros
) -> list[Followed]:
    """Claims of ours, at most FOLLOWED of them, with how far they have come; `hops` by claim id."""
    ours = [claim for claim in claims if claim.ours][:FOLLOWED]
    nodes = {hop.node for claim in ours for hop in hops.get(claim.claim_id, ())}
    names = members.called(nodes)
    us = members.us().fingerprint
    found = []
    for claim in ours:
        shown = [
            Hop(_step(hop.name, hop.node == us), names[hop.node], hop.at, hop.source)
            for hop in hops.get(claim.claim_id, [])
        ]
        found.append(Followed(claim, exchange.reached(claim, now), shown))
    return found


def _step(name: str, here: bool) -> str:
    if name == "retracted" and here:
        return str(words.RETRACTED_HERE)
    return str(words.HOPS.get(name, name))


def _parents(signal: Signal) -> list[Signal]:
    """What a claim on would cover this one too, and is worth a look."""
    return [each for each in lookups(signal)[1:] if each.kind not in PERSONAL][:6]


# --- decisions and notes -------------------------------------------------------------------------


class OverrideForm(forms.Form):
    """A decision of our own above every claim."""

    verdict = forms.ChoiceField(
        label=_("We decide"),
        choices=[(v.value, words.VERDICTS[v]) for v in Verdict if v is not Verdict.UNKNOWN],
        initial=Verdict.BENIGN.value,
    )
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("For our own people; it is not shared.")
    )
    until = forms.DateField(
        label=_("Until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until somebody takes it back."),
    )


class LiftForm(forms.Form):
    """Why a value is shielded no more."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("For our own people; it is not shared.")
    )


@require_POST
@page("signal:decide")
@purpose_asked("signal.decide", _person)
def decide(request: HttpRequest, key: str | None = None) -> HttpResponseBase:
    """Decides a signal locally, takes the decision back, or lifts the shield of a value."""
    signal = named(request, key)
    now = clock.now()
    if request.POST.get("act") == "lift":
        return _lift(request, signal, now)
    if request.POST.get("act") == "clear":
        with unit_of_work():
            signals.clear_override(actor(request), signal, now)
        messages.success(request, gettext("The decision is taken back."))
        return HttpResponseRedirect(values.url(signal))
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _render(request, signal, form, 400)
    said = form.cleaned_data
    until = micros_of(said["until"], end=True)
    with unit_of_work():
        signals.set_override(
            actor(request), signal, Verdict(said["verdict"]), said["reason"], now, until
        )
    messages.success(request, gettext("Decided. Look-ups here answer by it from now on."))
    return HttpResponseRedirect(values.url(signal))


def _lift(request: HttpRequest, signal: Signal, now: Micros) -> HttpResponseBase:
    form = LiftForm(request.POST, prefix="lift")
    if not form.is_valid():
        return _render(request, signal, status=400, lift=form)
    with unit_of_work():
        signals.lift_shield(actor(request), signal, form.cleaned_data["reason"], now)
    messages.success(request, gettext("The shield is lifted. The claims decide from now on."))
    return HttpResponseRedirect(values.url(signal))


@require_POST
@page("signal:note")
@purpose_asked("signal.note", _person)
def note(request: HttpRequest, key: str | None = None) -> HttpResponseBase:
    """Keeps a note for our own people."""
    signal = named(request, key)
    with unit_of_work():
        signals.add_note(actor(request), signal, request.POST.get("text", ""), clock.now())
    return HttpResponseRedirect(values.url(signal) + "#notes")
