"""To whom a person in danger is referred: whom they chose, and never the police by default."""

from __future__ import annotations

from typing import Final

from hueandcry.core.errors import NotPermitted
from hueandcry.core.law.bases import Party
from hueandcry.core.law.lawful import Draft

_POLICE: Final = frozenset({"lea", "p24"})
#: Who may be told without the person's choice where life is at risk.
_PROTECTING: Final = frozenset({"protection", "support", "io"})


def require_recipient(draft: Draft, to: Party) -> None:
    """NotPermitted where a referral would go to police, or to an embassy that nobody chose.

    Both may be those from whom the person has to be kept: a State's police took part elsewhere, and
    an embassy tells the family. Whoever knows better lets the person choose.
    """
    if draft.type.code != "TIP_REFERRAL" or draft.says("chosen_by_person") is True:
        return
    if to.roles & _POLICE or not to.roles & _PROTECTING:
        raise NotPermitted(
            "referral_recipient",
            "A person is not referred to police or to an embassy that they did not choose",
            why="policy: referral",
            do="Choose a protection authority, a support organisation or an international one",
        )
