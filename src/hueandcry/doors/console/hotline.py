"""The hotline: a form for ninety seconds, who called before, and whom to call back."""

from __future__ import annotations

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

from hueandcry.apps.detection.face import LANGUAGES
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Flag
from hueandcry.core.errors import HueError
from hueandcry.core.types import MINUTE, Micros
from hueandcry.doors.console import notes, report_words
from hueandcry.doors.console.purpose import blind
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk import hotlines, languages
from hueandcry.doors.desk.hotlines import Purpose
from hueandcry.doors.desk.taxonomy import MEETINGS, RAILS
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: Version of the words that are read to a caller before they agree.
WORDING: Final = "hotline-1"
_HOUR: Final = 60 * MINUTE

#: How long ago money went → hours ago, about the middle of what the words say.
_AGO: Final[dict[str, tuple[Any, float]]] = {
    "hour": (_("Within the last hour"), 0.5),
    "today": (_("Today"), 6),
    "yesterday": (_("Yesterday"), 24),
    "days": (_("2 or 3 days ago"), 60),
    "longer": (_("Longer ago"), 24 * 14),
}
#: When a call back is due → hours from now.
_BACK: Final[dict[str, tuple[Any, float]]] = {
    "hour": (_("Within an hour"), 1),
    "hours": (_("Within 4 hours"), 4),
    "tomorrow": (_("Tomorrow at this time"), 24),
    "days": (_("In 3 days"), 72),
}
#: The same as choices, for the page of a report.
BACKS: Final = [(code, words) for code, (words, _hours) in _BACK.items()]
_EMPTY: Final = [("", _("Not said"))]


def _choices(table: dict[str, tuple[Any, float]]) -> list[tuple[str, Any]]:
    return [("", "–"), *((code, words) for code, (words, _hours) in table.items())]


