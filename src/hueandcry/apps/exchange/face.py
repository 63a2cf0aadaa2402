"""Intelligence between nodes: what comes in, what goes out, and what became of it."""

from __future__ import annotations

from hueandcry.apps.exchange.carrying import Written, export
from hueandcry.apps.exchange.intake import take_part
from hueandcry.apps.exchange.labels import forget
from hueandcry.apps.exchange.polling import Asking
from hueandcry.apps.exchange.pulling import pull_next
from hueandcry.apps.exchange.pushing import (
    push_next,
    sign_again,
    take_effective,
    take_receipt,
    take_reply,
)
from hueandcry.apps.exchange.serving import acknowledge, behind, open_cursor, serve, serve_poll
from hueandcry.apps.exchange.unloading import Takers, Unloading, unload

__all__ = [
    "Asking",
    "Takers",
    "Unloading",
    "Written",
    "acknowledge",
    "behind",
    "export",
    "forget",
    "open_cursor",
    "pull_next",
    "push_next",
    "serve",
    "serve_poll",
    "sign_again",
    "take_effective",
    "take_part",
    "take_receipt",
    "take_reply",
    "unload",
]
