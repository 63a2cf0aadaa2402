"""The page of one exhibit: what it is, its custody, what stands on it; its bytes, for a purpose."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from hueandcry.apps.detection import face as detection
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Doing, ExhibitView, HandoverView, Happened, State
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.errors import NotPermitted
from hueandcry.core.files import PICTURES, clean_name
from hueandcry.core.types import Fingerprint, Micros
from hueandcry.doors.console import binding, exhibit_forms, notes
from hueandcry.doors.console.staff import actor, allowed, page, roles
from hueandcry.doors.desk import attachments
from hueandcry.engine import clock
from hueandcry.engine.ledger import reading
from hueandcry.engine.store.work import unit_of_work

#: A form that did not do, by its act and the number of what it is about.
Wrong = Mapping[tuple[str, int], forms.Form]

#: Acts that a named authority decides of an exhibit, by the states in which each can be done.
DECISIONS: Final = {
    "take": (State.OPEN, State.RELEASED),
    "release": (State.TAKEN,),
    "hold": evidence.LIVE,
    "restrict": evidence.LIVE,
    "destroy": evidence.LIVE,
}
#: What exports of chats are: text, or what holds it and is of no sort that is known.
_OF_CHATS: Final = ("text/plain", "application/octet-stream")
#: Media type → how it can be looked at here, and the most bytes of it that are.
_VIEWERS: Final = {
    **dict.fromkeys(PICTURES, ("picture", detection.MAX_PICTURE)),
    "application/pdf": ("pdf", detection.MAX_PDF),
    "message/rfc822": ("mail", detection.MAX_MAIL),
}
FORMS: Final[Mapping[str, type[forms.Form]]] = {
    "take": exhibit_forms.DecideForm,
    "release": exhibit_forms.DecideForm,
    "destroy": exhibit_forms.DestroyForm,
    "note": exhibit_forms.NoteForm,
    "hold": exhibit_forms.HoldForm,
    "restrict": exhibit_forms.RestrictForm,
    "review": exhibit_forms.ReviewForm,
    "unhold": exhibit_forms.EndForm,
    "lift": exhibit_forms.LiftForm,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the custody, as the page tells it."""

    event: Happened
    who: str  #: a name of ours, or a pseudonym
    org: str
    other: str  #: of a hand-over: the member on its other side


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold or a restriction, with the forms that change it."""

    what: Any
    by: str
    forms: Mapping[str, forms.Form]


def form(act: str, data: Any = None, number: int = 0) -> forms.Form:
    """The form of an act, whose fields have names of their own on the page."""
    return FORMS[act](data, auto_id=f"{act}-{number}-%s")


def viewer(view: ExhibitView) -> str | None:
    """How an exhibit can be looked at here: `picture`, `pdf`, `mail`; None: not at all."""
    way, most = _VIEWERS.get(view.media_type, (None, 0))
    return way if view.size <= most else None


def look_form(view: ExhibitView, data: Any = None) -> exhibit_forms.ReadForm:
    """Why it is looked at; of what has pages also from which one on."""
    form = exhibit_forms.PagesForm if viewer(view) == "pdf" else exhibit_forms.ReadForm
    return form(data, auto_id="look-%s")


@require_safe
@page("exhibits")
def show(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """An exhibit with all that is known of it; that it was opened is noted, no byte is read."""
    notes.looked(request, "exhibit.view", f"exhibit {evidence.exhibit(str(exhibit)).number}")
    return shown(request, exhibit)


def shown(
    request: HttpRequest,
    exhibit: UUID,
    wrong: Wrong | None = None,
    *,
    status: int = 200,
) -> HttpResponseBase:
    """The page as it is now; with a form that was wrong, that form."""
    view, now, bad = evidence.exhibit(str(exhibit)), clock.now(), dict(wrong or {})
    custody = evidence.happened(view.id) if view.state != State.PURGED else []
    names = {member.fingerprint: member.name for member in members.everyone()}
    decides = allowed(request, "exhibits:decide") and view.state in evidence.LIVE
    context = {
        "exhibit": view,
        "description": evidence.described(custody[0].event) if custody else "",
        "live": view.state in evidence.LIVE,
        "origin": _member(view.origin, names),
        "steps": _steps(custody, names),
        "parent": evidence.exhibit(str(view.parent)) if view.parent else None,
        "children": evidence.children(view.id),
        "holds": _holds(view, decides, bad),
        "restrictions": _restrictions(view, now, decides, bad, names),
        "handovers": _handovers(view, names),
        "decisions": _decisions(view, bad) if decides else {},
        "reading": bad.get(("read", 0), exhibit_forms.ReadForm(auto_id="read-%s")),
        "chatting": bad.get(("chat", 0), exhibit_forms.ChatForm(auto_id="chat-%s")),
        "viewer": viewer(view),
        "looking": bad.get(("look", 0), look_form(view)),
        "may_be_chat": view.media_type in _OF_CHATS,
        "noting": bad.get(("note", 0), form("note")),
        "may_read": not view.quarantined
        or not evidence.MAY[Doing.QUARANTINED].isdisjoint(roles(request)),
    }
    return render(request, "console/exhibit.html", context, status=status)


def _steps(custody: Sequence[Happened], names: Mapping[Fingerprint, str]) -> list[Step]:
    people = {each.number: each.name or each.login for each in members.people()}
    return [
        Step(
            each,
            people.get(each.person or 0, "") or each.named or each.event.actor.person or "",
            _member(each.event.actor.org, names),
            _member(each.event.counterpart.org, names) if each.event.counterpart else "",
        )
        for each in custody
    ]


def _member(fingerprint: Fingerprint, names: Mapping[Fingerprint, str]) -> str:
    return names.get(fingerprint, fingerprint[:16])


def _decisions(view: ExhibitView, bad: Wrong) -> dict[str, forms.Form]:
    """Act → its form, for what can be decided now; what is held is not destroyed."""
    return {
        act: bad.get((act, 0), form(act))
        for act, states in DECISIONS.items()
        if view.state in states and not (act == "destroy" and view.holds)
    }


def _holds(view: ExhibitView, decides: bool, bad: Wrong) -> list[Standing]:
    changes = ("review", "unhold") if decides else ()
    return [
        Standing(held, "", _forms(changes if held.ended_at is None else (), held.number, bad))
        for held in evidence.holds(view.id)
    ]


def _restrictions(
    view: ExhibitView,
    now: Micros,
    decides: bool,
    bad: Wrong,
    names: Mapping[Fingerprint, str],
) -> list[Standing]:
    """What stands on the bytes; one that another member imposed is that member's to lift."""
    us = members.us().fingerprint
    return [
        Standing(
            {"limit": each, "to": [_member(to, names) for to in each.terms.to]},
            _member(each.imposed_by, names),
            _forms(("lift",) if decides and each.imposed_by == us else (), each.number, bad),
        )
        for each in evidence.restrictions(view.id, now)
    ]


