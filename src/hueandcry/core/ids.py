"""Identifiers: UUIDv7 for documents, UUIDv5 for what must come out the same everywhere."""

from __future__ import annotations

from hashlib import sha1
from uuid import UUID

from hueandcry.core.errors import Malformed
from hueandcry.core.types import Micros

_VARIANT = 0b10 << 62
_VERSION_AND_VARIANT = 0xF << 76 | 0b11 << 62
_RANDOM_LENGTH = 10


def uuid7(micros: Micros, random: bytes) -> UUID:
    """A UUIDv7 (RFC 9562 section 5.7): milliseconds of `micros`, then 74 of the 80 random bits."""
    millis = micros // 1000
    if not 0 <= millis < 1 << 48:
        raise Malformed("time", f"{micros} microseconds have no UUIDv7")
    if len(random) != _RANDOM_LENGTH:
        raise Malformed("random", f"A UUIDv7 takes {_RANDOM_LENGTH} random bytes")
    bits = int.from_bytes(random, "big")
    return UUID(int=millis << 80 | (bits & ~_VERSION_AND_VARIANT) | 7 << 76 | _VARIANT)


def uuid7_millis(identifier: UUID) -> int:
    """The milliseconds since 1970 that a UUIDv7 states."""
    return identifier.int >> 80


def uuid5_fast(namespace: UUID, name: bytes) -> UUID:
    """The UUIDv5 (RFC 9562 section 5.5) of bytes, where the standard library takes only text."""
    digest = sha1(namespace.bytes + name, usedforsecurity=False).digest()
    bits = int.from_bytes(digest[:16], "big")
    return UUID(int=(bits & ~_VERSION_AND_VARIANT) | 5 << 76 | _VARIANT)
