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

LIMITS: Final[dict[str, Words]] = {
    Limit.ONWARD: _("Handing on: only to the members chosen, or to nobody"),
    Limit.USE: _("Use: only for the purposes chosen"),
}
