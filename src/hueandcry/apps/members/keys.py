"""Public keys of members, as their cards named them."""

from __future__ import annotations

from dataclasses import dataclass

from hueandcry.apps.members import queries
from hueandcry.apps.members.models import Key
from hueandcry.core.types import Fingerprint, Micros


@dataclass(frozen=True, slots=True)
class KeyView:
    """A public key with all that decides whether its signatures stand."""

    public: bytes
    valid_from: Micros
    valid_to: Micros
    compromised_since: Micros | None
    revoked_at: Micros | None = None


def shown(row: Key) -> KeyView:
    """A key as it is kept, for those who ask."""
    times = (row.valid_from, row.valid_to, row.compromised_since, row.revoked_at)
    return KeyView(row.public, *times)


def keys_of(fingerprint: Fingerprint, purpose: str) -> list[KeyView]:
    """Every key that a member's cards ever named for a purpose, the newest first."""
    return [shown(row) for row in queries.keys_of(fingerprint, purpose)]


def log_keys(fingerprint: Fingerprint) -> list[bytes]:
    """Every `log` key that a member's cards ever named: what its checkpoints may be signed by."""
    return [row.public for row in queries.keys_of(fingerprint, "log")]
