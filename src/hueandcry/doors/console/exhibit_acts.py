"""What a named authority decides about an exhibit: take, release, destroy; holds, restrictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Limit, Terms
from hueandcry.core.errors import Malformed, NotFound
from hueandcry.core.types import Actor, Micros, Purpose
from hueandcry.doors.console import exhibit_page
from hueandcry.doors.console.forms import micros_of
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock
from hueandcry.engine.store.work import unit_of_work

#: What is decided: by whom, of which exhibit, of which hold or restriction, as the form says, when.
Act = Callable[[Actor, str, int, dict[str, Any], Micros], None]


def _take(by: Actor, exhibit: str, _number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.take(by, exhibit, said["authority"], said["reason"], at)


def _release(by: Actor, exhibit: str, _number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.release(by, exhibit, said["authority"], said["reason"], at)


def _destroy(by: Actor, exhibit: str, _number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.destroy(by, exhibit, said["authority"], said["reason"], at)


def _hold(by: Actor, exhibit: str, _number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.hold(by, exhibit, said["authority"], said["reason"], _day(said, "review"), at)


def _review(by: Actor, _exhibit: str, number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.review(by, number, said["reason"], _day(said, "review"), at)


def _unhold(by: Actor, _exhibit: str, number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.end_hold(by, number, said["authority"], said["reason"], at)


def _restrict(by: Actor, exhibit: str, _number: int, said: dict[str, Any], at: Micros) -> None:
    terms = Terms(
        Limit(said["kind"]),
        said["words"],
        said["authority"],
        tuple(said["to"]),
        tuple(Purpose(each) for each in said["purposes"]),
        micros_of(said["until"], end=True),
    )
    evidence.restrict(by, exhibit, terms, at)


def _lift(by: Actor, _exhibit: str, number: int, said: dict[str, Any], at: Micros) -> None:
    evidence.lift(by, number, said["authority"], at)


def _day(said: Mapping[str, Any], name: str) -> Micros:
    """The end of a day that a form asked for."""
    return micros_of(said[name], end=True) or 0


#: Act → how it is done, and what is said once it is.
ACTS: Final[Mapping[str, tuple[Act, Promise]]] = {
    "take": (_take, _("Taken as evidence: nothing of it goes until a named authority says so.")),
    "release": (_release, _("Released: its retention begins anew.")),
    "destroy": (_destroy, _("Destroyed. Its custody stays, with this at its end.")),
    "hold": (_hold, _("Held. Nothing of it is purged until the hold is ended.")),
    "review": (_review, _("The hold goes on.")),
    "unhold": (_unhold, _("The hold is ended. What is due goes with the next purge.")),
    "restrict": (_restrict, _("Restricted: these bytes, and what is made of them.")),
    "lift": (_lift, _("The restriction is lifted.")),
}


@require_POST
@page("exhibits:decide")
def act(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """Does what `act` says to the exhibit, or to what stands on it; a wrong form is shown again."""
    name, about = request.POST.get("act", ""), _about(request)
    if name not in ACTS:
        raise NotFound("act", "There is no such act")
    _check_of(exhibit, name, about)
    form = exhibit_page.form(name, request.POST, about)
    if not form.is_valid() or not _done(request, exhibit, name, about, form):
        return exhibit_page.shown(request, exhibit, {(name, about): form}, status=400)
    messages.success(request, str(ACTS[name][1]))
    return HttpResponseRedirect(reverse("console:exhibit", args=[exhibit]))


def _about(request: HttpRequest) -> int:
    text = request.POST.get("about", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _check_of(exhibit: UUID, name: str, about: int) -> None:
    """Raises NotFound where a hold or a restriction is not one of this exhibit."""
    view = evidence.exhibit(str(exhibit))
    if name in ("review", "unhold"):
        known = [each.number for each in evidence.holds(view.id)]
    elif name == "lift":
        known = [each.number for each in evidence.restrictions(view.id, clock.now())]
    else:
        known = [0]
    if about not in known:
        raise NotFound("act", "There is nothing of this number on the exhibit")


def _done(request: HttpRequest, exhibit: UUID, name: str, about: int, form: forms.Form) -> bool:
    """Whether it is done now; what the use case finds malformed is an error of the form."""
    do, _said = ACTS[name]
    try:
        with unit_of_work():
            do(actor(request), str(exhibit), about, form.cleaned_data, clock.now())
    except Malformed as wrong:
        fields = {"review": "review", "until": "until", "authority": "authority"}
        field = fields.get(wrong.code)
        form.add_error(field if field in form.fields else None, _words(wrong))
        return False
    return True


def _words(wrong: Malformed) -> str:
    """What was wrong: the days in the reader's language, the rest as the use case says it."""
    return gettext("A day to come.") if wrong.code in ("review", "until") else wrong.what