class CallForm(forms.Form):
    """What is asked on the telephone, money first; nothing is obligatory but one word."""

    amount = forms.CharField(
        label=_("How much money went?"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    paid = forms.ChoiceField(label=_("When?"), required=False, choices=_choices(_AGO))
    rail = forms.ChoiceField(label=_("How?"), required=False, choices=_EMPTY + list(RAILS.items()))
    to = forms.CharField(
        label=_("To which account, number or wallet?"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = forms.CharField(
        label=_("Number of the caller"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("What happened?"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    values = forms.CharField(
        label=_("Links, numbers, accounts and names of the scammer"),
        help_text=_("One on each line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "none"}),
    )
    role = forms.ChoiceField(
        label=_("How a number was met"), required=False, choices=list(report_words.ROLES.items())
    )
    method = forms.ChoiceField(
        label=_("Where did they meet it?"), required=False, choices=_EMPTY + list(MEETINGS.items())
    )
    language = forms.ChoiceField(
        label=_("Language of the caller"),
        required=False,
        choices=[("", "–"), *((code, languages.name(code)) for code in LANGUAGES)],
    )
    name = forms.CharField(label=_("Name of the caller"), required=False, max_length=200)
    safe_way = forms.CharField(
        label=_("How and when is it safe to call back?"), required=False, max_length=500
    )
    paying = forms.BooleanField(label=_("Still paying, or asked to pay more"), required=False)
    forced = forms.BooleanField(label=_("Made to scam others, or held somewhere"), required=False)
    child = forms.BooleanField(label=_("A child is affected"), required=False)
    distress = forms.BooleanField(label=_("In distress"), required=False)
    agreed = forms.MultipleChoiceField(
        label=_("The caller agrees"),
        required=False,
        choices=list(report_words.CONSENTS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    back = forms.ChoiceField(label=_("Call back"), required=False, choices=_choices(_BACK))
    note = forms.CharField(label=_("What for?"), required=False, max_length=2_000)
    token = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400)

    #: Parts of the page, in their order.
    MONEY: Final = ("amount", "currency", "paid", "rail", "to")
    MARKS: Final = ("paying", "forced", "child", "distress")
    CALLER: Final = ("name", "language", "safe_way")
    BACK: Final = ("back", "note")

    def parts(self) -> dict[str, list[forms.BoundField]]:
        """The fields by the part of the page that they stand in."""
        names = {
            "money": self.MONEY,
            "marks": self.MARKS,
            "caller": self.CALLER,
            "calls": self.BACK,
        }
        return {part: [self[name] for name in some] for part, some in names.items()}


@require_http_methods(["GET", "HEAD", "POST"])
@page("hotline")
def call(request: HttpRequest) -> HttpResponseBase:
    """The form; `step=look` shows who this number is to us, `step=keep` makes the report."""
    if request.method != "POST":
        return _form(request, CallForm(initial={"token": reports.new_form(clock.now())}))
    form = CallForm(request.POST)
    if request.POST.get("step") == "look" or not form.is_valid():
        return _form(request, form, 200 if request.POST.get("step") == "look" else 400)
    try:
        sent = _keep(request, form.cleaned_data)
    except HueError as refused:
        form.add_error(_FIELDS.get(refused.code), refused.what)
        return _form(request, form, 400)
    messages.success(request, gettext("Kept as report %(number)s.") % {"number": sent.number})
    if sent.stop_until is not None:
        said = gettext("It is in the stop-payment lane. Tell the caller to phone the bank now.")
        messages.warning(request, said)
    return HttpResponseRedirect(reverse("console:hotline"))


#: Codes of refusal → the field of the form that they are about.
_FIELDS: Final = {
    "amount": "amount",
    "currency": "currency",
    "rail": "rail",
    "report_empty": "text",
    "report_values": "values",
    "call_back": "back",
}


def _form(request: HttpRequest, form: CallForm, status: int = 200) -> HttpResponseBase:
    now, market = clock.now(), members.us().country
    phone = request.POST.get("phone", "").strip()
    known = reports.known_caller(phone, market) if phone else []
    if phone:
        notes.looked(request, "hotline.caller", blind("phone", phone), "victim: hotline")
    context = {
        "form": form,
        "parts": form.parts(),
        "phone": phone,
        "known": known,
        "lines": hotlines.of(market, Purpose.SCAM, Purpose.POLICE),
        "distress": hotlines.of(market, Purpose.DISTRESS),
        "due": [each for each in reports.call_backs(now) if each.overdue],
        "now": now,
    }
    return render(request, "console/hotline.html", context, status=status)


def _keep(request: HttpRequest, said: dict[str, Any]) -> reports.Submitted:
    now = clock.now()
    back = now + int(_BACK[said["back"]][1] * _HOUR) if said["back"] else None
    with unit_of_work():
        return reports.take_call(actor(request), new_report(said, now), now, back, said["note"])


def new_report(said: dict[str, Any], at: Micros) -> reports.NewReport:
    """The report that a filled-in form brings."""
    lines = [line.strip() for line in said["values"].splitlines() if line.strip()]
    return reports.NewReport(
        source=reports.Source.HOTLINE,
        market=members.us().country,
        text=said["text"],
        values=tuple(reports.GivenValue(line, said["role"]) for line in lines),
        losses=_losses(said, at),
        language=said["language"],
        method=said["method"],
        flags=_flags(said),
        consents=frozenset(map(Consent, said["agreed"])),
        wording=WORDING,
        reporter=_caller(said),
        form=said["token"],
        receipt=False,
    )


def _losses(said: dict[str, Any], at: Micros) -> tuple[reports.GivenLoss, ...]:
    if not said["amount"]:
        return ()
    when = at - int(_AGO[said["paid"]][1] * _HOUR) if said["paid"] else None
    amount = said["amount"].replace(",", "").replace(" ", "")
    return (reports.GivenLoss(amount, said["currency"].upper(), said["rail"], when, said["to"]),)


def _flags(said: dict[str, Any]) -> Flag:
    found = Flag(0)
    for name in CallForm.MARKS:
        found |= Flag[name.upper()] if said[name] else Flag(0)
    return found


def _caller(said: dict[str, Any]) -> reports.GivenReporter | None:
    given = reports.GivenReporter(name=said["name"], phone=said["phone"], safe_way=said["safe_way"])
    return given if given != reports.GivenReporter() else None


# --- calls back ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD"])
@page("hotline")
def calls(request: HttpRequest) -> HttpResponseBase:
    """Whom to call back, the most overdue first; and what was done in the last day."""
    now = clock.now()
    context = {"waiting": reports.call_backs(now), "made": reports.calls_made(now), "now": now}
    return render(request, "console/hotline_calls.html", context)


@require_POST
@page("hotline")
def call_done(request: HttpRequest, number: int) -> HttpResponseBase:
    """Says that a call was made, or (`act=undo`) that it was not after all."""
    undo = request.POST.get("act") == "undo"
    with unit_of_work():
        does = reports.not_called_back if undo else reports.called_back
        does(actor(request), number, clock.now())
    said = gettext("It is to be called again.") if undo else gettext("Called back.")
    messages.success(request, said)
    return HttpResponseRedirect(reverse("console:calls"))


@require_POST
@page("hotline")
def promise(request: HttpRequest, number: int) -> HttpResponseBase:
    """Promises to call a reporter back."""
    now, when = clock.now(), request.POST.get("back", "")
    hours = _BACK[when][1] if when in _BACK else 4
    with unit_of_work():
        due, note = now + int(hours * _HOUR), request.POST.get("note", "")
        reports.promise_call(actor(request), number, due, note, now)
    messages.success(request, gettext("It is on the list of calls."))
    return HttpResponseRedirect(reverse("console:report", args=[number]))
