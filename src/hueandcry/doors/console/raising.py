"""Raising claims: one value or thousands of lines, first shown as read and who will get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hueandcry.apps.exchange import face as exchange
from hueandcry.apps.peers import face as peers
from hueandcry.apps.signals import face as signals
from hueandcry.core.errors import HueError
from hueandcry.core.sharing import Reason
from hueandcry.core.types import (
    PERSONAL,
    Embargo,
    Kind,
    Lane,
    Marking,
    Micros,
    Pap,
    Signal,
    Tlp,
    Verdict,
)
from hueandcry.doors.console import seats, values, words
from hueandcry.doors.console.forms import micros_of
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.taxonomy import LURES, METHODS
from hueandcry.doors.desk.unreadable import help_with
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Lines of one paste, and values that one note may be written to.
MOST: Final = 5_000
NOTED: Final = 200
#: Lines of a preview that are spelt out; every one that was not understood is among them.
SPELT: Final = 200

_NONE: Final = [("", _("Not said"))]
#: What stays in the address for the next one of the same sort.
_AGAIN: Final = ("verdict", "lure", "method", "tlp", "pap")


class RaiseForm(forms.Form):
    """What is claimed, about which values."""

    values = forms.CharField(
        label=_("Value"),
        max_length=400_000,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "autofocus": True,
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
        help_text=_(
            "A link, domain, number, account, wallet or address, defanged or not. "
            "Several: one on each line."
        ),
    )
    kind = forms.ChoiceField(
        label=_("Read as"), choices=[("", _("What it looks like")), *KINDS.items()], required=False
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[(v.value, words.VERDICTS[v]) for v in Verdict if v is not Verdict.UNKNOWN],
    )
    lure = forms.ChoiceField(label=_("Lure"), choices=_NONE + list(LURES.items()), required=False)
    method = forms.ChoiceField(
        label=_("Method"), choices=_NONE + list(METHODS.items()), required=False
    )
    tlp = forms.ChoiceField(
        label=_("Who may know"), choices=[(t.name, words.TLPS[t]) for t in Tlp], initial="GREEN"
    )
    pap = forms.ChoiceField(
        label=_("What may be done"), choices=[(p.name, words.PAPS[p]) for p in Pap], initial="GREEN"
    )
    confidence = forms.IntegerField(
        label=_("Confidence"), min_value=0, max_value=100, required=False, help_text=_("0 to 100")
    )
    valid_until = forms.DateField(
        label=_("Valid until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: 30 to 365 days, by kind."),
    )
    embargo_until = forms.DateField(
        label=_("Embargo until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Nobody gets it before, and nothing that others could notice is done."),
    )
    embargo_case = forms.CharField(label=_("Case of the embargo"), max_length=100, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For our own people; it never leaves this node."),
    )

    #: Fields that a hurried reader does not need.
    MORE: Final = (
        *("kind", "confidence", "pap", "valid_until", "embargo_until", "embargo_case", "note"),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        now = clock.now()
        for name in ("valid_until", "embargo_until"):
            said[name] = micros_of(said.get(name), end=True)
            if said[name] is not None and said[name] <= now:
                self.add_error(name, gettext("This day is over."))
        if said.get("embargo_until") and not said.get("embargo_case"):
            self.add_error("embargo_case", gettext("An embargo names its case."))
        given = len(lines(said.get("values", "")))
        if given > MOST:
            self.add_error("values", gettext("At most %(most)s lines.") % {"most": MOST})
        if said.get("note") and given > NOTED:
            text = gettext("A note goes with at most %(most)s values.") % {"most": NOTED}
            self.add_error("note", ValidationError(text))
        return said


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what was pasted and what became of it."""

    number: int
    text: str
    signal: Signal | None
    outcome: str  #: empty while it is only read
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Receiving:
    """One peer: how many of the values it would get, and why not the others."""

    name: str
    gets: int
    of: int
    reachable: bool
    reasons: tuple[Reason, ...]


def lines(text: str) -> list[str]:
    """The lines of a paste without blank ones."""
    return [line for raw in text.splitlines() if (line := raw.strip())]


def read_lines(text: str, kind: Kind | None) -> list[Line]:
    """Each line as it is read; one that is said twice counts once."""
    found: list[Line] = []
    seen: set[Signal] = set()
    for number, line in enumerate(lines(text), 1):
        try:
            signal = values.read(line, kind)
        except HueError as error:
            found.append(Line(number, line, None, "unreadable", help_with(error.code)))
            continue
        found.append(Line(number, line, signal, "repeated" if signal in seen else ""))
        seen.add(signal)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@page("claims:raise")
