"""The page of one request: where it stands, its clocks, who may do what next, what was done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import ActView, RequestView
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.law import LAW
from hueandcry.core.machine import REQUEST
from hueandcry.core.types import Fingerprint
from hueandcry.doors.console import (
    notes,
    request_fields,
    request_forms,
    request_money,
    request_paper,
)
from hueandcry.doors.console.request_forms import Act
from hueandcry.doors.console.request_paper import Lettered, TranslationForm
from hueandcry.doors.console.staff import allowed, page, roles
from hueandcry.engine import clock


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page that is there when there is something to say."""

    template: str
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One act as the timeline tells it."""

    act: ActView
    who: str
    receipt: int | None  #: number of the other side's receipt for what told of it


@dataclass(frozen=True, slots=True)
class Stopped:
    """An act that was refused, with what was typed for it."""

    error: HueError
    act: Act | None  #: None: the form itself says what is wrong
    moved_on: bool


@require_safe
@page("requests")
def show(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """A request with all that is known of it; that it was looked at is noted."""
    answer = shown(request, uuid)
    notes.looked(request, "request.view", f"request {uuid}")
    return answer


def seen(request: HttpRequest, uuid: UUID) -> RequestView:
    """The request as it is now; NotFound as well where its type is hidden from who is signed in."""
    view = cooperation.shown(uuid, clock.now())
    if view.listed.type in cooperation.hidden_from(roles(request)):
        raise NotFound("request", f"There is no request {uuid}")
    return view


def shown(
    request: HttpRequest,
    uuid: UUID,
    filled: Act | None = None,
    stopped: Stopped | None = None,
    *,
    lettered: Lettered | None = None,
    translation: TranslationForm | None = None,
    status: int = 200,
) -> HttpResponseBase:
    """The page as it is now; with a form as it was filled in, or with what stopped an act."""
    now = clock.now()
    view, may_write = seen(request, uuid), allowed(request, "requests:write")
    acts = request_forms.acts(view, request.user.pk, roles(request))
    listed = view.listed
    fields = _fields(view)
    context = {
        "view": view,
        "type": LAW.types[listed.type],
        "state_says": REQUEST.states[listed.state],
        "ended": listed.state in REQUEST.final,
        "basis": LAW.instruments[view.instrument],
        "now": now,
        "acts": [filled if filled and filled.event == each.event else each for each in acts],
        "others": request_forms.others(view, roles(request)),
        "stopped": stopped,
        "fields": fields,
        "unread": request_fields.unread(fields),
        "money": request_money.section(view, roles(request), filled),
        "parts": [part for make in PARTS if (part := make(view))],
        "steps": _steps(view),
        "may_copy": may_write,
        "lettered": _lettered(view, roles(request), lettered),
        "translation": translation or (TranslationForm(view) if may_write and view.given else None),
        "may_certify": request_paper.may_certify(roles(request)),
    }
    return render(request, "console/request.html", context, status=status)


def version(request: HttpRequest) -> int:
    """The version that the page with a posted form showed; one that is none matches nothing."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _lettered(view: RequestView, roles: Collection[str], filled: Lettered | None) -> list[Lettered]:
    """Acts that are entered with a letter; one of them as it was filled in."""
    found = request_paper.lettered(view, roles)
    return [filled if filled and filled.key == each.key else each for each in found]


def _fields(view: RequestView) -> list[request_fields.Asked]:
    """What the request says, in the order of its form; nothing of what it leaves out."""
    type = view.listed.type
    names = [name for name in request_fields.names(type) if name in view.given]
    return request_fields.asked(type, view.instrument, names, view.given)


def _steps(view: RequestView) -> list[Step]:
    people = {each.number: each.name or each.login for each in members.people()}
    ours, theirs = members.us().name, view.listed.peer_name
    receipts = _receipts(view.listed.peer, view.acts)
    return [
        Step(
            each,
            people.get(each.person or 0) or (ours if each.side == view.listed.side else theirs),
            receipts.get(each.document or ""),
        )
        for each in view.acts
    ]


def _receipts(fingerprint: Fingerprint, acts: Sequence[ActView]) -> dict[str, int]:
    """Digest of a document of ours → number of the receipt that the other side signed for it."""
    peer = peers.find(fingerprint)
    if peer is None:
        return {}
    told = [bytes.fromhex(each.document) for each in acts if each.document]
    found = peers.receipts_about(peer.id, told)
    return {about.hex(): each.number for (about, kind), each in found.items() if kind == "receipt"}


# --- sections -------------------------------------------------------------------------------------


def _consultation(view: RequestView) -> Part | None:
    """What was asked before a refusal, what was answered, and until when it can be."""
    said = [each for each in view.acts if each.event in ("consult", "answer_consultation")]
    if not said:
        return None
    answered = said[-1].event == "answer_consultation"
    about = {"said": said, "answer_by": view.answer_by, "answered": answered}
    return Part("console/_request_consultation.html", about)


def _hold(view: RequestView) -> Part | None:
    """How the hold on data stands, where the request has one."""
    if not view.hold:
        return None
    about = {"hold": view.hold, "until": view.hold_until, "kept": view.kept}
    return Part("console/_request_hold.html", about)


def _paper(view: RequestView) -> Part | None:
    """Its letters, what came and went on paper, and its translations."""
    about = request_paper.about(view)
    some = about["languages"] or about["papers"]
    return Part("console/_request_paper.html", about) if some else None


def _closed(view: RequestView) -> Part | None:
    """That a part of it can be read by the protection desk alone."""
    return Part("console/_request_closed.html", {}) if view.closed else None


#: Every section that a request may have, in the order of the page.
PARTS: Final[tuple[Callable[[RequestView], Part | None], ...]] = (
    _consultation,
    _hold,
    _closed,
    _paper,
)
