"""What is asked before exhibits are packed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hueandcry.apps.members import face as members
from hueandcry.doors.console.exhibit_forms import ROOM, other_members

_APART = re.compile(r"[\s,;]+")


class PackForm(forms.Form):
    """Which exhibits, for whom, why and under which authority."""

    exhibits = forms.CharField(
        label=_("Exhibits"),
        max_length=40_000,
        help_text=_("Numbers or ids, one to a line."),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "autocapitalize": "characters"}),
    )
    to = forms.ChoiceField(label=_("For whom"))
    reason = forms.CharField(
        label=_("Why"),
        max_length=ROOM,
        help_text=_("Goes into the custody, which leaves the node with the exhibit."),
    )
    authority = forms.CharField(
        label=_("Under which authority"),
        max_length=ROOM,
        required=False,
        help_text=_("The request that it answers, a warrant, an order."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        ourselves = (members.us().fingerprint, _("Ourselves: it stays here"))
        choices = [("", _("Choose")), *other_members(), ourselves]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def clean_exhibits(self) -> list[str]:
        """Each once, in the order in which they were said."""
        return list(dict.fromkeys(filter(None, _APART.split(self.cleaned_data["exhibits"]))))
