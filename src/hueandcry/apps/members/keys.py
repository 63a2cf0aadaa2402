"""Public keys of members, as their cards named them."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.members import queries
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class KeyView:
    """A public key with all that decides whether its signatures stand."""

    public: bytes
    valid_from: Micros
    valid_to: Micros
    compromised_since: Micros | None
    revoked_at: Micros | None = None


def keys_of(fingerprint: Fingerprint, purpose: str) -> list[KeyView]:
    """Every key that a member's cards ever named for a purpose, the newest first."""
    row = queries.by_fingerprint(fingerprint)
    found = queries.keys(row, purpose) if row else []
    return [
        KeyView(k.public, k.valid_from, k.valid_to, k.compromised_since, k.revoked_at)
        for k in found
    ]


def log_keys(fingerprint: Fingerprint) -> list[bytes]:
    """Every `log` key that a member's cards ever named: what its checkpoints may be signed by."""
    row = queries.by_fingerprint(fingerprint)
    return [key.public for key in queries.keys(row, "log")] if row else []
