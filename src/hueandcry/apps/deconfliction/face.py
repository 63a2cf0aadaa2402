"""Deconfliction: whether two members work on the same number, account or wallet.

    with unit_of_work():
        request = deconfliction.ask(actor, peer.fingerprint, "C-7", read_items(lines), at)

From there on the request goes the way of every request; once the other side has accepted it, the
loop runs the session, and `session(request)` says what came of it.
"""

from __future__ import annotations

from hueandcry.apps.deconfliction.arriving import take
from hueandcry.apps.deconfliction.overview import alarms, offers, opening, session, sessions
from hueandcry.apps.deconfliction.service import ask, offer, withdraw
from hueandcry.apps.deconfliction.views import OfferView, Opening, SessionView
from hueandcry.apps.deconfliction.wire import DECONFLICTION

__all__ = [
    "DECONFLICTION",
    "OfferView",
    "Opening",
    "SessionView",
    "alarms",
    "ask",
    "offer",
    "offers",
    "opening",
    "session",
    "sessions",
    "take",
    "withdraw",
]
