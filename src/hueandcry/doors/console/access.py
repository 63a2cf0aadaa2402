"""The access log: who looked at what and why, and what was refused. Reading it is in it too."""

from __future__ import annotations

import csv
import io
from datetime import datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hueandcry.apps.members import face as members
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.doors.console import notes
from hueandcry.doors.console.staff import page

_PAGE: Final = 100
#: Lines of one export; more are asked for by shorter spans of time.
EXPORTED: Final = 50_000

_COLUMNS: Final = (
    *("number", "at", "person", "token", "action", "subject"),
    *("outcome", "purpose", "address"),
)


class Filter(forms.Form):
    """Which lines are wanted; all together must fit."""

    person = forms.ChoiceField(label=_("Person"), required=False)
    action = forms.CharField(label=_("Action"), required=False, max_length=64)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        people = [(str(p.number), p.login) for p in members.people()]
        self.fields["person"].choices = [("", _("everybody")), *people]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What `members.accesses` takes; whole days in the reader's zone."""
        said = self.cleaned_data
        return {
            "person": int(said["person"]) if said["person"] else None,
            "action": said["action"].strip(),
            "since": _start(said["since"], 0),
            "until": _start(said["until"], 1),
        }

    def said(self) -> str:
        """The filter in words for the log."""
        return " ".join(f"{k}={v}" for k, v in self.cleaned_data.items() if v)


def _start(day: Any, later: int) -> Micros | None:
    if day is None:
        return None
    begin = datetime.combine(day + timedelta(days=later), time(), timezone.get_current_timezone())
    return int(begin.timestamp()) * 1_000_000


@require_safe
@page("access")
def log(request: HttpRequest) -> HttpResponseBase:
    """The newest lines that fit the filter, a page at a time, or all of them as CSV."""
    form = Filter(request.GET)
    if not form.is_valid():
        return render(request, "console/access.html", {"form": form})
    if request.GET.get("as") == "csv":
        return _export(request, form)
    before = request.GET.get("before", "")
    notes.looked(request, "access.read", form.said())
    found = members.accesses(
        int(before) if before.isdecimal() else None, _PAGE + 1, **form.wanted()
    )
    query = request.GET.copy()
    if len(found) > _PAGE:
        query["before"] = str(found[_PAGE - 1].number)
    export = request.GET.copy()
    export.pop("before", None)
    export["as"] = "csv"
    context = {
        "form": form,
        "rows": found[:_PAGE],
        "older": query.urlencode() if len(found) > _PAGE else "",
        "export": export.urlencode(),
    }
    return render(request, "console/access.html", context)


def _export(request: HttpRequest, form: Filter) -> HttpResponse:
    notes.looked(request, "access.export", form.said())
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_COLUMNS)
    for line in members.accesses(limit=EXPORTED, **form.wanted()):
        rows.writerow([_cell(value) for value in _values(line)])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return response


def _values(line: members.AccessView) -> tuple[object, ...]:
    return (
        *(line.number, time_text(line.at), line.login, line.token or "", line.action),
        *(line.subject, line.outcome, line.purpose, line.address),
    )


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
