"""The package builder: what may go to whom is shown, and why not, before anything is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Doing, ExhibitView, Wanted
from hueandcry.apps.members import face as members
from hueandcry.core.errors import HueError, NotPermitted
from hueandcry.core.types import Actor, Fingerprint, Micros
from hueandcry.doors.console.package_forms import PackForm
from hueandcry.doors.console.staff import actor, page
from hueandcry.engine import clock

_GIB: Final = 1 << 30
#: Bytes that are packed while somebody waits for a page: more is left to the command.
MOST: Final = 2 * _GIB


@dataclass(frozen=True, slots=True)
class Looked:
    """One of the exhibits that were chosen, and why it may not go."""

    named: str
    exhibit: ExhibitView | None
    refusal: HueError | None

    @property
    def size(self) -> int:
        return self.exhibit.size if self.exhibit else 0


@require_http_methods(["GET", "HEAD", "POST"])
@page("exhibits")
def pack(request: HttpRequest) -> HttpResponseBase:
    """Asks which exhibits go to whom, shows what forbids it, and makes the package."""
    if request.method != "POST":
        chosen = "\n".join(request.GET.getlist("exhibit")[: evidence.MOST_PACKED])
        return _page(request, PackForm(initial={"exhibits": chosen}))
    form = PackForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    looked = look(actor(request), form.cleaned_data["exhibits"], form.cleaned_data["to"])
    problem = _problem(looked)
    if request.POST.get("step") != "make" or problem:
        return _page(request, form, looked, problem, status=400 if problem else 200)
    return _made(request, form)


def look(by: Actor, named: Sequence[str], to: Fingerprint) -> list[Looked]:
    """Each of these exhibits with what keeps it from this member; nothing is noted."""
    now = clock.now()
    return [_looked(by, each, to, now) for each in named[: evidence.MOST_PACKED + 1]]


def _looked(by: Actor, named: str, to: Fingerprint, now: Micros) -> Looked:
    view = None
    try:
        view = evidence.exhibit(named)
        if to != members.us().fingerprint:
            evidence.check_handing(by, view.id, to, now)
        elif view.quarantined:
            evidence.check_may(by.roles, Doing.QUARANTINED)
        if view.state not in evidence.LIVE:
            raise NotPermitted("exhibit_gone", gettext("Its bytes are gone"))
    except HueError as refusal:
        return Looked(named, view, refusal)
    return Looked(named, view, None)


def _problem(looked: Sequence[Looked]) -> str:
    """Why no package can be made of these; empty where one can."""
    if any(each.refusal for each in looked):
        return gettext("Nothing is packed as long as one of them may not go.")
    if len(looked) > evidence.MOST_PACKED:
        most = {"most": evidence.MOST_PACKED}
        return gettext("A package has at most %(most)s exhibits.") % most
    if sum(each.size for each in looked) > MOST:
        most = {"most": MOST // _GIB}
        return gettext("More than %(most)s GiB is packed by the command `evidence package`.") % most
    return ""


def _page(
    request: HttpRequest,
    form: PackForm,
    looked: Sequence[Looked] = (),
    problem: str = "",
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {"form": form, "looked": looked, "problem": problem, "tab": "packages"}
    return render(request, "console/package_new.html", context, status=status)


def _made(request: HttpRequest, form: PackForm) -> HttpResponseBase:
    said = form.cleaned_data
    wanted = Wanted(said["exhibits"], said["to"], said["reason"], said["authority"])
    view = evidence.package(actor(request), wanted)
    messages.success(
        request, gettext("Packed and signed. The custody of each exhibit tells of it.")
    )
    return HttpResponseRedirect(reverse("console:package", args=[view.id]))
