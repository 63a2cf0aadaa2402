"""Keys and claim ids in bulk: what `core` defines, with the constant part hashed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha1, sha256
from typing import Final

import msgspec

from hueandcry.core.normal.hosts import is_plain
from hueandcry.core.normal.suffixes import lineage
from hueandcry.core.normal.urls import paths, split
from hueandcry.core.stix import sco_id
from hueandcry.core.stix.names import SCO_NAMESPACE
from hueandcry.core.types import NAMESPACE, Fingerprint, Kind, Signal

_encode = msgspec.json.Encoder().encode

#: Byte 6 of a UUID with version 5, byte 8 with the RFC 9562 variant, for each byte of a digest.
_VERSION: Final = [bytes([byte & 0x0F | 0x50]) for byte in range(256)]
_VARIANT: Final = [bytes([byte & 0x3F | 0x80]) for byte in range(256)]


def key_maker(kind: str) -> Callable[[str], bytes]:
    """A function from a canonical value of `kind` to its signal key (`core.types.signal_key`)."""
    prefix = f"hueandcry/signal/v1\n{kind}\n".encode()

    def key(value: str) -> bytes:
        return sha256(prefix + value.encode()).digest()[:16]

    return key


_PARENT_HOSTS: Final = 4  # Safe Browsing v5, as in core.normal.lookups
_URL: Final = b"hueandcry/signal/v1\nurl\n"
_DOMAIN: Final = b"hueandcry/signal/v1\ndomain\n"


def domain_keys(names: Iterable[str]) -> list[bytes]:
    """The signal keys of domains."""
    return [sha256(_DOMAIN + name.encode()).digest()[:16] for name in names]


def url_keys(value: str) -> tuple[list[bytes], tuple[str, ...]]:
    """The keys of `core.normal.lookups` for a canonical url in its order, and its host's lineage.

    Without making the signals, which would take most of the time of a look-up.
    """
    prefix, host, tail = split(value)
    names = lineage(host) if is_plain(host) else ()
    if prefix:
        return [sha256(_URL + value.encode()).digest()[:16], *domain_keys(names)], names
    tails = [path.encode() for path in paths(tail)]
    start = _URL + host.encode()
    keys = [sha256(start + path).digest()[:16] for path in tails]
    first_parent = max(1, len(names) - _PARENT_HOSTS)
    for place, name in enumerate(names):
        host_name = name.encode()
        if place >= first_parent:
            start = _URL + host_name
            keys += [sha256(start + path).digest()[:16] for path in tails]
        keys.append(sha256(_DOMAIN + host_name).digest()[:16])
    return keys, names


def claim_id_maker(fingerprint: Fingerprint, source: str, kind: str) -> Callable[[str, int], bytes]:
    """A function from (value, n) to the 16 bytes of `core.stix.claim_id`."""
    opening = _encode([fingerprint, source, kind])[:-1] + b","
    prefix = NAMESPACE.bytes + opening

    def claim_id(value: str, n: int) -> bytes:
        name = prefix + _encode(value) + b",%d]" % n
        d = sha1(name, usedforsecurity=False).digest()
        return d[:6] + _VERSION[d[6]] + d[7:8] + _VARIANT[d[8]] + d[9:16]

    return claim_id


def observable_id(kind: Kind, value: str) -> str:
    """`core.stix.sco_id`, faster for the two kinds that machines ask about most."""
    if kind is Kind.DOMAIN:
        return "domain-name--" + _value_uuid(value)
    if kind is Kind.URL and "://" not in value:
        return "url--" + _value_uuid("https://" + value)
    return sco_id(Signal(kind, value))


def _value_uuid(value: str) -> str:
    """The text of the UUIDv5 over JCS `{"value": value}` in the namespace of SCOs."""
    d = sha1(_VALUE + _encode(value) + b"}", usedforsecurity=False).digest()
    h = (d[:6] + _VERSION[d[6]] + d[7:8] + _VARIANT[d[8]] + d[9:16]).hex()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


_VALUE: Final = SCO_NAMESPACE.bytes + b'{"value":'
