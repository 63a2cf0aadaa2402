"""A purpose before a person's data: asked for, noted in the access log, good for a short while.

@page("signal")
@purpose_asked("signal.view", subject_of)
def signal(request, number): …
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.core.types import PERSONAL
from hueandcry.doors.console import notes, policy
from hueandcry.engine import clock

__all__ = ["PERSONAL", "PURPOSES", "blind", "given", "purpose_asked"]

View = Callable[..., HttpResponseBase]

#: Why somebody may look at a person's data: the code goes into the log, the words to the reader.
PURPOSES: Final[dict[str, str | Promise]] = {
    "victim": _("Help for a victim, or an answer to one"),
    "protection": _("Protection of others: warn, block, stop a payment"),
    "investigation": _("An investigation"),
    "legal-request": _("A legal request"),
    "correction": _("A correction or an appeal"),
    "oversight": _("Oversight or audit"),
}

#: Where a session keeps the subjects that it was given a purpose for, and until when.
_KEY: Final = "purposes"
_ROOM: Final = 50
_ASKED: Final = "purpose_asked"


class PurposeForm(forms.Form):
    """Why, by code, and what it is about."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=[("", _("Choose")), *PURPOSES.items()])
    reference = forms.CharField(
        label=_("Case or reference"),
        max_length=200,
        help_text=_("A case number or a few words. No names: this is kept in the access log."),
    )


def blind(kind: str, value: str) -> str:
    """How the log names a value without showing it: the same value has the same name."""
    key = hashlib.sha256(b"hueandcry/access-subject/v1\n" + settings.SECRET_KEY.encode()).digest()
    return f"{kind} {hmac.digest(key, value.encode(), hashlib.sha256).hex()[:16]}"


def given(request: HttpRequest, subject: str) -> bool:
    """Whether this session holds a purpose for `subject`."""
    ends: int = request.session.get(_KEY, {}).get(subject, 0)
    return ends > clock.now()


def purpose_asked(action: str, subject_of: Callable[..., str | None]) -> Callable[[View], View]:
    """The view, but first a page that asks why, unless this session has said it for the subject.

    `subject_of` gets what the view gets, and gives how the log names the person's data (a number,
    or `blind`; never the data itself), or None where there is none and nothing is asked. Fields
    that were posted are posted again with the purpose.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            subject = subject_of(request, *args, **kwargs)
            if subject is None or given(request, subject):
                return view(request, *args, **kwargs)
            posted = request.POST.get(_ASKED)
            form = PurposeForm(request.POST if posted else None)
            if not posted or not form.is_valid():
                return _ask(request, form)
            said = f"{form.cleaned_data['purpose']}: {form.cleaned_data['reference']}"
            notes.looked(request, action, subject, said)
            _keep(request, subject)
            if posted == "GET":
                return HttpResponseRedirect(request.get_full_path(), status=303)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _ask(request: HttpRequest, form: PurposeForm) -> HttpResponse:
    own = {_ASKED, "csrfmiddlewaretoken", *form.fields}
    kept = [(name, v) for name, vs in request.POST.lists() if name not in own for v in vs]
    method = request.POST.get(_ASKED) or request.method
    context = {"form": form, "kept": kept, "method": method, "action": request.get_full_path()}
    return render(request, "console/purpose.html", context)


def _keep(request: HttpRequest, subject: str) -> None:
    now = clock.now()
    held = {s: end for s, end in request.session.get(_KEY, {}).items() if end > now}
    held[subject] = now + policy.purpose()
    request.session[_KEY] = dict(sorted(held.items(), key=lambda item: item[1])[-_ROOM:])
