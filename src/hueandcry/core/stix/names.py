"""Ids that every node computes alike: claims, identities and STIX Cyber-observable Objects."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import msgspec

from hueandcry.core import jcs, strictjson
from hueandcry.core.ids import uuid5_fast
from hueandcry.core.types import NAMESPACE, Fingerprint

_encode = msgspec.json.Encoder().encode

#: Namespace of deterministic SCO ids (STIX 2.1 section 2.9).
SCO_NAMESPACE: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")


def claim_id(fingerprint: Fingerprint, source: str, kind: str, value: str, n: int) -> UUID:
    """UUIDv5 over JCS `[fingerprint, source, kind, value, n]` (PROTOCOL 4)."""
    # str(): an enumeration member is not a plain string to the fast encoder.
    name = [fingerprint, source, str(kind), value, n]
    if not 0 <= n <= strictjson.MAX_INTEGER or not value.isascii() or not source.isascii():
        return uuid5_fast(NAMESPACE, jcs.canonical(name))
    # In a list of ASCII texts and one small number nothing can be written in two ways.
    return uuid5_fast(NAMESPACE, _encode(name))


@lru_cache(maxsize=4_096)
def identity_id(fingerprint: Fingerprint) -> str:
    """The STIX id of a member: `identity--` and UUIDv5 of its fingerprint."""
    return f"identity--{uuid5_fast(NAMESPACE, fingerprint.encode())}"


def seat_identity_id(home: Fingerprint, code: str) -> str:
    """The STIX id of a guest: `identity--` and UUIDv5 of `<home>/<code>`."""
    return f"identity--{uuid5_fast(NAMESPACE, f'{home}/{code}'.encode())}"


def observable_id(kind: str, contributing: dict[str, Any]) -> str:
    """The deterministic id of an SCO of STIX type `kind` from its id-contributing properties."""
    return f"{kind}--{uuid5_fast(SCO_NAMESPACE, jcs.canonical(contributing))}"


def definition_id(name: str) -> str:
    """The id of one of our own extension definitions, such as `extension:claim:v1`."""
    return f"extension-definition--{uuid5_fast(NAMESPACE, name.encode())}"
