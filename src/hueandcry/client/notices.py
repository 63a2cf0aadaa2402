"""Notices of webhooks as their receiver sees them: nothing is believed that is not signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping

import msgspec

from hueandcry.client.errors import BadSignature
from hueandcry.client.records import Event

#: Seconds that a notice may be old, or ahead of this machine's clock.
TOLERANCE = 300


def verify_webhook(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float | None = None,
    tolerance: int = TOLERANCE,
) -> Event:
    """The event of a notice (Standard Webhooks); raises BadSignature.

    `body` is what came, byte for byte. Remember each `webhook-id` for a while: a notice comes
    again when its receipt was lost.
    """
    found = {name.lower(): value for name, value in headers.items()}
    message, stamp = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    if not message or not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 15:
        raise BadSignature("the notice has no webhook-id, or no webhook-timestamp")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance:
        raise BadSignature("the notice is too old, or one of the two clocks is wrong")
    signed = f"{message}.{stamp}.".encode() + body
    good = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    if not any(
        hmac.compare_digest(good, each)
        for each in map(_signature, found.get("webhook-signature", "").split())
    ):
        raise BadSignature("no signature of the notice is by this secret")
    try:
        return msgspec.json.decode(body, type=Event)
    except msgspec.DecodeError as wrong:
        raise BadSignature(f"the notice is signed, but is no event: {wrong}") from wrong


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise BadSignature("the secret is not one of a webhook: whsec_ and base64") from None


def _signature(text: str) -> bytes:
    version, _, rest = text.partition(",")
    try:
        return base64.b64decode(rest, validate=True) if version == "v1" else b""
    except (binascii.Error, ValueError):
        return b""
