"""Webhooks: signed notices of what changed, to whoever subscribed. Import only this."""

from __future__ import annotations

from hueandcry.apps.webhooks.receivers import egress
from hueandcry.apps.webhooks.rules import EVENTS
from hueandcry.apps.webhooks.sending import send_next
from hueandcry.apps.webhooks.service import (
    DeliveryView,
    SubscriptionView,
    add,
    change,
    deliveries,
    every,
    one,
    redeliver,
    remove,
    renew_secret,
    test,
)

__all__ = [
    "EVENTS",
    "DeliveryView",
    "SubscriptionView",
    "add",
    "change",
    "deliveries",
    "egress",
    "every",
    "one",
    "redeliver",
    "remove",
    "renew_secret",
    "send_next",
    "test",
]
