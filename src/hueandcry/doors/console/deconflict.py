"""Deconfliction: what is put up for matching, sessions with what came of them, asking a peer."""

from __future__ import annotations

from collections.abc import Sequence
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
from django.views.decorators.http import require_POST, require_safe

from hueandcry.apps.deconfliction import face as deconfliction
from hueandcry.apps.deconfliction.face import SessionView
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import HueError
from hueandcry.core.matching import read_items
from hueandcry.core.types import Kind, Signal
from hueandcry.doors.console import notes, values
from hueandcry.doors.console.asking import cursor
from hueandcry.doors.console.forms import micros_of
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.wire import status_of
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

_SHOWN: Final = 50
_MOST: Final = 1 << 20  #: characters of a list


class ListForm(forms.Form):
    """Items of one case."""

    case = forms.CharField(label=_("Case"), max_length=200)
    items = forms.CharField(
        label=_("Numbers, accounts, wallets"),
        max_length=_MOST,
        help_text=_("One to a line. They rest sealed; a line that cannot be read is named."),
        widget=forms.Textarea({"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )

    def read(self) -> list[str]:
        """The items in their one form; raises Malformed, which names the lines that are wrong."""
        return read_items(self.cleaned_data["items"].splitlines(), values.market())


class OfferForm(ListForm):
    """Items that are put up for the sessions that others ask for."""

    until = forms.DateField(
        label=_("Until and with this day"), widget=forms.DateInput({"type": "date"})
    )


class AskForm(ListForm):
    """Items about which a peer is asked."""

    peer = forms.ChoiceField(label=_("Member"))

    field_order = ("peer", "case", "items")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = [(each.fingerprint, each.name) for each in peers.peers()]
        self.fields["peer"].choices = [("", _("Choose")), *known]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Hit:
    """An item of our own that the other side has too."""

    signal: Signal
    shown: str  #: a person's only in part
    cases: Sequence[str]


@require_safe
@page("deconflict")
def show(request: HttpRequest) -> HttpResponseBase:
    """Sessions, the newest first, and what is put up; that it was looked at is noted."""
    notes.looked(request, "deconflict.view")
    return _page(request)


@require_POST
@page("deconflict")
def offer(request: HttpRequest) -> HttpResponseBase:
    """Puts the items of a case up for matching, to the end of a day."""
    form = OfferForm(request.POST, auto_id="offer-%s")
    if not form.is_valid():
        return _page(request, offering=form, status=400)
    until = micros_of(form.cleaned_data["until"], end=True)
    assert until is not None  # the field is required
    try:
        with unit_of_work():
            by, case = actor(request), form.cleaned_data["case"]
            deconfliction.offer(by, case, form.read(), until, clock.now())
    except HueError as wrong:
        return _page(request, offering=_told(form, wrong), status=status_of(wrong))
    messages.success(request, gettext("It is up for matching."))
    return _back()


@require_POST
@page("deconflict")
def withdraw(request: HttpRequest, number: int) -> HttpResponseBase:
    """Takes items back: no session from now on has them."""
    with unit_of_work():
        deconfliction.withdraw(actor(request), number, clock.now())
    messages.success(request, gettext("It is withdrawn."))
    return _back()


@require_POST
@page("deconflict")
def ask(request: HttpRequest) -> HttpResponseBase:
    """Commits to a list and drafts the request for a session over it."""
    form = AskForm(request.POST, auto_id="ask-%s")
    if not form.is_valid():
        return _page(request, asking=form, status=400)
    try:
        with unit_of_work():
            by, said = actor(request), form.cleaned_data
            made = deconfliction.ask(by, said["peer"], said["case"], form.read(), clock.now())
    except HueError as wrong:
        return _page(request, asking=_told(form, wrong), status=status_of(wrong))
    messages.success(request, gettext("Kept as a draft. Sign it, and another person sends it."))
    return HttpResponseRedirect(reverse("console:request", args=[made]))


def _told(form: ListForm, wrong: HueError) -> Any:
    """The form, with what stands against it; raises again what a role forbids."""
    if wrong.code == "role":
        raise wrong
    form.add_error(None, f"{wrong.what}. {wrong.do}".strip())
    return form


def _back() -> HttpResponseBase:
    return HttpResponseRedirect(reverse("console:deconflict"))


def _page(
    request: HttpRequest,
    *,
    offering: OfferForm | None = None,
    asking: AskForm | None = None,
    status: int = 200,
) -> HttpResponseBase:
    now = clock.now()
    found = deconfliction.sessions(before=cursor(request, "before"), limit=_SHOWN + 1)
    context = {
        "now": now,
        "sessions": [(each, _hits(each)) for each in found[:_SHOWN]],
        "before": found[_SHOWN - 1].number if len(found) > _SHOWN else None,
        "alarms": deconfliction.alarms(now),
        "offers": deconfliction.offers(),
        "offering": offering or OfferForm(auto_id="offer-%s"),
        "asking": asking or AskForm(auto_id="ask-%s"),
    }
    return render(request, "console/deconflict.html", context, status=status)


def _hits(view: SessionView) -> list[Hit]:
    return [_hit(item, cases) for item, cases in view.found.items()]


def _hit(item: str, cases: Sequence[str]) -> Hit:
    kind, _colon, value = item.partition(":")
    signal = Signal(Kind(kind), value)
    return Hit(signal, values.shown(signal), cases)
