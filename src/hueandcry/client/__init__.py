"""A small typed client of a node's JSON API: `from hueandcry.client import Client`.

Standard library and msgspec only; nothing of a node is imported.
"""

from __future__ import annotations

from hueandcry.client.client import Client
from hueandcry.client.errors import (
    BadSignature,
    ClientError,
    NotLetIn,
    NotThere,
    Refused,
    TooOften,
    Unreachable,
)
from hueandcry.client.notices import verify_webhook
from hueandcry.client.reported import NewReport, ReportedBy, ReportedLoss, ReportedValue
from hueandcry.client.requests import NewClaim, WebhookChange
from hueandcry.client.words import Embargo

__all__ = [
    "BadSignature",
    "Client",
    "ClientError",
    "Embargo",
    "NewClaim",
    "NewReport",
    "NotLetIn",
    "NotThere",
    "Refused",
    "ReportedBy",
    "ReportedLoss",
    "ReportedValue",
    "TooOften",
    "Unreachable",
    "WebhookChange",
    "verify_webhook",
]
