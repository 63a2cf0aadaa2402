"""Intelligence between nodes: what comes in, what goes out, and what became of it."""

from __future__ import annotations

from hueandcry.apps.exchange.intake import take_part
from hueandcry.apps.exchange.labels import forget
from hueandcry.apps.exchange.pulling import pull_next
from hueandcry.apps.exchange.pushing import push_next, take_effective
from hueandcry.apps.exchange.queries import received_from
from hueandcry.apps.exchange.reach import (
    Handover,
    Reached,
    Recipient,
    handovers,
    reached,
    recipients,
)
from hueandcry.apps.exchange.serving import acknowledge, behind, open_cursor, serve
from hueandcry.apps.exchange.showing import definitions
from hueandcry.apps.exchange.shown import ShownObject, ShownPage, by_id, page

__all__ = [
    "Handover",
    "Reached",
    "Recipient",
    "ShownObject",
    "ShownPage",
    "acknowledge",
    "behind",
    "by_id",
    "definitions",
    "forget",
    "handovers",
    "open_cursor",
    "page",
    "pull_next",
    "push_next",
    "reached",
    "received_from",
    "recipients",
    "serve",
    "take_effective",
    "take_part",
]
