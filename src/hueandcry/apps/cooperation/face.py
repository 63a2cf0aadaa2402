"""Cooperation: requests between members, their machine, four eyes, clocks. What others import.

    with unit_of_work():
        request = cooperation.draft(actor, "STATUS", peer.fingerprint, "house", given, at)
        cooperation.act(actor, request, "sign", Said(), at)

Every use case moves the row, writes its entry into the ledger and puts its document on the way in
the caller's transaction, or raises and changes nothing.
"""

from __future__ import annotations

from hueandcry.apps.cooperation.arriving import take_hold_step, take_request, take_step
from hueandcry.apps.cooperation.overview import listed, shown
from hueandcry.apps.cooperation.registry import current as treaties
from hueandcry.apps.cooperation.registry import import_file as import_treaties
from hueandcry.apps.cooperation.rules import MAY, Doing
from hueandcry.apps.cooperation.service import act, draft
from hueandcry.apps.cooperation.standing import given, granted_by_us, has_ended, is_granted
from hueandcry.apps.cooperation.views import (
    ActView,
    AlarmView,
    ClockView,
    KeptView,
    Listed,
    RequestView,
)
from hueandcry.apps.cooperation.wire import ASKED, HOLD_STEP, STEP, Said

__all__ = [
    "ASKED",
    "HOLD_STEP",
    "MAY",
    "STEP",
    "ActView",
    "AlarmView",
    "ClockView",
    "Doing",
    "KeptView",
    "Listed",
    "RequestView",
    "Said",
    "act",
    "draft",
    "given",
    "granted_by_us",
    "has_ended",
    "import_treaties",
    "is_granted",
    "listed",
    "shown",
    "take_hold_step",
    "take_request",
    "take_step",
    "treaties",
]
