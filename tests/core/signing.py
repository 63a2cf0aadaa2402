"""Real Ed25519 for tests of rules that have the signature check passed in."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def private(seed: int) -> Ed25519PrivateKey:
    """The same key for the same seed, so that a failure can be repeated."""
    return Ed25519PrivateKey.from_private_bytes(bytes((seed,)) * 32)


def public(seed: int) -> bytes:
    return private(seed).public_key().public_bytes_raw()


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
