"""Duty: who is on, who is called when a clock rings, what is handed over. What others import.

    with unit_of_work():
        duty.acknowledge(actor, call, at)

Use cases write in the caller's transaction, with one entry in the ledger each, or raise.
"""

from __future__ import annotations

from hueandcry.apps.duty.calling import acknowledge, calls, faring
from hueandcry.apps.duty.channels import configured
from hueandcry.apps.duty.handover import WORDS, leave_note, notes, take_note
from hueandcry.apps.duty.queries import any_shift, count_open
from hueandcry.apps.duty.roster import (
    add_shift,
    channels_of,
    gaps,
    on_now,
    remove_shift,
    set_contact,
    shifts,
)
from hueandcry.apps.duty.rules import Channel, instant
from hueandcry.apps.duty.sending import try_out
from hueandcry.apps.duty.views import (
    CallView,
    ChannelView,
    NoteView,
    NoticeView,
    OpenRequest,
    ShiftView,
)

__all__ = [
    "WORDS",
    "CallView",
    "Channel",
    "ChannelView",
    "NoteView",
    "NoticeView",
    "OpenRequest",
    "ShiftView",
    "acknowledge",
    "add_shift",
    "any_shift",
    "calls",
    "channels_of",
    "configured",
    "count_open",
    "faring",
    "gaps",
    "instant",
    "leave_note",
    "notes",
    "on_now",
    "remove_shift",
    "set_contact",
    "shifts",
    "take_note",
    "try_out",
]
