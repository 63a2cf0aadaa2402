"""Intelligence between nodes: what comes in, what goes out, and what became of it."""

from __future__ import annotations

from hueandcry.apps.exchange.intake import take_part
from hueandcry.apps.exchange.labels import forget
from hueandcry.apps.exchange.pulling import pull_next
from hueandcry.apps.exchange.pushing import push_next, take_effective
from hueandcry.apps.exchange.queries import received_from
from hueandcry.apps.exchange.serving import acknowledge, behind, open_cursor, serve

__all__ = [
    "acknowledge",
    "behind",
    "forget",
    "open_cursor",
    "pull_next",
    "push_next",
    "received_from",
    "serve",
    "take_effective",
    "take_part",
]
