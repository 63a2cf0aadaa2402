"""Intelligence between nodes: what comes in, what goes out, and what became of it."""

from __future__ import annotations

from hueandcry.apps.exchange.carrying import Written, export, export_documents
from hueandcry.apps.exchange.copies import hand_back
from hueandcry.apps.exchange.intake import take_part
from hueandcry.apps.exchange.labels import forget
from hueandcry.apps.exchange.polling import Asking
from hueandcry.apps.exchange.pulling import pull_next
from hueandcry.apps.exchange.purging import erase_again, erase_value
from hueandcry.apps.exchange.pushing import (
    push_next,
    sign_again,
    take_effective,
    take_receipt,
    take_reply,
)
from hueandcry.apps.exchange.queries import received_from
from hueandcry.apps.exchange.reach import (
    Handover,
    Reached,
    Recipient,
    handovers,
    reached,
    recipients,
)
from hueandcry.apps.exchange.serving import acknowledge, behind, open_cursor, serve, serve_poll
from hueandcry.apps.exchange.showing import definitions
from hueandcry.apps.exchange.shown import ShownObject, ShownPage, by_id, page
from hueandcry.apps.exchange.unloading import Takers, Unloading, unload

__all__ = [
    "Asking",
    "Handover",
    "Reached",
    "Recipient",
    "ShownObject",
    "ShownPage",
    "Takers",
    "Unloading",
    "Written",
    "acknowledge",
    "behind",
    "by_id",
    "definitions",
    "erase_again",
    "erase_value",
    "export",
    "export_documents",
    "forget",
    "hand_back",
    "handovers",
    "open_cursor",
    "page",
    "pull_next",
    "push_next",
    "reached",
    "received_from",
    "recipients",
    "serve",
    "serve_poll",
    "sign_again",
    "take_effective",
    "take_part",
    "take_receipt",
    "take_reply",
    "unload",
]
