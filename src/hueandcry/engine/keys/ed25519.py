"""Ed25519 (RFC 8032) on OpenSSL: keys are 32 bytes, signatures 64, and a bad one is just False."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.keys import SIGNATURE_LENGTH, check_public_key, key_id

SEED_LENGTH = 32


class PrivateKey:
    """A signing key. It shows its id and never its seed; any thread may sign with it."""

    __slots__ = ("_key", "key_id", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_LENGTH:
            raise Malformed("key_seed", f"An Ed25519 seed has {SEED_LENGTH} bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._key.public_key().public_bytes_raw()
        self.key_id: str = key_id(self.public)

    def __repr__(self) -> str:
        return f"<PrivateKey {self.key_id}>"

    def __reduce__(self) -> str:
        raise TypeError("a private key is written by the keyring only")

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for sealing and for the root files."""
        return self._key.private_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the one signature that this key has for this message."""
        return self._key.sign(message)


def generate() -> PrivateKey:
    """A new key from the operating system's random source."""
    return PrivateKey(Ed25519PrivateKey.generate().private_bytes_raw())


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is by the holder of `public`; False for keys and bytes of wrong form too.

    Keys of small order are refused: under these, one signature fits many messages.
    """
    if len(signature) != SIGNATURE_LENGTH:
        return False
    loaded = _loaded(bytes(public))
    if loaded is None:
        return False
    try:
        loaded.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4_096)
def _loaded(public: bytes) -> Ed25519PublicKey | None:
    """None: not a key that proves anything. The cache is safe between threads."""
    try:
        check_public_key(public)
    except Untrusted:
        return None
    return Ed25519PublicKey.from_public_bytes(public)
