"""*My report*: what the holder of a receipt code is told, and may still do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hueandcry.apps.reports import face as reports
from hueandcry.apps.reports.face import Consent, Stage, Told
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.doors.desk import limits
from hueandcry.doors.desk.frame import chosen_language, no_store, our_member
from hueandcry.doors.desk.uploads import received, receiving
from hueandcry.doors.web.attaching import FILES, given_files, refusals
from hueandcry.doors.web.dates import day
from hueandcry.doors.web.pages import bounded, from_here, not_founded, too_large, within_limits
from hueandcry.doors.web.report_form import CONSENTS, ReportForm, wording
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

Words = str | Promise

#: Stages in their order, with what each says.
STAGES: Final[dict[Stage, Words]] = {
    Stage.RECEIVED: _("We have received your report."),
    Stage.READ: _("Somebody has read it and decided about it."),
    Stage.USED: _("It helps to warn and to protect others."),
}
_ADDED: Final = _("Your words were added.")
_ATTACHED: Final = _("Your files were added.")
_CHANGED: Final = _("Your choice was changed.")
_TAKEN_BACK: Final = _("You have taken back your report. What you wrote is deleted.")
_NOT_NOW: Final = _("This could not be done. Try again later, or report anew.")


@csrf_exempt  # whoever has the code may act: it stands in the form, and in no cookie
@bounded(FILES.whole)
@receiving(FILES, too_large, guarded=False)
@require_http_methods(["GET", "HEAD", "POST"])
@from_here
@within_limits
def my_report(request: HttpRequest) -> HttpResponse:
    """A field for the code; with the code, the report behind it. A code is only ever posted."""
    if our_member() is None:
        return not_founded(request)
    code = request.POST.get("code", "").strip() if request.method == "POST" else ""
    if not code:
        return _page(request, {})
    limits.may_try(request.META, "receipt")
    try:
        told = _told(code)
    except NotFound:
        limits.refused(request.META, "receipt")
        return _page(request, {"unknown": True}, status=404)
    done: Words = ""
    wrong: list[Words] = []
    if act := _ACTS.get(request.POST.get("act", "")):
        done, wrong = _acted(act, code, request, told)
        told = _told(code)
    return _page(request, {**_shown(code, told, request), "done": done, "wrong": wrong})


def _told(code: str) -> Told:
    return reports.by_code(code, clock.now())


Act = Callable[[str, HttpRequest, Told, Micros], Words]


def _acted(act: Act, code: str, request: HttpRequest, told: Told) -> tuple[Words, list[Words]]:
    """What was done, or what is wrong; a file that is not taken takes nothing with it."""
    if wrong := refusals(received(request, "attached")):
        return "", wrong
    try:
        with unit_of_work():
            return act(code, request, told, clock.now()), []
    except HueError:
        return "", [_NOT_NOW]


def _add(code: str, request: HttpRequest, told: Told, at: Micros) -> Words:
    """Adds words and files; a page that is loaded again adds nothing."""
    text = request.POST.get("text", "").strip()[: reports.MAX_STORY]
    files = given_files(received(request, "attached"))
    if not text and not files:
        return ""
    own = [message.text for message in told.messages if message.kind != "question"]
    fresh = "" if text in own[-1:] else text
    if fresh or files:
        reports.add(code, fresh, at, files)
    return _ADDED if text else _ATTACHED


def _consent(code: str, request: HttpRequest, told: Told, at: Micros) -> Words:
    known = {purpose.value for purpose in Consent}
    said = known.intersection(request.POST.getlist("consents"))
    reports.set_consents(code, frozenset(map(Consent, said)), wording(), at)
    return _CHANGED


def _withdraw(code: str, request: HttpRequest, told: Told, at: Micros) -> Words:
    """Only with its confirmation: the box that says so."""
    if request.POST.get("sure") != "yes":
        return ""
    reports.withdraw(code, at)
    return _TAKEN_BACK


_ACTS: Final[dict[str, Act]] = {"add": _add, "consent": _consent, "withdraw": _withdraw}


def _shown(code: str, told: Told, request: HttpRequest) -> dict[str, Any]:
    order = list(STAGES)
    reached = order.index(told.stage) if told.stage in STAGES else -1
    return {
        "code": code,
        "told": told,
        "withdrawn": told.stage is Stage.WITHDRAWN,
        "stages": [(words, place <= reached) for place, words in enumerate(STAGES.values())],
        "since": day(time_text(told.since)),
        "as_of": day(time_text(told.as_of)) if told.as_of >= told.since else "",
        "consents": [(p.value, words, p in told.consents) for p, words in CONSENTS.items()],
        "max_text": reports.MAX_STORY,
        "attached": ReportForm.base_fields["attached"],
        "again": [("code", code)],
    }


def _page(request: HttpRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"chosen_language": chosen_language(request) or "", **shown}
    return no_store(render(request, "web/my_report.html", context, status=status))
