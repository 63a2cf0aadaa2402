"""Cooperation: requests between members, their machine, four eyes, clocks. What others import.

    with unit_of_work():
        request = cooperation.draft(actor, "STATUS", peer.fingerprint, "house", given, at)
        cooperation.act(actor, request, "sign", Said(), at)

Every use case moves the row, writes its entry into the ledger and puts its document on the way in
the caller's transaction, or raises and changes nothing.
"""

from __future__ import annotations

from hueandcry.apps.cooperation.arriving import (
    take_hold_step,
    take_money_step,
    take_request,
    take_step,
)
from hueandcry.apps.cooperation.counting import Figures, figures
from hueandcry.apps.cooperation.overview import listed, shown
from hueandcry.apps.cooperation.recalls import answer_file, came_back, return_file
from hueandcry.apps.cooperation.registry import current as treaties
from hueandcry.apps.cooperation.registry import import_file as import_treaties
from hueandcry.apps.cooperation.rules import MAY, Doing
from hueandcry.apps.cooperation.service import act, draft
from hueandcry.apps.cooperation.views import (
    ActView,
    AlarmView,
    ClockView,
    HopView,
    KeptView,
    Listed,
    MoneyView,
    RequestView,
)
from hueandcry.apps.cooperation.wire import ASKED, HOLD_STEP, MONEY_STEP, STEP, Said

__all__ = [
    "ASKED",
    "HOLD_STEP",
    "MAY",
    "MONEY_STEP",
    "STEP",
    "ActView",
    "AlarmView",
    "ClockView",
    "Doing",
    "Figures",
    "HopView",
    "KeptView",
    "Listed",
    "MoneyView",
    "RequestView",
    "Said",
    "act",
    "answer_file",
    "came_back",
    "draft",
    "figures",
    "import_treaties",
    "listed",
    "return_file",
    "shown",
    "take_hold_step",
    "take_money_step",
    "take_request",
    "take_step",
    "treaties",
]