def _forms(acts: Sequence[str], number: int, bad: Wrong) -> dict[str, forms.Form]:
    return {act: bad.get((act, number), form(act, number=number)) for act in acts}


def _handovers(
    view: ExhibitView, names: Mapping[Fingerprint, str]
) -> list[tuple[HandoverView, str]]:
    return [(each, _member(each.to, names)) for each in evidence.handovers(view.id)]


# --- the bytes -----------------------------------------------------------------------------------


@require_POST
@page("exhibits")
def read(request: HttpRequest, exhibit: UUID) -> HttpResponseBase:
    """The bytes, to be kept; custody and access log tell of it before the first one goes."""
    view = evidence.exhibit(str(exhibit))
    asked = exhibit_forms.ReadForm(request.POST, auto_id="read-%s")
    if not asked.is_valid():
        return shown(request, exhibit, {("read", 0): asked}, status=400)
    note_reading(request, view, asked.said())
    name = clean_name(view.name, view.media_type)
    return attachments.given_out(name, view.size, evidence.stream(view.id))


def note_reading(request: HttpRequest, view: ExhibitView, reason: str) -> None:
    """Notes the reading, or that it was refused; then it raises NotPermitted."""
    by, now, where = actor(request), clock.now(), binding.address(request)
    try:
        with unit_of_work():
            evidence.read(by, str(view.id), reason, now, address=where)
    except NotPermitted:
        refused = members.AccessNote(
            "evidence.read", f"exhibit {view.number}", "refused", reason, by.person, address=where
        )
        with unit_of_work():
            members.log_access(refused, now)
        raise


# --- proofs --------------------------------------------------------------------------------------


@require_safe
@page("exhibits")
def proof(request: HttpRequest, exhibit: UUID, number: int) -> HttpResponseBase:
    """One custody event with all that proves it, to be checked offline."""
    line, position = evidence.line(exhibit, number)
    proved = line.proof or b""
    if position is not None:
        proved = reading.proof_file(position, peers.cosigned_covering(position))
    said = {
        "v": 1,
        "origin": line.origin,
        "index": line.index,
        "record": line.record.decode(),
        "salt": line.salt.hex(),
        "kid": line.kid,
        "signature": base64.b64encode(line.signature).decode(),
        "proof": proved.decode(),
    }
    answer = HttpResponse(json.dumps(said, indent=1) + "\n", content_type="application/json")
    name = f"{evidence.exhibit(str(exhibit)).number}-event-{number}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
