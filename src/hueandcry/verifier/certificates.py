"""Certificates of time-stamping authorities (X.509, RFC 5280), as far as a policy names one.

What is trusted is a certificate by its digest: the authority's own, or one above it. Nothing else
in a chain is believed before the one above has signed it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.types import Micros
from hueandcry.verifier import der, signatures

_BASIC: Final = "2.5.29.19"
_USAGE: Final = "2.5.29.37"
_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
_MOST: Final = 16  #: certificates of one chain
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, read but trusted by nobody yet."""

    raw: bytes
    signed: bytes  #: what its signature is over
    serial: int
    issuer: bytes
    subject: bytes
    valid_from: Micros
    valid_to: Micros
    key: der.Value
    extensions: dict[str, tuple[bool, bytes]]  #: identifier → (critical, value)
    algorithm: der.Value
    signature: bytes

    @property
    def digest(self) -> str:
        """Lower-case hex SHA-256 of the whole."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def is_authority(self) -> bool:
        """Whether it may sign other certificates."""
        _, said = self.extensions.get(_BASIC, (False, b""))
        parts = der.read(said).parts() if said else []
        return bool(parts) and parts[0].tag == der.BOOLEAN and parts[0].content != b"\x00"

    @property
    def is_for_stamping(self) -> bool:
        """Whether it is for time-stamps and nothing else (RFC 3161 section 2.3)."""
        critical, said = self.extensions.get(_USAGE, (False, b""))
        return critical and [each.oid() for each in der.read(said).parts()] == [_STAMPING]

    @classmethod
    def read(cls, raw: bytes) -> Certificate:
        """Malformed for anything but a certificate of version 3."""
        try:
            return _certificate(der.read(raw).must(der.SEQUENCE))
        except (IndexError, ValueError):
            raise Malformed("certificate", "A certificate cannot be read") from None


def _certificate(whole: der.Value) -> Certificate:
    inner, algorithm, signature = whole.parts()
    parts = inner.must(der.SEQUENCE).parts()
    parts[0].must(der.context(0))
    serial, _, issuer, validity, subject, key, *rest = parts[1:]
    since, until = validity.parts()
    extensions = [each for each in rest if each.tag == der.context(3)]
    return Certificate(
        whole.raw,
        inner.raw,
        serial.integer(),
        issuer.raw,
        subject.raw,
        since.time(),
        until.time(),
        key,
        dict(map(_extension, extensions[0].parts()[0].parts())) if extensions else {},
        algorithm,
        signature.bits(),
    )


def _extension(said: der.Value) -> tuple[str, tuple[bool, bytes]]:
    name, *middle, value = said.parts()
    critical = bool(middle) and middle[0].must(der.BOOLEAN).content != b"\x00"
    return name.oid(), (critical, value.must(der.OCTETS).content)


def read_pem(data: bytes) -> list[Certificate]:
    """The certificates of a PEM file, in order."""
    found = _PEM.findall(data)
    if len(found) > _MOST:
        raise Malformed("certificate", f"There are more than {_MOST} certificates")
    return [Certificate.read(base64.b64decode(text)) for text in found]


def pinned(
    leaf: Certificate, others: Sequence[Certificate], trusted: Collection[str], at: Micros
) -> str:
    """The digest of the trusted certificate to which this one leads; Untrusted where there is none.

    Each on the way was valid at `at`, and signed by the next, which may sign certificates.
    """
    current = leaf
    for _ in range(_MOST):
        if not current.valid_from <= at <= current.valid_to:
            raise Untrusted("certificate", "A certificate was not valid at the stamped time")
        if current.digest in trusted:
            return current.digest
        above = next((each for each in others if _is_above(each, current)), None)
        if above is None:
            break
        current = above
    raise Untrusted(
        "stamp_unknown",
        f"The policy names no authority of the certificate {leaf.digest}",
        do="Give it a line `tsa`, if you trust this authority",
    )


def _is_above(upper: Certificate, lower: Certificate) -> bool:
    if upper.subject != lower.issuer or upper.raw == lower.raw or not upper.is_authority:
        return False
    return signatures.holds(upper.key, lower.algorithm, None, lower.signature, lower.signed)
