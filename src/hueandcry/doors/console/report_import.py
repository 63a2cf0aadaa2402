"""Files of cases and e-mails: looked at first, and taken in with an account of every row.

Nothing is kept between the two: whoever looked sends the file again, and it has to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hueandcry.apps.detection import face as detection
from hueandcry.apps.members import face as members
from hueandcry.apps.reports import face as reports
from hueandcry.core.errors import Conflict, HueError, Malformed
from hueandcry.doors.console import errors, report_words
from hueandcry.doors.console.downloads import attachment
from hueandcry.doors.console.staff import actor, page
from hueandcry.doors.desk.uploads import Limits, Upload, received, receiving
from hueandcry.engine import clock
from hueandcry.engine.keys.own import own
from hueandcry.engine.store.work import unit_of_work

_LIMITS: Final = Limits(files=1, each=25 << 20, whole=26 << 20, kept=False)
_MAIL: Final = "eml"
#: Rows of a file that a preview shows, and rejected rows that a page spells out.
SPELT: Final = 50
#: Rejected rows that can be taken away as a file.
KEPT: Final = 5_000
_REJECTS: Final = "console/rejects"
WORDING: Final = "console-file-1"


class FileForm(forms.Form):
    """Which file it is; the file itself is read by `uploads`."""

    form = forms.ChoiceField(label=_("What it is"), choices=list(report_words.FORMS.items()))
    agreed = forms.BooleanField(
        label=_("Whoever it is about agreed that links, numbers and accounts are shared"),
        required=False,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)


@dataclass(slots=True)
class Looked:
    """What a file of cases would bring; nothing of it is kept."""

    rows: int = 0
    cases: int = 0
    losses: int = 0
    spelt: list[reports.Case] = field(default_factory=list)
    rejects: list[reports.Wrong] = field(default_factory=list)

    def add(self, case: reports.Case) -> None:
        """Counts a case that would be taken."""
        self.rows += len(case.rows)
        self.cases += 1
        self.losses += len(case.new.losses)
        if len(self.spelt) < SPELT:
            self.spelt.append(case)

    def refuse(self, wrong: list[reports.Wrong]) -> None:
        """Counts rows that would not be."""
        self.rows += len(wrong)
        self.rejects += wrong


def _too_large(request: HttpRequest, error: HueError) -> HttpResponseBase:
    return errors.refused(request, error)


@csrf_exempt  # not yet: `receiving` guards the form once its file is read, within bounds
@require_http_methods(["GET", "HEAD", "POST"])
@page("reports:import")
def bring(request: HttpRequest) -> HttpResponseBase:
    """Chooses a file, shows what is in it, and takes it in."""
    return _bring(request)


@receiving(_LIMITS, _too_large)
def _bring(request: HttpRequest) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, FileForm())
    form = FileForm(request.POST)
    try:
        file = _file(request)
        if not form.is_valid():
            return _page(request, form, status=400)
        return _brought(request, form, file)
    except HueError as refused:
        form.add_error(None, f"{refused.what}. {refused.do}".strip())
        return _page(request, form, status=400)


def _file(request: HttpRequest) -> Upload:
    """The file that came; raises Malformed where there is none, or what refused it."""
    found = received(request, "file")
    if not found:
        raise Malformed("no_file", "No file was chosen", do="Choose one")
    if found[0].refused is not None:
        raise found[0].refused
    return found[0]


def _brought(request: HttpRequest, form: FileForm, file: Upload) -> HttpResponseBase:
    seen = form.cleaned_data["seen"]
    takes = request.POST.get("step") == "take" and seen
    if takes and seen != file.sha256.hex():
        raise Conflict("other_file", "This is not the file that you looked at", do="Look first")
    if form.cleaned_data["form"] == _MAIL:
        return _mail(request, form, file) if takes else _look_at_mail(request, form, file)
    return _take(request, form, file) if takes else _look(request, form, file)


def _page(
    request: HttpRequest, form: FileForm, *, status: int = 200, **context: object
) -> HttpResponseBase:
    every = {"form": form, "columns": reports.CASE_COLUMNS.items(), **context}
    return render(request, "console/report_import.html", every, status=status)


# --- cases ---------------------------------------------------------------------------------------


def _cases(form: FileForm, file: Upload) -> Iterator[reports.Case | reports.Wrong]:
    """Every case and every wrong row of the file; raises Malformed for one that is no UTF-8."""
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        do = "Save it as CSV in UTF-8"
        raise Malformed("not_utf8", "The file is not in UTF-8", do=do) from wrong
    lines = text.splitlines(keepends=True)
    return reports.read_cases(lines, form.cleaned_data["form"], members.us().country)


def _look(request: HttpRequest, form: FileForm, file: Upload) -> HttpResponseBase:
    looked = look(_cases(form, file))
    kept = _kept(looked.rejects)
    return _page(request, form, looked=looked, seen=file.sha256.hex(), rejects=kept)


def look(cases: Iterable[reports.Case | reports.Wrong]) -> Looked:
    """Counts what a file would bring, and why some of it would not be taken."""
    found, now = Looked(), clock.now()
    for each in cases:
        if isinstance(each, reports.Wrong):
            found.refuse([each])
        elif wrong := _wrong(each, now):
            found.refuse(wrong)
        else:
            found.add(each)
    return found


def _wrong(case: reports.Case, now: int) -> list[reports.Wrong]:
    try:
        reports.check(case.new, now)
    except HueError as error:
        return [reports.Wrong(n, error.code, str(error)) for n in case.rows]
    return []


def _take(request: HttpRequest, form: FileForm, file: Upload) -> HttpResponseBase:
    by, now, total = actor(request), clock.now(), reports.Account()
    for part in reports.take_cases(by, _cases(form, file), now):
        total.add(part)
    with unit_of_work():
        reports.note_delivery(by, form.cleaned_data["form"], file.sha256, total, now)
    return _page(
        request,
        FileForm(),
        total=total,
        spelt_rejects=total.rejects[:SPELT],
        rejects=_kept(total.rejects),
    )


# --- rows that were not taken --------------------------------------------------------------------


def _kept(wrong: list[reports.Wrong]) -> str:
    """The rejected rows under our seal, so that the page can hand them out as a file."""
    lines = [f"{each.n}\t{each.code}\t{' '.join(each.what.split())}" for each in wrong[:KEPT]]
    return own().seal(_REJECTS, "\n".join(lines).encode()) if lines else ""


@require_POST
@page("reports:import")
def rejects(request: HttpRequest) -> HttpResponseBase:
    """The rows that were not taken, and why, as CSV; the rows themselves are not copied."""
    plain = own().open_sealed(_REJECTS, request.POST.get("rejects", "")).decode()
    rows = [line.split("\t") for line in plain.splitlines()]
    return attachment("rejected-rows.csv", ("row", "code", "why"), rows)


# --- one e-mail ----------------------------------------------------------------------------------


def _look_at_mail(request: HttpRequest, form: FileForm, file: Upload) -> HttpResponseBase:
    mail = detection.read_mail(file.data)
    return _page(request, form, mail=mail, seen=file.sha256.hex())


def _mail(request: HttpRequest, form: FileForm, file: Upload) -> HttpResponseBase:
    agreed = form.cleaned_data["agreed"]
    consents = frozenset({reports.Consent.SIGNALS}) if agreed else frozenset()
    new = reports.from_mail(file.data, members.us().country, consents, WORDING)
    try:
        with unit_of_work():
            sent = reports.submit(actor(request), new, clock.now())
    finally:
        reports.forget_files(new)
    said = (
        gettext("It was here already: report %(number)s.")
        if sent.again
        else gettext("Kept as report %(number)s.")
    )
    messages.success(request, said % {"number": sent.number})
    return HttpResponseRedirect(reverse("console:report_import"))
