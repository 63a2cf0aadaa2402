"""Check 8: a time-stamp (RFC 3161, RFC 5816) over the cosigned checkpoint, by a trusted authority.

All of it in pure Python: the token is read, its signature is verified, and its certificate is one
that the policy names by digest, or leads to one. No list of revoked certificates is fetched.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hueandcry.core import packages
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.policies import Policy
from hueandcry.core.times import time_text
from hueandcry.core.types import Micros
from hueandcry.verifier import certificates, der, signatures
from hueandcry.verifier.certificates import Certificate
from hueandcry.verifier.contents import Contents
from hueandcry.verifier.results import NotCheckedError

MAX_STAMP: Final = 1 << 18  #: bytes

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_STAMP_INFO: Final = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNER_V1: Final = "1.2.840.113549.1.9.16.2.12"
_SIGNER_V2: Final = "1.2.840.113549.1.9.16.2.47"
_BY_ISSUER: Final = 1
_BY_KEY: Final = 3
_KEY_IDENTIFIER: Final = 0x80
_GRANTED: Final = (0, 1)
_STAMPS = re.compile(r"provenance/checkpoint(?:-[1-9][0-9]?)?\.tsr")


@dataclass(frozen=True, slots=True)
class Token:
    """A time-stamp token, read but believed by nobody yet."""

    info: bytes  #: the TSTInfo, over which the signature goes
    imprint_hash: str
    imprint: bytes
    at: Micros
    certificates: Sequence[Certificate]
    signer: der.Value

    @classmethod
    def read(cls, raw: bytes) -> Token:
        """The token of a reply, or a bare one; Malformed for anything else."""
        try:
            return _token(_bare(der.read(raw).must(der.SEQUENCE)))
        except (IndexError, ValueError):
            raise Malformed("stamp", "This is no time-stamp") from None


def check(contents: Contents, stamped: bytes, policy: Policy | None) -> tuple[Micros, str]:
    """(8) When a trusted authority stamped the checkpoint; NotCheckedError without a stamp."""
    names = sorted(path for path in contents.files if _STAMPS.fullmatch(path))
    if not names:
        raise NotCheckedError("no_stamp", "There is no time-stamp in the package")
    if policy is None or not policy.authorities:
        raise NotCheckedError("no_authority", "The policy names no time-stamping authority (`tsa`)")
    chain = _chain(contents)
    first: tuple[Micros, str] | None = None
    unknown: Untrusted | None = None
    for name in names:
        token = Token.read(contents.read(name, MAX_STAMP))
        try:
            by = _verify(token, stamped, chain, policy)
        except Untrusted as wrong:
            if wrong.code != "stamp_unknown":
                raise
            unknown = wrong  # one of several authorities need not be trusted here
            continue
        first = min(first or (token.at, by), (token.at, by))
    if first is None:
        raise unknown or NotCheckedError("no_stamp", "There is no time-stamp in the package")
    return first[0], f"{first[1]} stamped the last checkpoint at {time_text(first[0])}"


def _chain(contents: Contents) -> list[Certificate]:
    if packages.STAMP_CHAIN not in contents.files:
        return []
    return certificates.read_pem(contents.read(packages.STAMP_CHAIN, MAX_STAMP))


def _verify(token: Token, stamped: bytes, chain: Sequence[Certificate], policy: Policy) -> str:
    """The name of the authority that stamped these bytes."""
    # (a) It is over these bytes.
    if hashlib.new(token.imprint_hash, stamped).digest() != token.imprint:
        raise Untrusted("stamp_other", "The time-stamp is over something else than the checkpoint")
    # (b) Whoever signed it says which certificate is meant, and that is one for time-stamps.
    held = [*token.certificates, *chain]
    signer = _signer(token, held)
    if not signer.is_for_stamping:
        raise Untrusted("stamp_signer", "Its certificate is not for time-stamps")
    # (c) The signature holds, over what the token says.
    _check_signature(token, signer)
    # (d) The policy trusts that certificate, or one above it.
    digest = certificates.pinned(signer, held, policy.authorities, token.at)
    return policy.authorities[digest]


# --- the token ------------------------------------------------------------------------------------


def _bare(value: der.Value) -> der.Value:
    """The ContentInfo, out of a TimeStampResp where it stands in one."""
    parts = value.parts()
    if parts[0].tag == der.OID:
        return value
    status = parts[0].parts()[0].integer()
    if status not in _GRANTED or len(parts) < 2:
        raise Malformed("stamp", f"The authority refused to stamp (status {status})")
    return parts[1]


def _token(info: der.Value) -> Token:
    kind, wrapped = info.must(der.SEQUENCE).parts()
    if kind.oid() != _SIGNED_DATA:
        raise Malformed("stamp", "A time-stamp is signed data")
    _, _, inner, *rest = wrapped.must(der.context(0)).parts()[0].parts()
    content_kind, content = inner.parts()
    if content_kind.oid() != _STAMP_INFO:
        raise Malformed("stamp", "The signed data are no time-stamp")
    said = content.must(der.context(0)).parts()[0].must(der.OCTETS).content
    held = [each for each in rest if each.tag == der.context(0)]
    (signer,) = rest[-1].must(der.SET).parts()
    _, _, imprint, _, at, *_ = der.read(said).must(der.SEQUENCE).parts()
    algorithm, digest = imprint.parts()
    return Token(
        said,
        _hash(algorithm),
        digest.must(der.OCTETS).content,
        at.must(der.GENERALIZED_TIME).time(),
        [Certificate.read(each.raw) for each in (held[0].parts() if held else [])],
        signer,
    )


def _hash(algorithm: der.Value) -> str:
    name = signatures.HASHES.get(algorithm.must(der.SEQUENCE).parts()[0].oid())
    if name is None:
        raise Malformed("stamp_hash", "The time-stamp has a hash that is not SHA-256, 384 or 512")
    return name


def _attributes(token: Token) -> tuple[der.Value, dict[str, der.Value]]:
    """The signed attributes as they came, and the one value of each."""
    signed = token.signer.parts()[3].must(der.context(0))
    said = {}
    for attribute in signed.parts():
        name, values = attribute.parts()
        (said[name.oid()],) = values.must(der.SET).parts()
    return signed, said


def _signer(token: Token, held: Sequence[Certificate]) -> Certificate:
    """The certificate that the signed attributes name by its digest."""
    try:
        _, said = _attributes(token)
        named = said.get(_SIGNER_V2)
        if named is None:
            raise Untrusted(
                "stamp_signer",
                "The time-stamp does not name its certificate by SHA-256",
                why="RFC 5816; an older form names it by SHA-1"
                if _SIGNER_V1 in said
                else "RFC 3161 asks for it",
            )
        identifier = named.parts()[0].parts()[0].parts()
    except (IndexError, ValueError):
        raise Malformed("stamp", "The time-stamp does not say who signed it") from None
    name = "sha256" if identifier[0].tag == der.OCTETS else _hash(identifier[0])
    digest = next(each.content for each in identifier if each.tag == der.OCTETS)
    for certificate in held:
        if hashlib.new(name, certificate.raw).digest() == digest:
            return certificate
    raise Untrusted(
        "stamp_certificate",
        "The certificate of the authority is not in the package",
        do="It belongs into provenance/tsa-chain.pem",
    )


def _check_signature(token: Token, signer: Certificate) -> None:
    try:
        signed, said = _attributes(token)
        parts = token.signer.must(der.SEQUENCE).parts()
        _check_named(parts[0].integer(), parts[1], signer)
        name, algorithm, signature = _hash(parts[2]), parts[4], parts[5].must(der.OCTETS)
        kind, digest = said[_CONTENT_TYPE].oid(), said[_MESSAGE_DIGEST].must(der.OCTETS).content
    except (IndexError, KeyError, ValueError):
        raise Malformed("stamp", "The signature of the time-stamp cannot be read") from None
    if kind != _STAMP_INFO or digest != hashlib.new(name, token.info).digest():
        raise Untrusted("stamp_signature", "The time-stamp was changed after it was signed")
    # Signed is the SET, though it travels as [0] (RFC 5652 section 5.4).
    message = bytes((der.SET,)) + signed.raw[1:]
    if not signatures.holds(signer.key, algorithm, name, signature.content, message):
        raise Untrusted("stamp_signature", "The signature of the time-stamp does not hold")


def _check_named(version: int, name: der.Value, signer: Certificate) -> None:
    """Raises Untrusted unless what stands before the signature names the same certificate.

    In version 1 that is issuer and number; in version 3 an identifier of its key, which says
    nothing that the signed digest of the certificate does not.
    """
    if version == _BY_KEY and name.tag == _KEY_IDENTIFIER:
        return
    issuer, serial = name.must(der.SEQUENCE).parts()
    if version != _BY_ISSUER or (issuer.raw, serial.integer()) != (signer.issuer, signer.serial):
        raise Untrusted("stamp_signer", "The time-stamp names two certificates")
