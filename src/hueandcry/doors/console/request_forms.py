"""The acts upon a request as forms: each asks only what its guards look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import RequestView, Said
from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.members import face as members
from hueandcry.apps.peers import face as peers
from hueandcry.core.law import LAW, Refusal, cited
from hueandcry.core.machine import HOLD, MONEY, REQUEST, Side
from hueandcry.core.machine.stepping import Edge
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.console import request_fields, request_labels
from hueandcry.doors.console import request_words as words
from hueandcry.doors.console.request_fields import Asked

#: Guard of the machine → what the form asks for it.
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "reasons": ("reasons",),
    "hash_differs": ("reasons",),
    "code_allowed": ("code", "route"),
    "fields_missing": ("missing",),
    "holder_named": ("holder",),
    "review_day": ("review_at",),
    "package": ("package",),
    "hash_verified": ("package",),
    "least_term": ("until",),
    "later_end": ("until",),
}
#: What an act may say beside that.
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "consult": ("answer_by",),
    "assistance_asked": ("linked",),
}
#: Acts that complete or correct fields.
_GIVING: Final = frozenset({"revise", "supplement"})
#: Acts for another person than the maker.
_CHECKING: Final = frozenset({"approve", "countersign", "entered_wrongly"})
#: Acts by which a request leaves for another node.
_BY_WIRE: Final = frozenset({"approve", "send_on_duty"})
#: Acts of ours by which the other side of a request that came on paper hears what it waits for.
_ANSWERS: Final = (
    *("return_incomplete", "consult", "offer_conditions", "postpone", "refuse"),
    *("deliver_part", "send_result"),
)
_INSTANTS: Final = ("answer_by", "review_at", "until")
_SIGNERS: Final = 2
#: Newest packages among which a result is looked for.
_PACKAGES: Final = 50


class ActForm(forms.Form):
    """What an act upon a request says; fields that it does not need are taken away."""

    code = forms.ChoiceField(label=_("Ground"))
    reasons = forms.CharField(
        label=_("Reasons"), max_length=20_000, widget=forms.Textarea({"rows": 3})
    )
    route = forms.CharField(
        label=_("Route that is open instead"),
        max_length=20_000,
        required=False,
        help_text=_("Needed where a bank or provider asks for an order of its own State."),
    )
    missing = forms.MultipleChoiceField(
        label=_("What is missing"), widget=forms.CheckboxSelectMultiple
    )
    holder = forms.CharField(label=_("To whom it is passed"), max_length=20_000)
    package = forms.RegexField(
        r"[0-9a-f]{64}", label=_("SHA-256 of the result"), strip=True, max_length=64
    )
    answer_by = forms.DateTimeField(label=_("Answer is awaited until"), required=False)
    review_at = forms.DateTimeField(label=_("Look at it again at"))
    until = forms.DateTimeField(label=_("Held until"))
    linked = forms.UUIDField(label=_("ID of the request for assistance"))

    def __init__(
        self, event: str, names: Collection[str], view: RequestView, data: Any, prefix: str = ""
    ) -> None:
        super().__init__(data, auto_id=f"{prefix}{event}-%s")
        for name in set(self.fields) - set(names):
            del self.fields[name]
        for name in _INSTANTS:
            if name in self.fields:
                shape = "%Y-%m-%dT%H:%M:%S"
                attributes = {"type": "datetime-local", "step": "1"}
                self.fields[name].widget = forms.DateTimeInput(attributes, format=shape)
        if "code" in self.fields:
            self.fields["code"].choices = [("", _("Choose")), *_grounds(view)]  # type: ignore[attr-defined]
        if "package" in self.fields and view.listed.side == Side.REQUESTED:
            self.fields["package"].help_text = _packed(view)
        if "missing" in self.fields:
            self.fields["missing"].choices = _nameable(view)  # type: ignore[attr-defined]
            self.initial["missing"] = _lacking(view)
        if "until" in self.fields and view.least_until is not None:
            self.initial["until"] = _moment(max(view.least_until, view.hold_until or 0))

    def said(self, given: Mapping[str, Any]) -> Said:
        """As the use case takes it."""
        found = {name: value for name, value in self.cleaned_data.items() if value}
        for name in _INSTANTS:
            if name in found:
                found[name] = int(found[name].timestamp()) * SECOND
        if "missing" in found:
            found["missing"] = tuple(found["missing"])
        if "linked" in found:
            found["linked"] = str(found["linked"])
        return Said(**found, given=dict(given))


@dataclass(frozen=True, slots=True)
class Act:
    """An act that is open to our side now."""

    event: str
    label: str | Promise
    explained: str | Promise
    form: ActForm
    given: list[Asked]  #: fields of the request that it may complete or correct
    bars: str | Promise  #: why this person may not; empty where they may
    plain: bool  #: it asks nothing: one button does it
    danger: bool
    kept: bool = False  #: it holds what somebody typed


def acts(view: RequestView, person: int | None, roles: Collection[str]) -> list[Act]:
    """What our side may do now and this person by their roles, in the order of the machine."""
    return [act(view, event, person) for event in _possible(view) if may(view, event, roles)]


def others(view: RequestView, roles: Collection[str]) -> list[tuple[str | Promise, list[str]]]:
    """What our side may do now and this person may not: the act, and the roles that may."""
    return [
        (words.ACTS[event][0], sorted(_roles(view, event)))
        for event in _possible(view)
        if not may(view, event, roles)
    ]


def act(
    view: RequestView, event: str, person: int | None, data: QueryDict | None = None, more: str = ""
) -> Act:
    """One act with its form, as filled in where something was posted."""
    names, asked = _needed(view, event), giving(view, event, data, more)
    label = words.ACTS[event]
    maker = view.maker is not None and person == view.maker and event in _CHECKING
    return Act(
        event,
        label[0],
        label[1],
        ActForm(event, names, view, data),
        asked,
        words.MAKER if maker else "",
        plain=not names and not asked,
        danger=event in words.DANGEROUS,
        kept=data is not None,
    )


def giving(
    view: RequestView, event: str, data: QueryDict | None = None, more: str = ""
) -> list[Asked]:
    """The fields that an act may complete or correct, as filled in where something was posted."""
    names = completed(view, event)
    given = dict(view.given)
    if data is not None and names:
        given |= request_fields.read(names, data)
    return request_fields.asked(view.listed.type, view.instrument, names, given, (), more)


def lettered(view: RequestView, event: str, data: QueryDict | None = None) -> ActForm:
    """What an act of either side says that is entered with a letter."""
    return ActForm(event, _needed(view, event), view, data, "paper-")


def changed(view: RequestView, event: str, data: QueryDict) -> dict[str, object]:
    """Fields that a posted act gives anew; None for one that is left out of a draft."""
    names = completed(view, event)
    asked = request_fields.asked(view.listed.type, view.instrument, names, view.given)
    before = request_fields.read(names, request_fields.untouched(asked))
    said = request_fields.read(names, data)
    found = {name: said.get(name) for name in names if before.get(name) != said.get(name)}
    emptied = request_fields.posted(names, data) if event == "revise" else ()
    return {name: v for name, v in found.items() if v is not None or name in emptied}


def completed(view: RequestView, event: str) -> tuple[str, ...]:
    """Fields that an act may give: all of a draft; later what is missing or was asked for."""
    type = view.listed.type
    if event not in _GIVING:
        return ()
    if event == "revise":
        return request_fields.names(type)
    returned = [each.said.missing for each in view.acts if each.event == "return_incomplete"]
    wanted = {*(returned[-1] if returned else ()), *_lacking(view)}
    return tuple(name for name in request_fields.names(type) if name in wanted)


def _possible(view: RequestView) -> list[str]:
    """Acts of our side that the machine has in this state and the type does not rule out."""
    return [
        event
        for event in dict.fromkeys(view.open_to_us)
        if event in words.ACTS and fits(view, event) and not _needs_letter(view, event)
    ]


def fits(view: RequestView, event: str) -> bool:
    """Whether the type of the request does not rule out an act that the machine has."""
    if view.money is not None and event in MONEY.events:
        return False  # those stand beside the money
    type, edge = LAW.types[view.listed.type], _edge(view, event)
    guards = {each.name for each in edge.guards} if edge else set()
    if "one_may_send" in guards and not type.one_may_send:
        return False
    if "consultation_not_needed" in guards and type.article_40:
        return False
    if event == "entered_wrongly":
        return view.outside
    return event != "countersign" or len(view.signers) < _SIGNERS


def answers(view: RequestView) -> tuple[str, ...]:
    """Acts of ours that are entered with the letter by which the other side hears of them."""
    if not view.outside:
        return ()
    if view.listed.side == Side.REQUESTED:
        return _ANSWERS
    return ("release",) if view.money is not None else ()


def _needs_letter(view: RequestView, event: str) -> bool:
    """Whether a letter makes the act: where none has come by wire, and none would go by it."""
    by_wire = event in _BY_WIRE and peers.find(view.listed.peer) is None
    return by_wire or event in answers(view)


def _edge(view: RequestView, event: str) -> Edge | None:
    return REQUEST.edges.get((event, view.listed.state)) or HOLD.edges.get((event, view.hold))


def _needed(view: RequestView, event: str) -> tuple[str, ...]:
    """What the form of an act asks; of one that is not open any more what it asked elsewhere."""
    edges = (*REQUEST.edges.values(), *HOLD.edges.values())
    guards = (_edge(view, event) or next(each for each in edges if each.event == event)).guards
    asked = [name for guard in guards for name in _ASKED.get(guard.name, ())]
    return (*dict.fromkeys((*asked, *_BESIDE.get(event, ()))),)


def _roles(view: RequestView, event: str) -> frozenset[str]:
    doing = cooperation.doing(Side(view.listed.side), event, view.listed.state)
    return cooperation.MAY[doing]


def may(view: RequestView, event: str, roles: Collection[str]) -> bool:
    """Whether somebody with these roles may do an act of our side."""
    return not _roles(view, event).isdisjoint(roles)


def _lacking(view: RequestView) -> tuple[str, ...]:
    return cooperation.missing(view.listed.type, view.instrument, view.given)


def _nameable(view: RequestView) -> list[tuple[str, object]]:
    type = view.listed.type
    return [
        (name, request_labels.field(name)) for name in (*LAW.mandatory(type), *LAW.optional(type))
    ]


def _grounds(view: RequestView) -> list[tuple[str, str]]:
    """Codes by which our member may refuse, each with its article."""
    ours = members.us().roles
    codes = LAW.refusals(view.listed.type, view.instrument)
    return [(each.code, _ground(each)) for each in codes if not each.by or each.by & set(ours)]


def _packed(view: RequestView) -> str:
    """The packages of ours that were made for the other side, each by its digest."""
    made = [each for _row, each in evidence.packages(None, _PACKAGES)]
    return "; ".join(
        f"{', '.join(number for _id, number in each.exhibits)}: {each.tag_manifest}"
        for each in made
        if each.recipient == view.listed.peer and each.tag_manifest
    )


def _ground(refusal: Refusal) -> str:
    return f"{refusal.code}: {refusal.says} ({cited(LAW, refusal.article)})"


def _moment(at: Micros) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC)
