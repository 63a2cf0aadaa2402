"""A request on paper, as its page shows it: acts that a letter tells of, scans, translations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.cooperation import face as cooperation
from hueandcry.apps.cooperation.face import Doing, RequestView
from hueandcry.core.law import LAW
from hueandcry.core.types import SECOND, Micros
from hueandcry.doors.console import request_forms, request_labels, request_money_forms
from hueandcry.doors.console import request_words as words
from hueandcry.doors.console.request_fields import Asked
from hueandcry.doors.console.request_forms import ActForm
from hueandcry.engine import sheets

#: Acts of ours that only a letter makes.
_OURS: Final = ("approve_outside", "deliver_outside")
#: Languages in which a letter is written.
LANGUAGES: Final[Mapping[str, str]] = {
    code: name for code, name in settings.LANGUAGES if code in sheets.LANGUAGES
}


class LetterForm(forms.Form):
    """How the letter or scan of an act went or came; its file comes beside the form."""

    channel = forms.ChoiceField(
        label=_("How it went or came"), choices=[("", _("Choose")), *words.CHANNELS.items()]
    )
    carried_by = forms.CharField(label=_("Who took or brought it"), max_length=500)
    dated = forms.DateTimeField(
        label=_("Dated"),
        help_text=_("By the letter or the proof of delivery: the act counts from then on."),
        widget=forms.DateTimeInput(
            {"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )

    def __init__(self, event: str, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id=f"letter-{event}-%s")

    @property
    def at(self) -> Micros:
        """The instant of the act."""
        return int(self.cleaned_data["dated"].timestamp()) * SECOND


class TranslationForm(forms.Form):
    """What a request says in another language, field by field; empty ones are left out."""

    language = forms.ChoiceField(
        label=_("Language"), choices=[c for c in LANGUAGES.items() if c[0] != "en"]
    )
    translator = forms.CharField(label=_("Who translated it"), max_length=200)

    def __init__(self, view: RequestView, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="translation-%s")
        self._said = [
            name
            for name, value in view.given.items()
            if name in LAW.fields and LAW.fields[name].kind == "text" and isinstance(value, str)
        ]
        for name in self._said:
            self.fields[f"t-{name}"] = forms.CharField(
                label=str(request_labels.field(name)),
                help_text=view.given[name][:300],
                required=False,
                max_length=20_000,
                widget=forms.Textarea({"rows": 2}),
            )

    def text(self) -> dict[str, str]:
        """Field → what it says in the other language."""
        found = {name: self.cleaned_data[f"t-{name}"].strip() for name in self._said}
        return {name: text for name, text in found.items() if text}


@dataclass(frozen=True, slots=True)
class Lettered:
    """An act that is entered with its letter."""

    event: str
    label: str | Promise
    theirs: bool  #: the other side's, which one of ours enters
    form: ActForm
    letter: LetterForm
    given: list[Asked]  #: fields of the request that it may complete
    kept: bool = False  #: it holds what somebody typed

    @property
    def key(self) -> str:
        """What tells it from the others of the page: either side may release."""
        return _key(self.event, self.theirs)


def lettered(view: RequestView, roles: Collection[str]) -> list[Lettered]:
    """The acts that can be entered with a letter now, by somebody with these roles."""
    return [
        act(view, event, theirs)
        for event, theirs in _possible(view)
        if _may(view, event, theirs, roles)
    ]


def _possible(view: RequestView) -> list[tuple[str, bool]]:
    """(act, whether it is theirs) that a letter tells of now; none for what never goes on paper."""
    if view.listed.type in cooperation.hidden_from(()):
        return []
    by_us = (*_OURS, *request_forms.answers(view))
    ours = [(event, False) for event in by_us if event in view.open_to_us]
    theirs = [(event, True) for event in view.open_to_them if is_act(view, event)]
    return [(event, whose) for event, whose in (*ours, *theirs) if _fits(view, event)]


def is_act(view: RequestView, event: str) -> bool:
    """Whether there is such an act upon the request, its hold or its money."""
    return event in words.LETTERED or request_money_forms.concerns(view, event)


def _fits(view: RequestView, event: str) -> bool:
    if request_money_forms.concerns(view, event):
        return request_money_forms.fits(view, event)
    return request_forms.fits(view, event)


def act(
    view: RequestView, event: str, theirs: bool, data: QueryDict | None = None, more: str = ""
) -> Lettered:
    """One of them with its forms, as filled in where something was posted."""
    letter, kept = LetterForm(_key(event, theirs), data), data is not None
    if request_money_forms.concerns(view, event):
        upon = request_money_forms.act(
            view, event, data, more, f"paper-{'' if theirs else 'ours-'}"
        )
        return Lettered(event, upon.label, theirs, upon.form, letter, upon.given, kept)
    form = request_forms.lettered(view, event, data)
    given = request_forms.giving(view, event, data, more)
    return Lettered(event, words.LETTERED[event], theirs, form, letter, given, kept)


def _key(event: str, theirs: bool) -> str:
    return event if theirs else f"{event}-ours"


def about(view: RequestView) -> Mapping[str, Any]:
    """What the page says of paper and of translations."""
    return {
        "papers": [each for each in view.acts if each.paper is not None],
        "languages": LANGUAGES if view.given else {},
        "translations": view.translations,
        "goes": view.outside,
    }


def may_certify(roles: Collection[str]) -> bool:
    """Whether somebody with these roles can answer for a translation."""
    return not cooperation.MAY[Doing.CERTIFY].isdisjoint(roles)


def _may(view: RequestView, event: str, theirs: bool, roles: Collection[str]) -> bool:
    if theirs:
        return not cooperation.MAY[Doing.ENTER].isdisjoint(roles)
    return request_forms.may(view, event, roles)
