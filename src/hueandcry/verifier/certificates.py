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

from hueandcry.core import der
from hueandcry.core.der import Element, Fields
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.timestamps import Scheme, scheme_of, time_of
from hueandcry.core.types import Micros
from hueandcry.verifier import signatures

_BASIC: Final = "2.5.29.19"
_MOST: Final = 16  #: certificates of one chain
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, read but trusted by nobody yet."""

    raw: bytes
    signed: bytes  #: what its signature is over
    issuer: bytes
    subject: bytes
    valid_from: Micros
    valid_to: Micros
    key: bytes  #: SubjectPublicKeyInfo
    is_authority: bool  #: whether it may sign other certificates
    scheme: Scheme
    signature: bytes

    @property
    def digest(self) -> str:
        """Lower-case hex SHA-256 of the whole."""
        return hashlib.sha256(self.raw).hexdigest()

    @classmethod
    def read(cls, raw: bytes) -> Certificate:
        """Malformed or Untrusted for anything but a certificate in DER."""
        whole = Fields(der.read(raw))
        inner, algorithm = whole.take(der.SEQUENCE), whole.take(der.SEQUENCE)
        fields = Fields(inner)
        fields.maybe(der.context(0))  # version
        fields.take(der.INTEGER)
        fields.take(der.SEQUENCE)  # the algorithm once more
        issuer = fields.take(der.SEQUENCE).raw
        times = Fields(fields.take(der.SEQUENCE))
        since, until = time_of(times.take()), time_of(times.take())
        subject, key = fields.take(der.SEQUENCE).raw, fields.take(der.SEQUENCE).raw
        extensions = fields.maybe(der.context(3))
        listed = der.read(extensions.content).within() if extensions else []
        return cls(
            raw,
            inner.raw,
            issuer,
            subject,
            since,
            until,
            key,
            any(map(_is_of_authority, listed)),
            scheme_of(algorithm, ""),
            whole.take(der.BIT_STRING).content[1:],
        )


def _is_of_authority(extension: Element) -> bool:
    """Whether it is the one that says `CA:TRUE` (RFC 5280 section 4.2.1.9)."""
    fields = Fields(extension)
    if fields.take().name() != _BASIC:
        return False
    fields.maybe(der.BOOLEAN)  # critical
    said = Fields(der.read(fields.take().octets())).maybe(der.BOOLEAN)
    return said is not None and said.content != b"\x00"


def read_pem(data: bytes) -> list[bytes]:
    """The certificates of a PEM file in DER, in order."""
    found = _PEM.findall(data)
    if len(found) > _MOST:
        raise Malformed("certificate", f"There are more than {_MOST} certificates")
    try:
        return [base64.b64decode(b"".join(text.split()), validate=True) for text in found]
    except ValueError:
        raise Malformed("certificate", "A certificate is not base64") from None


def pinned(leaf: bytes, others: Sequence[bytes], trusted: Collection[str], at: Micros) -> str:
    """The digest of the trusted certificate to which this one leads; Untrusted where there is none.

    Each on the way was valid at `at`, and signed by the next, which may sign certificates.
    """
    current = Certificate.read(leaf)
    known = [Certificate.read(raw) for raw in others]
    for _ in range(_MOST):
        if not current.valid_from <= at <= current.valid_to:
            raise Untrusted("certificate", "A certificate was not valid at the stamped time")
        if current.digest in trusted:
            return current.digest
        above = next((each for each in known if _is_above(each, current)), None)
        if above is None:
            break
        current = above
    raise Untrusted(
        "stamp_unknown",
        f"The policy names no authority of the certificate {hashlib.sha256(leaf).hexdigest()}",
        do="Give it a line `tsa`, if you trust this authority",
    )


def _is_above(upper: Certificate, lower: Certificate) -> bool:
    if upper.subject != lower.issuer or upper.raw == lower.raw or not upper.is_authority:
        return False
    return signatures.holds(lower.scheme, upper.key, lower.signature, lower.signed)
