"""The page of one report: the words with what was found in them, why, and what was done so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Listed
from hueandcry.apps.detection.face import LANGUAGES, Reason
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Doing, Flag, Opened, State
from hueandcry.apps.signals import face as signals
from hueandcry.core.types import Micros
from hueandcry.doors.console import (
    hotline,
    narrative,
    report_queue,
    report_words,
    request_suggested,
)
from hueandcry.doors.console.dossier import FOLLOWED, Followed, followed
from hueandcry.doors.console.purpose import purpose_asked
from hueandcry.doors.console.staff import actor, allowed, page, roles
from hueandcry.doors.desk import languages
from hueandcry.doors.desk.kinds import KINDS
from hueandcry.doors.desk.reasons import sentence
from hueandcry.doors.desk.taxonomy import LURES, MEETINGS
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work
from hueandcry.engine.timeline import spans

#: Why a report is opened masked: everybody who may open it works on it.
_TRIAGE: Final = "triage"
_NONE: Final = [("", _("Not said"))]


class AdjustForm(forms.Form):
    """What of a report is set right, and one value that nobody found."""

    lure = forms.ChoiceField(label=_("Lure"), choices=_NONE + list(LURES.items()), required=False)
    method = forms.ChoiceField(
        label=_("Method"), choices=_NONE + list(MEETINGS.items()), required=False
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("und", _("Unknown")), *((code, languages.name(code)) for code in LANGUAGES)],
        required=False,
    )
    value = forms.CharField(
        label=_("Add a value"),
        max_length=2_000,
        required=False,
        help_text=_("A link, domain, number, account, wallet or address that nobody found."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(
        label=_("Read as"), choices=[("", _("What it looks like")), *KINDS.items()], required=False
    )
    role = forms.ChoiceField(
        label=_("How a number was met"), choices=list(report_words.ROLES.items()), required=False
    )


class HoldForm(forms.Form):
    """Why a report has to be kept, who asks for it, and when somebody looks at it again."""

    reason = forms.CharField(label=_("Why it has to be kept"), max_length=500)
    authority = forms.CharField(
        label=_("Who asks for it"),
        max_length=500,
        help_text=_("A court, a police unit, and the number of the case. No names of persons."),
    )
    review = forms.DateField(
        label=_("Look at it again on"),
        help_text=_("The hold goes on after this day; it is told of until somebody looks."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the history, with who did it and how long after the report came in."""

    act: reports.ActView
    by: str
    after: Micros


def subject(_request: HttpRequest, number: int) -> str:
    """How the access log names a report."""
    return f"report {number}"


@require_safe
@page("reports")
def show(request: HttpRequest, number: int) -> HttpResponseBase:
    """A report with what names somebody masked; that it was opened is logged."""
    return shown(request, number)


@require_http_methods(["GET", "HEAD", "POST"])  # POST: the purpose
@page("reports:personal")
@purpose_asked("report.whole", subject)
def whole(request: HttpRequest, number: int) -> HttpResponseBase:
    """The same with nothing masked, to who said why."""
    return shown(request, number, whole=True)


@require_http_methods(["GET", "HEAD", "POST"])  # POST: the purpose
@page("reports:personal")
@purpose_asked("report.reporter", subject)
def reporter(request: HttpRequest, number: int) -> HttpResponseBase:
    """Who reported, and how they may be contacted without danger."""
    now, by = clock.now(), actor(request)
    with unit_of_work():
        told = reports.open_report(number, by, _TRIAGE, now)
        who = reports.reporter(number, by, _TRIAGE, now)
    context = {"told": told, "who": who}
    return render(request, "console/report_reporter.html", context)


def shown(
    request: HttpRequest,
    number: int,
    form: AdjustForm | None = None,
    *,
    holding: HoldForm | None = None,
    whole: bool = False,
    status: int = 200,
) -> HttpResponseBase:
    """The page as it is now; with a form that was wrong, that form."""
    now = clock.now()
    with unit_of_work():
        told = reports.open_report(number, actor(request), _TRIAGE, now)
    line, where = told.line, report_queue.filters(request)
    before, after = reports.neighbours(number, where, now)
    names = _names()
    start = {"lure": line.lure, "method": line.method, "language": line.language}
    context = {
        "told": told,
        "line": line,
        "now": now,
        "whole": whole,
        "pieces": narrative.pieces(told.text, told.values, told.assessment, whole=whole),
        "reasons": [_reason(each) for each in told.assessment.get("reasons", ())],
        "rivals": [languages.name(code) for code in told.assessment.get("language_rivals", ())],
        "steps": [Step(act, names.get(act.person or 0, ""), act.at - line.at) for act in told.acts],
        "losses": _losses(told),
        "followed": _followed(told, now),
        "asked": _asked(request, number),
        "ways": request_suggested.ways(told, roles(request)),
        "agreed": _agreed(told),
        "questions": [(said, names.get(said.person or 0, "")) for said in told.messages],
        "may_act": allowed(request, "reports:triage"),
        "doings": _doings(told) if allowed(request, "reports:triage") else {},
        "adjust": form or AdjustForm(initial=start),
        "holding": holding or HoldForm(),
        "may_hold": allowed(request, "reports:hold") and Doing.HOLD in told.may,
        "rejections": report_words.REJECTIONS.items(),
        "taken_back": Flag.WITHDRAWN in line.flags,
        "standing": report_words.STANDING.items(),
        "roles": report_words.ROLES.items(),
        "backs": hotline.BACKS,
        "before": before,
        "after": after,
        "where": report_queue.kept(request),
        "settled": line.state not in (State.RECEIVED, State.WAITING, State.ASKED),
    }
    return render(request, "console/report.html", context, status=status)


def _reason(each: Mapping[str, Any]) -> str:
    return sentence(Reason(each["code"], each["params"]))


def _doings(told: Opened) -> dict[str, bool]:
    """What may be done now, as a template asks: `doings.confirm`."""
    return {doing.value: doing in told.may for doing in Doing}


def _asked(request: HttpRequest, number: int) -> list[Listed]:
    """Requests to other members that were written from a report, as far as the reader sees them."""
    hidden = cooperation.hidden_from(roles(request))
    return [each for each in cooperation.from_report(number) if each.type not in hidden]


def _agreed(told: Opened) -> bool:
    """Whether the reporter agreed that values are shared."""
    return any(c.purpose == Consent.SIGNALS and not c.withdrawn_at for c in told.consents)


def _names() -> dict[int, str]:
    """What our people are called, by number."""
    return {person.number: person.name or person.login for person in members.people()}


def _losses(told: Opened) -> list[tuple[reports.LossView, reports.ValueView | None]]:
    """Each sum with the value that it went to, where that is known."""
    by_number = {value.number: value for value in told.values}
    return [(loss, by_number.get(loss.value or 0)) for loss in told.losses]


def _followed(told: Opened, now: Micros) -> list[Followed]:
    """The claims that came of it, and how far each has come."""
    ids = [value.claim.bytes for value in told.values if value.claim is not None][:FOLLOWED]
    claims = [signals.claim(id, now) for id in ids]
    return followed(claims, spans.hops_of(ids), now)
