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
from hueandcry.apps.cooperation.authorities import add as add_authority
from hueandcry.apps.cooperation.authorities import listed as authorities
from hueandcry.apps.cooperation.authorities import named as party_named
from hueandcry.apps.cooperation.building import (
    Looked,
    looked,
    looked_from,
    offered,
    offered_by,
    types_from,
    types_to,
)
from hueandcry.apps.cooperation.chain import chain
from hueandcry.apps.cooperation.checking import missing
from hueandcry.apps.cooperation.closing import opened_for as closed
from hueandcry.apps.cooperation.counting import Figures, Spread, figures
from hueandcry.apps.cooperation.desk import by_clock, desk, waiting
from hueandcry.apps.cooperation.entering import enter
from hueandcry.apps.cooperation.hops import form as hop_form
from hueandcry.apps.cooperation.letter import Correspondent
from hueandcry.apps.cooperation.lettering import pdf as letter
from hueandcry.apps.cooperation.outside import CHANNELS, Letter
from hueandcry.apps.cooperation.outside import MOST as LETTER_BYTES
from hueandcry.apps.cooperation.outside import letter as paper
from hueandcry.apps.cooperation.outside import taken as letter_taken
from hueandcry.apps.cooperation.overview import from_report, listed, shown
from hueandcry.apps.cooperation.queries import unopened, waiting_alarms
from hueandcry.apps.cooperation.recalls import answer_file, came_back, return_file
from hueandcry.apps.cooperation.registry import current as treaties
from hueandcry.apps.cooperation.registry import import_file as import_treaties
from hueandcry.apps.cooperation.ringing import Came, Rang, came, rang
from hueandcry.apps.cooperation.rules import MAY, Doing, check_may, doing, hidden_from
from hueandcry.apps.cooperation.service import act, draft
from hueandcry.apps.cooperation.standing import given, granted_by_us, has_ended, is_granted
from hueandcry.apps.cooperation.telling import told
from hueandcry.apps.cooperation.timing import our_zone
from hueandcry.apps.cooperation.tracing import proposed as proposed_shares
from hueandcry.apps.cooperation.translating import TranslationView
from hueandcry.apps.cooperation.translating import attach as attach_translation
from hueandcry.apps.cooperation.translating import certify as certify_translation
from hueandcry.apps.cooperation.views import (
    ActView,
    AlarmView,
    ClockView,
    Desk,
    Filters,
    HopView,
    KeptView,
    Lines,
    LinkView,
    Listed,
    MoneyView,
    RequestView,
    Rung,
    Told,
)
from hueandcry.apps.cooperation.wire import ASKED, HOLD_STEP, MONEY_STEP, STEP, Said

__all__ = [
    "ASKED",
    "CHANNELS",
    "HOLD_STEP",
    "LETTER_BYTES",
    "MAY",
    "MONEY_STEP",
    "STEP",
    "ActView",
    "AlarmView",
    "Came",
    "ClockView",
    "Correspondent",
    "Desk",
    "Doing",
    "Figures",
    "Filters",
    "HopView",
    "KeptView",
    "Letter",
    "Lines",
    "LinkView",
    "Listed",
    "Looked",
    "MoneyView",
    "Rang",
    "RequestView",
    "Rung",
    "Said",
    "Spread",
    "Told",
    "TranslationView",
    "act",
    "add_authority",
    "answer_file",
    "attach_translation",
    "authorities",
    "by_clock",
    "came",
    "came_back",
    "certify_translation",
    "chain",
    "check_may",
    "closed",
    "desk",
    "doing",
    "draft",
    "enter",
    "figures",
    "from_report",
    "given",
    "granted_by_us",
    "has_ended",
    "hidden_from",
    "hop_form",
    "import_treaties",
    "is_granted",
    "letter",
    "letter_taken",
    "listed",
    "looked",
    "looked_from",
    "missing",
    "offered",
    "offered_by",
    "our_zone",
    "paper",
    "party_named",
    "proposed_shares",
    "rang",
    "return_file",
    "shown",
    "take_hold_step",
    "take_money_step",
    "take_request",
    "take_step",
    "told",
    "treaties",
    "types_from",
    "types_to",
    "unopened",
    "waiting",
    "waiting_alarms",
]
