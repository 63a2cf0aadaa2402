"""What the codes of evidence mean, in words for those who work here. Translated when shown."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hueandcry.apps.evidence.face import Limit, State
from hueandcry.core.custody import Action

Words = str | Promise

STATES: Final[dict[str, Words]] = {
    State.OPEN: _("Kept, not taken"),
    State.TAKEN: _("Taken as evidence"),
    State.RELEASED: _("Released"),
    State.DESTROYED: _("Destroyed"),
    State.PURGED: _("Purged"),
}

ACTIONS: Final[dict[str, Words]] = {
    Action.IDENTIFIED: _("Seen to matter"),
    Action.COLLECTED: _("Collected"),
    Action.ACQUIRED: _("Bytes acquired"),
    Action.SEALED: _("Taken as evidence"),
    Action.TRANSFERRED: _("Handed over"),
    Action.RECEIVED: _("Taken over"),
    Action.ACCESSED: _("Bytes read"),
    Action.COPIED: pgettext_lazy("evidence", "Copied"),
    Action.ANALYSED: _("Examined"),
    Action.REDACTED: _("Redacted"),
    Action.RELEASED: _("Released"),
    Action.DESTROYED: _("Destroyed"),
}

#: How a child exhibit was made; the order in which forms list them.
MADE: Final[dict[str, Words]] = {
    Action.REDACTED: _("Redacted: something in it was covered or cut"),
    Action.ANALYSED: _("Extracted: something was taken out of it, or read from it"),
    Action.COPIED: _("Copied: the same in another form"),
}

LIMITS: Final[dict[str, Words]] = {
    Limit.ONWARD: _("Handing on: only to the members chosen, or to nobody"),
    Limit.USE: _("Use: only for the purposes chosen"),
}

#: Of packages of ours, and of those that others announced.
PACKAGES: Final[dict[str, Words]] = {
    "drawn": _("Being made"),
    "signed": _("Signed, not on its way"),
    "sent": _("Waits to be fetched"),
    "announced": _("Announced, not here yet"),
    "accepted": _("Taken over"),
    "refused": _("Refused"),
}

#: The ten checks of a package.
CHECKS: Final[dict[int, Words]] = {
    1: _("The file is the one that was sent"),
    2: _("The shipping note is signed by a known member"),
    3: _("It opens, and is what the sender sealed"),
    4: _("Every file that is listed is there, and no other"),
    5: _("A known member vouches for these files and this recipient"),
    6: _("Package and custody stand in their logs"),
    7: _("The logs are signed, and witnesses saw them"),
    8: _("A time-stamping authority confirms the time"),
    9: _("The custody holds, each step signed"),
    10: _("The case file tells the same"),
}

RESULTS: Final[dict[str, Words]] = {
    "PASS": _("Passed"),
    "FAIL": _("Failed"),
    "NOT CHECKED": _("Not checked"),
}