def raise_claims(request: HttpRequest) -> HttpResponseBase:
    """Write, look at how it is read and who will get it, raise."""
    seats.speaks(request)
    if request.method != "POST":
        initial = {name: request.GET[name] for name in request.GET if name in RaiseForm.base_fields}
        return _write(request, RaiseForm(initial=initial))
    form = RaiseForm(request.POST)
    if request.POST.get("step") == "write" or not form.is_valid():
        return _write(request, form, 200 if form.is_valid() else 400)
    kind = Kind(form.cleaned_data["kind"]) if form.cleaned_data["kind"] else None
    read = read_lines(form.cleaned_data["values"], kind)
    wanted = [line.signal for line in read if line.signal and not line.outcome]
    if request.POST.get("step") == "raise" and wanted:
        return _raise(request, form, read, wanted)
    return _preview(request, form, read, wanted)


def _write(request: HttpRequest, form: RaiseForm, status: int = 200) -> HttpResponseBase:
    return render(request, "console/raise.html", {"form": form, "most": MOST}, status=status)


def _preview(
    request: HttpRequest, form: RaiseForm, read: list[Line], wanted: Sequence[Signal]
) -> HttpResponseBase:
    marking = _marking(form.cleaned_data)
    guest = seats.guest_of(request) is not None
    unread = [line for line in read if line.outcome == "unreadable"]
    rest = [line for line in read if line.outcome != "unreadable"]
    context = {
        "form": form,
        "spelt": [*unread[:SPELT], *rest[: max(0, SPELT - len(unread))]],
        "left_out": max(0, len(read) - SPELT),
        "unread": len(unread),
        "wanted": len(wanted),
        # With whom its home shares is not a guest's to know.
        "guest": guest,
        "receiving": [] if guest else receiving(wanted, marking, clock.now()),
        "known": _known(request, wanted),
        "marking": marking,
        "alone": wanted[0] if len(wanted) == 1 and len(read) == 1 else None,
    }
    return render(request, "console/raise_preview.html", context)


def _known(request: HttpRequest, wanted: Sequence[Signal]) -> dict[str, Any] | None:
    """What is answered today about a value that is raised alone."""
    if len(wanted) != 1:
        return None
    value, kind = wanted[0].value, wanted[0].kind
    return signals.check([value], clock.now(), kind=kind, actor=actor(request))[0]


def _marking(said: dict[str, Any]) -> Marking:
    until: Micros | None = said["embargo_until"]
    embargo = Embargo(said["embargo_case"], until) if until is not None else None
    return Marking(Tlp[said["tlp"]], Pap[said["pap"]], embargo=embargo)


def receiving(wanted: Sequence[Signal], marking: Marking, at: Micros) -> list[Receiving]:
    """The gate, dry: for each peer how much it would get, and why not more."""
    gets: Counter[int] = Counter()
    reasons: dict[int, dict[Reason, None]] = {}
    found: list[exchange.Recipient] = []
    for kind, count in Counter(signal.kind for signal in wanted).items():
        found = exchange.recipients(signals.label_for(kind, marking, Lane.LIVE), at)
        for each in found:
            gets[each.peer] += count if each.allowed else 0
            reasons.setdefault(each.peer, {}).update(dict.fromkeys(each.reasons))
    return [
        Receiving(
            each.name, gets[each.peer], len(wanted), each.reachable, tuple(reasons[each.peer])
        )
        for each in found
    ]


def _raise(
    request: HttpRequest, form: RaiseForm, read: list[Line], wanted: Sequence[Signal]
) -> HttpResponseBase:
    said = form.cleaned_data
    new = [
        signals.NewClaim(
            signal,
            Verdict(said["verdict"]),
            said["lure"],
            said["method"],
            said["confidence"],
            _marking(said),
            said["valid_until"],
        )
        for signal in wanted
    ]
    by = actor(request)
    with unit_of_work():
        at = peers.stamp(clock.now())
        raised = signals.raise_claims(by, new, at)
        noted = said["note"] and seats.guest_of(request) is None  # notes are our own people's
        for signal in wanted if noted else ():
            signals.add_note(by, signal, said["note"], at)
    outcomes = {each.signal: each.outcome for each in raised}
    if len(read) == 1:
        _say(request, raised[0].outcome)
        # A person's page asks for a purpose: whoever raises many goes on to the next one.
        personal = wanted[0].kind in PERSONAL
        return HttpResponseRedirect(again(said) if personal else values.url(wanted[0]))
    done = [
        Line(
            line.number,
            line.text,
            line.signal,
            line.outcome or outcomes[line.signal] if line.signal else line.outcome,
            line.problem,
        )
        for line in read
    ]
    context = {
        "done": done,
        "counts": dict(Counter(line.outcome for line in done)),
        "again": again(said),
    }
    return render(request, "console/raised.html", context)


def _say(request: HttpRequest, outcome: str) -> None:
    texts = {
        "raised": gettext("Raised. It is on its way to everybody who may have it."),
        "revised": gettext("Revised. The new version is on its way to everybody who may have it."),
        "merged": gettext("We say the same already: nothing has changed."),
    }
    messages.success(request, texts.get(outcome, outcome))


def again(said: dict[str, Any]) -> str:
    """The address of the form for the next one of the same sort."""
    return f"{reverse('console:raise')}?{urlencode({n: said[n] for n in _AGAIN if said[n]})}"
