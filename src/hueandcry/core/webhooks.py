"""Standard Webhooks: what a notice is signed with, and when a failed one is tried again. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from hueandcry.core.errors import Malformed
from hueandcry.core.types import SECOND, Micros

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32

#: The first wait after a failure, and the longest.
FIRST: Final[Micros] = 5 * SECOND
LONGEST: Final[Micros] = 3_600 * SECOND


def secret_text(secret: bytes) -> str:
    """A secret as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secret).decode()


def secret_bytes(text: str) -> bytes:
    """The inverse of `secret_text`; raises Malformed."""
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("webhook_secret", "A secret is whsec_ and base64") from None


def headers(
    secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three header fields of a notice, signed by each secret that is good now."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(each).decode()}" for each in signatures
        ),
    }


def wait(failures: int, chance: float) -> Micros:
    """How long to wait after so many failures in a row; `chance` in 0..1 spreads receivers out.

    Doubled each time up to an hour, and between half and the whole of that.
    """
    whole = min(FIRST * 2 ** min(max(failures, 1) - 1, 20), LONGEST)
    return int(whole * (0.5 + chance / 2))
