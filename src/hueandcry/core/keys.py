"""Ed25519 public keys as bytes: their short ids, and those that nobody may use.

Signing and checking are handed in as functions, so that rules need no cryptographic library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hueandcry.core.errors import Untrusted

Sign = Callable[[bytes], bytes]  #: message → 64-byte signature
Verify = Callable[[bytes, bytes, bytes], bool]  #: public key, signature, message → whether it holds

PUBLIC_LENGTH = 32
SIGNATURE_LENGTH = 64

_FIELD = 2**255 - 19
_SIGN_BIT = 1 << 255

#: The y of the eight points whose order divides 8 (RFC 8032 section 5.1); x has either sign.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            "little",
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            "little",
        ),
    }
)


def key_id(public: bytes) -> str:
    """The first 16 hex digits of SHA-256 of the public key (PROTOCOL, "Bytes")."""
    return hashlib.sha256(public).hexdigest()[:16]


def is_small_order(public: bytes) -> bool:
    """Whether the key is a point of order 1, 2, 4 or 8, in any of its encodings.

    Under such a key one signature holds for many messages, so it identifies nobody.
    """
    return _y(public) % _FIELD in _SMALL_ORDER_Y


def check_public_key(public: bytes) -> None:
    """Raises Untrusted unless this is 32 bytes, canonical, and of large order (PROTOCOL 1)."""
    if len(public) != PUBLIC_LENGTH:
        raise Untrusted("key_length", f"An Ed25519 key has 32 bytes, this one {len(public)}")
    if is_small_order(public):
        raise Untrusted(
            "small_order_key", "This public key is of small order", why="Anybody can sign for it"
        )
    if _y(public) >= _FIELD:
        raise Untrusted(
            "key_not_canonical",
            "This public key is a second spelling of another",
            why="RFC 8032 section 5.1.3",
        )


def _y(public: bytes) -> int:
    return int.from_bytes(public, "little") & (_SIGN_BIT - 1)
