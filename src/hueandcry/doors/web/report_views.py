"""*Report*: one form, sent in one go, and the receipt code that it gives."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Flag, Submitted
from hueandcry.core.errors import Conflict, HueError
from hueandcry.core.types import Actor
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.frame import chosen_language, no_store, our_member
from hueandcry.doors.desk.uploads import Upload, received, receiving
from hueandcry.doors.web import pasted
from hueandcry.doors.web.advice import PAID
from hueandcry.doors.web.attaching import FILES, given_files, refusals
from hueandcry.doors.web.help_pages import BY_NAME, HelpPage
from hueandcry.doors.web.help_views import lines_context
from hueandcry.doors.web.pages import (
    from_here,
    market_of,
    not_founded,
    too_large,
    within_limits,
)
from hueandcry.doors.web.report_form import CURRENCIES, ReportForm, currency_of, new_report
from hueandcry.doors.web.results import lines
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

Words = str | Promise

#: What a report costs of the requests that an address may make in a minute.
_COST: Final = 20

#: Codes of refusal → the field, and what to do, in words.
_REFUSED: Final[dict[str, tuple[str | None, Words]]] = {
    "report_empty": ("text", _("Write what happened, or at least one link, number or account.")),
    "report_values": ("values", _("These are too many lines. Send the rest as a second report.")),
    "report_field": ("values", _("One line is too long. Put long texts into “What happened?”")),
    "amount": ("amount", _("Write only digits, with a dot before decimals.")),
    "currency": ("currency", _("Write the currency in letters, for example THB.")),
    "happened_at": ("happened_on", _("This day lies in the future.")),
    "form_old": (None, _("This page was open for too long. Look it through and send it again.")),
    "form_used": (None, _("This report was sent before. Use the code that you were shown then.")),
}
_OTHER: Final = _("We could not take this report. Look it through and send it again.")
_AGAIN: Final = _("Please choose your files once more.")

#: What a report shows → the page that its reporter should read now, the most urgent first.
_PAGES: Final = (
    (Flag.FORCED, "forced"),
    (Flag.DISTRESS, "distress"),
    (Flag.PAYING, "paying"),
)


@csrf_exempt  # no cookie, no account: the form's own token makes two posts one report
@receiving(FILES, too_large, guarded=False)
@require_http_methods(["GET", "HEAD", "POST"])
@from_here
@within_limits
def report(request: HttpRequest) -> HttpResponse:
    """The empty form, one that is begun with what was checked, or the report that was sent."""
    us = our_member()
    if us is None:
        return not_founded(request)
    if request.method != "POST":
        return _form(request, us, ReportForm(initial=_start(us)))
    if "begin" in request.POST:
        return _form(request, us, ReportForm(initial=_begun(request, us)))
    limits.address(request.META, _COST)
    return _sent(request, us)


def _sent(request: HttpRequest, us: members.MemberView) -> HttpResponse:
    """What comes of a form that was sent: the receipt code, or the form with what is wrong."""
    form = ReportForm(request.POST)
    uploads = received(request, "attached")
    for words in refusals(uploads):
        form.add_error("attached", str(words))
    if not form.is_valid():
        return _wrong(request, us, form)
    try:
        done = _submit(form, us, uploads)
    except HueError as refused:
        field, words = _REFUSED.get(refused.code, (None, _OTHER))
        form.add_error(field, str(words))
        return _wrong(request, us, form, anew=isinstance(refused, Conflict))
    return _thanks(request, done, form.cleaned_data["market"] or us.country)


def _submit(form: ReportForm, us: members.MemberView, uploads: list[Upload]) -> Submitted:
    now = clock.now()
    with unit_of_work():
        new = new_report(form, given_files(uploads), us.country.upper(), now)
        return reports.submit(Actor(us.fingerprint), new, now)


def _wrong(
    request: HttpRequest, us: members.MemberView, form: ReportForm, anew: bool = False
) -> HttpResponse:
    """The form again; what no browser fills in by itself is asked for once more."""
    if received(request, "attached"):
        form.add_error("attached", str(_AGAIN))
    return _form(request, us, form, anew)


def _start(us: members.MemberView) -> dict[str, Any]:
    """What an empty form holds."""
    return {"market": us.country, "currency": currency_of(us.country)}


def _begun(request: HttpRequest, us: members.MemberView) -> dict[str, Any]:
    """What a form holds that was begun: by what was just checked, or in another language."""
    begun: dict[str, Any] = {name: request.POST[name] for name in _fields(request)}
    if "consents" in begun:
        begun["consents"] = request.POST.getlist("consents")
    if about := request.POST.get("about", "").strip():
        is_list = pasted.is_values(lines(about), market_of(us))
        begun["values" if is_list else "text"] = about
    return _start(us) | begun


def _fields(request: HttpRequest) -> list[str]:
    return [name for name in ReportForm.base_fields if name in request.POST]


def _form(
    request: HttpRequest, us: members.MemberView, form: ReportForm, anew: bool = False
) -> HttpResponse:
    """The form; its token is kept while it is corrected, so that it still makes one report."""
    token = "" if anew else form.data.get("token", "")
    context = {
        "form": form,
        "token": token or reports.new_form(clock.now()),
        "currencies": CURRENCIES,
        "paid": PAID,
        "max_text": reports.MAX_STORY,
        "chosen_language": chosen_language(request) or "",
        "again": [("begin", "1"), *_again(request)] if request.method == "POST" else [],
    }
    return no_store(render(request, "web/report.html", context, status=422 if form.errors else 200))


def _again(request: HttpRequest) -> list[tuple[str, str]]:
    """What is posted again, all but files, when another language is chosen on the way."""
    names = ("about", *(name for name in _fields(request) if name != "token"))
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _thanks(request: HttpRequest, done: Submitted, country: str) -> HttpResponse:
    """The code, shown this once, and what cannot wait."""
    urgent = done.stop_until is not None
    context = {
        "code": done.code,
        "cut": Flag.CUT in done.flags,
        "max_text": reports.MAX_STORY,
        "child": Flag.CHILD in done.flags,
        "now": BY_NAME["paid"] if urgent else None,
        "pages": _pages(done.flags),
        "recovery": BY_NAME["recovery"],
        "chosen_language": chosen_language(request) or "",
        # By its token the same report, with the same code.
        "again": [("token", request.POST.get("token", "")), *_again(request)],
        **(lines_context(country.upper(), BY_NAME["paid"].lines) if urgent else {}),
    }
    return no_store(render(request, "web/reported.html", context))


def _pages(flags: Flag) -> list[HelpPage]:
    return [BY_NAME[name] for flag, name in _PAGES if flag in flags]
