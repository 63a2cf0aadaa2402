"""Cooperation: requests between members, their machine, four eyes, clocks. What others import.

    with unit_of_work():
        request = cooperation.draft(actor, "STATUS", peer.fingerprint, "house", given, at)
        cooperation.act(actor, request, "sign", Said(), at)

Every use case moves the row, writes its entry into the ledger and puts its document on the way in
the caller's transaction, or raises and changes nothing.
"""

from __future__ import annotations

from hueandcry.apps.cooperation.arriving import take_hold_step, take_request, take_step
from hueandcry.apps.cooperation.building import Looked, looked, offered, types_to
from hueandcry.apps.cooperation.checking import missing
from hueandcry.apps.cooperation.closing import opened_for as closed
from hueandcry.apps.cooperation.desk import by_clock, desk, waiting
from hueandcry.apps.cooperation.overview import listed, shown
from hueandcry.apps.cooperation.queries import unopened, waiting_alarms
from hueandcry.apps.cooperation.registry import current as treaties
from hueandcry.apps.cooperation.registry import import_file as import_treaties
from hueandcry.apps.cooperation.ringing import Came, Rang, came, rang
from hueandcry.apps.cooperation.rules import MAY, Doing, doing, hidden_from
from hueandcry.apps.cooperation.service import act, draft
from hueandcry.apps.cooperation.standing import given, granted_by_us, has_ended, is_granted
from hueandcry.apps.cooperation.timing import our_zone
from hueandcry.apps.cooperation.views import (
    ActView,
    AlarmView,
    ClockView,
    Desk,
    Filters,
    KeptView,
    Lines,
    Listed,
    RequestView,
    Rung,
)
from hueandcry.apps.cooperation.wire import ASKED, HOLD_STEP, STEP, Said

__all__ = [
    "ASKED",
    "HOLD_STEP",
    "MAY",
    "STEP",
    "ActView",
    "AlarmView",
    "Came",
    "ClockView",
    "Desk",
    "Doing",
    "Filters",
    "KeptView",
    "Lines",
    "Listed",
    "Looked",
    "Rang",
    "RequestView",
    "Rung",
    "Said",
    "act",
    "by_clock",
    "came",
    "closed",
    "desk",
    "doing",
    "draft",
    "given",
    "granted_by_us",
    "has_ended",
    "hidden_from",
    "import_treaties",
    "is_granted",
    "listed",
    "looked",
    "missing",
    "offered",
    "our_zone",
    "rang",
    "shown",
    "take_hold_step",
    "take_request",
    "take_step",
    "treaties",
    "types_to",
    "unopened",
    "waiting",
    "waiting_alarms",
]
