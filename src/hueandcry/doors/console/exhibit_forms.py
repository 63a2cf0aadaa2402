"""What the pages of exhibits ask for."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.evidence import face as evidence
from hueandcry.apps.evidence.face import Limit
from hueandcry.apps.members import face as members
from hueandcry.core.custody import Tool
from hueandcry.core.errors import Malformed
from hueandcry.core.types import Fingerprint
from hueandcry.doors.console import exhibit_words
from hueandcry.doors.console.purpose import PurposeForm
from hueandcry.doors.console.words import PURPOSES as USES

#: Characters of what goes into a record; an authority has no more room either.
ROOM: Final = 500


def _authority() -> forms.CharField:
    return forms.CharField(
        label=_("Authority"),
        max_length=ROOM,
        help_text=_("The court, order or officer that answers for it."),
    )


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("Why"),
        max_length=ROOM,
        help_text=_("Goes into the custody, which leaves the node with the exhibit."),
    )


def _kept_reason() -> forms.CharField:
    return forms.CharField(
        label=_("Why"), max_length=ROOM, help_text=_("Stays here; the ledger commits to it.")
    )


def _review() -> forms.DateField:
    return forms.DateField(
        label=_("Look at it again on"),
        help_text=_("The hold goes on after this day; it is told of until somebody looks."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


def other_members() -> list[tuple[Fingerprint, str]]:
    """Every member but us, to choose from."""
    us = members.us().fingerprint
    return [(m.fingerprint, m.name) for m in members.everyone() if m.fingerprint != us]


class ReadForm(PurposeForm):
    """Why the bytes are read: it goes into the custody."""

    reference = forms.CharField(
        label=_("Case or reference"),
        max_length=200,
        help_text=_("A case number or a few words. No names: this goes into the custody."),
    )

    def said(self) -> str:
        """The reason, as the custody keeps it."""
        return f"{self.cleaned_data['purpose']}: {self.cleaned_data['reference']}"


class ChatForm(ReadForm):
    """Why a chat is read, and from where on."""

    first = forms.IntegerField(
        label=_("From which line or message on"), min_value=0, required=False
    )


class PagesForm(ReadForm):
    """Why something with pages is looked at, and from which one on."""

    first = forms.IntegerField(
        label=_("From which page on"), min_value=1, max_value=100_000, required=False
    )


class ToolForm(forms.Form):
    """By what something was done, with its version: without one nobody can do the same again."""

    tool = forms.CharField(
        label=_("By which tool"),
        max_length=ROOM,
        required=False,
        help_text=_("Tool, version and settings, such as: exiftool 12.57 -a"),
    )

    def clean_tool(self) -> Tool | None:
        """The tool as records name it; None where none was named."""
        try:
            return evidence.tool(self.cleaned_data["tool"])
        except Malformed:
            said = _("Name a version too, such as: exiftool 12.57")
            raise forms.ValidationError(said) from None


def _described() -> forms.CharField:
    return forms.CharField(
        label=_("What it is"), max_length=2_000, widget=forms.Textarea({"rows": 2})
    )


def _number() -> forms.CharField:
    return forms.CharField(
        label=_("Number of your own"),
        max_length=64,
        required=False,
        help_text=_("Such as EX-17; else the next one is given."),
    )


class AddForm(ToolForm):
    """What is said of a file that becomes an exhibit; the file itself is read by `uploads`."""

    description = _described()
    number = _number()
    source = forms.CharField(label=_("Where it comes from"), max_length=ROOM, required=False)
    collected_by = forms.CharField(
        label=_("Who collected it"),
        max_length=200,
        required=False,
        help_text=_("A name. Outside this node it is a pseudonym."),
    )
    place = forms.CharField(label=_("Where it was collected"), max_length=ROOM, required=False)
    authority = forms.CharField(
        label=_("Under which authority"),
        max_length=ROOM,
        required=False,
        help_text=_("A warrant, an order, or the consent of the owner."),
    )
    condition = forms.CharField(
        label=_("In which condition it is"), max_length=ROOM, required=False
    )
    reason = forms.CharField(label=_("Why it is taken"), max_length=ROOM, required=False)
    quarantined = forms.BooleanField(
        label=_("Intimate, or unlawful to hold: only the role Police opens it"), required=False
    )
    field_order = ("description", "number", "source", "collected_by", "place", "tool")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["tool"].label = _("How it was acquired")


class DeriveForm(ToolForm):
    """What is said of a file that was made of an exhibit."""

    how = forms.ChoiceField(
        label=_("How it was made"),
        choices=[*exhibit_words.MADE.items()],
    )
    changes = forms.CharField(
        label=_("What is different from the exhibit"),
        max_length=2_000,
        help_text=_("What was blacked out, cut or taken out of it, and where."),
        widget=forms.Textarea({"rows": 2}),
    )
    description = _described()
    number = _number()
    reason = _reason()
    field_order = ("how", "changes", "tool")


class NoteForm(ToolForm):
    """What was done with an exhibit that changed nothing of it."""

    action = forms.ChoiceField(
        label=_("What was done"),
        choices=[(each.value, exhibit_words.ACTIONS[each]) for each in evidence.NOTED],
    )
    reason = _reason()
    authority = forms.CharField(label=_("Under which authority"), max_length=ROOM, required=False)
    place = forms.CharField(label=_("Where"), max_length=ROOM, required=False)
    changes = forms.CharField(
        label=_("What it changed, if it could not be avoided"), max_length=ROOM, required=False
    )
    condition = forms.CharField(
        label=_("In which condition it is"), max_length=ROOM, required=False
    )
    field_order = ("action", "reason", "tool")


class DecideForm(forms.Form):
    """On whose word, and why."""

    authority = _authority()
    reason = _reason()


class DestroyForm(DecideForm):
    """On whose word it goes for good."""

    sure = forms.BooleanField(label=_("Key and bytes go for good. Only the custody stays."))


class HoldForm(forms.Form):
    """A legal hold: who asks for it and why, and when it is asked again whether it is needed."""

    authority = _authority()
    reason = _kept_reason()
    review = _review()


class EndForm(forms.Form):
    """On whose word a hold ends, and why."""

    authority = _authority()
    reason = _kept_reason()


class ReviewForm(forms.Form):
    """A hold goes on: why, and until when nobody needs to ask again."""

    reason = _kept_reason()
    review = _review()


class LiftForm(forms.Form):
    """On whose word a restriction is lifted."""

    authority = _authority()


class RestrictForm(forms.Form):
    """A restriction on bytes, whatever they are called and whatever is made of them."""

    kind = forms.ChoiceField(label=_("What is restricted"), choices=[*exhibit_words.LIMITS.items()])
    words = forms.CharField(
        label=_("In words"),
        max_length=2_000,
        help_text=_("What may not be done, and why. It goes along with the exhibit."),
        widget=forms.Textarea({"rows": 2}),
    )
    authority = _authority()
    to = forms.MultipleChoiceField(
        label=_("Members who may have it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        choices=[*USES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["to"].choices = other_members()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Says at which field a restriction restricts nothing."""
        said: dict[str, Any] = super().clean() or {}
        use = said.get("kind") == Limit.USE
        if use and not said.get("purposes"):
            self.add_error("purposes", _("Choose at least one."))
        said["to" if use else "purposes"] = []
        return said
