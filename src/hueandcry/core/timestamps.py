"""Time-stamps of RFC 3161: the request for a digest, and what a reply proves about it.

Standard library only; the signature check is passed in. `check_reply` says that the holder of the
certificate in the reply has signed that it saw the digest at a time. Whether anybody trusts that
certificate is for the reader's policy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hueandcry.core import der
from hueandcry.core.der import Element, Fields
from hueandcry.core.errors import Malformed, Untrusted
from hueandcry.core.times import read_rfc3339
from hueandcry.core.types import Micros

MAX_REPLY = 1 << 18  #: bytes: a chain of certificates is some thousand

SHA256 = "2.16.840.1.101.3.4.2.1"
_HASHES = {
    "1.3.14.3.2.26": "sha1",
    SHA256: "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
#: Algorithm of a signature → (scheme, hash where the algorithm says it).
_SCHEMES = {
    "1.2.840.113549.1.1.1": ("rsa", ""),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "1.3.101.112": ("ed25519", "sha512"),
}
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_EXTENDED_KEY_USAGE = "2.5.29.37"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a signature was made: `rsa` (PKCS #1 v1.5), `ecdsa` or `ed25519`, over which hash."""

    name: str
    hash: str


#: (scheme, SubjectPublicKeyInfo in DER, signature, message) → whether it holds
VerifyWith = Callable[[Scheme, bytes, bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Token:
    """What a time-stamp says: this digest was there at this time, as this authority saw."""

    digest: bytes
    at: Micros
    serial: int
    policy: str
    certificate: bytes  #: of its signer, in DER
    certificates: tuple[bytes, ...]  #: all that came with it, or stood beside it

    @property
    def authority(self) -> str:
        """SHA-256 of the signer's certificate, in hex: what a policy names."""
        return hashlib.sha256(self.certificate).hexdigest()


def request(digest: bytes, nonce: int) -> bytes:
    """A TimeStampReq for a SHA-256 digest, with the signer's certificate in the reply."""
    if len(digest) != hashlib.sha256().digest_size:
        raise Malformed("digest", "A time-stamp is asked for over a SHA-256 digest")
    algorithm = der.element(der.SEQUENCE, der.identifier(SHA256), der.element(der.NULL))
    imprint = der.element(der.SEQUENCE, algorithm, der.element(der.OCTET_STRING, digest))
    certificates = der.element(der.BOOLEAN, b"\xff")
    return der.element(der.SEQUENCE, der.integer(1), imprint, der.integer(nonce), certificates)


def check_reply(
    reply: bytes,
    digest: bytes,
    nonce: int | None,
    verify: VerifyWith,
    beside: Sequence[bytes] = (),
) -> Token:
    """The time-stamp in a TimeStampResp, when it is signed and about this digest; or raises.

    `nonce` is the one that was asked with; a reader who did not ask gives None. `beside` are
    certificates, in DER, for a reply that came without its signer's. Raises Malformed, or Untrusted
    with code `stamp_refused`, `stamp_signature`, `stamp_certificate`, `stamp_imprint` or
    `stamp_nonce`.
    """
    if len(reply) > MAX_REPLY:
        raise Malformed("stamp", f"A time-stamp has at most {MAX_REPLY} bytes")
    # 1. The authority granted it.
    signed = Fields(_signed_data(der.read(reply)))
    signed.take(der.INTEGER)
    signed.take(der.SET)
    # 2. It is a time-stamp and no other signed thing.
    info = _encapsulated(signed.take(der.SEQUENCE))
    came = (each.raw for each in _set(signed.maybe(der.context(0))))
    certificates = (*came, *beside)
    signed.maybe(der.context(1))
    signers = signed.take(der.SET).within()
    if len(signers) != 1:
        raise _untrusted("signature", "a time-stamp has one signer (RFC 3161, 2.4.2)")
    # 3. Whoever signed it is in it, may sign times, and did.
    certificate = _check_signer(Fields(signers[0]), info, certificates, verify)
    token, said = _read_info(info, certificate.raw, certificates)
    # 4. It is about this digest.
    if token.digest != digest:
        raise _untrusted("imprint", "it is about other bytes")
    # 5. It answers this request.
    if nonce is not None and said != nonce:
        raise _untrusted("nonce", "it answers another request")
    # 6. It was made while the certificate was good.
    if not certificate.valid_from <= token.at <= certificate.valid_to:
        raise _untrusted("certificate", "the certificate was not valid at that time")
    return token


def _untrusted(code: str, why: str) -> Untrusted:
    return Untrusted(f"stamp_{code}", "The time-stamp does not hold", why=why)


def _signed_data(reply: Element) -> Element:
    fields = Fields(reply)
    status = fields.take(der.SEQUENCE).within()
    if not status or status[0].number() not in (0, 1):
        text = b" ".join(each.content for each in status[1:2])[:200]
        raise _untrusted("refused", f"the authority refused it: {text!a}")
    content = Fields(fields.take(der.SEQUENCE))
    if content.take().name() != _SIGNED_DATA:
        raise Malformed("stamp", "The reply holds no signed data")
    return der.read(content.take(der.context(0)).content)


def _encapsulated(element: Element) -> bytes:
    content = Fields(element)
    if content.take().name() != _TST_INFO:
        raise Malformed("stamp", "What is signed is no time-stamp")
    return der.read(content.take(der.context(0)).content).octets()


def _set(element: Element | None) -> list[Element]:
    return element.within() if element else []


def _read_info(
    raw: bytes, certificate: bytes, certificates: tuple[bytes, ...]
) -> tuple[Token, int | None]:
    """The TSTInfo, and its nonce."""
    fields = Fields(der.read(raw))
    fields.take(der.INTEGER)
    policy = fields.take().name()
    imprint = Fields(fields.take(der.SEQUENCE))
    if _algorithm(imprint.take(der.SEQUENCE)) != SHA256:
        raise _untrusted("imprint", "it is over another hash than SHA-256")
    digest, serial = imprint.take().octets(), fields.take().number()
    at = time_of(fields.take(der.GENERALIZED_TIME))
    fields.maybe(der.SEQUENCE)  # accuracy
    fields.maybe(der.BOOLEAN)  # ordering
    nonce = fields.maybe(der.INTEGER)
    token = Token(digest, at, serial, policy, certificate, certificates)
    return token, nonce.number() if nonce else None


def _algorithm(element: Element) -> str:
    return Fields(element).take().name()


def time_of(element: Element) -> Micros:
    """A GeneralizedTime or UTCTime in UTC; Malformed."""
    text = element.content.decode("ascii", "replace")
    if element.tag == der.UTC_TIME:  # RFC 5280 section 4.1.2.5.1
        text = ("20" if text[:2] < "50" else "19") + text
    date, clock = text[:8], text[8:]
    spelled = f"{date[:4]}-{date[4:6]}-{date[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return read_rfc3339(spelled)


# --- who signed it --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Certificate:
    raw: bytes
    issuer: bytes
    serial: int
    key: bytes  #: SubjectPublicKeyInfo
    valid_from: Micros
    valid_to: Micros
    stamps: bool  #: it is for time-stamps and for nothing else


def _certificate(raw: bytes) -> _Certificate:
    """What RFC 5280 puts into a certificate, as far as a time-stamp needs it."""
    fields = Fields(Fields(der.read(raw)).take(der.SEQUENCE))
    fields.maybe(der.context(0))  # version
    serial = fields.take().number()
    fields.take(der.SEQUENCE)  # signature algorithm
    issuer = fields.take(der.SEQUENCE).raw
    begin, end = fields.take(der.SEQUENCE).within()
    fields.take(der.SEQUENCE)  # subject
    key = fields.take(der.SEQUENCE).raw
    extensions = fields.maybe(der.context(3))
    listed = der.read(extensions.content).within() if extensions else []
    stamps = any(_is_for_stamps(each) for each in listed)
    return _Certificate(raw, issuer, serial, key, time_of(begin), time_of(end), stamps)


def _is_for_stamps(extension: Element) -> bool:
    fields = Fields(extension)
    if fields.take().name() != _EXTENDED_KEY_USAGE:
        return False
    fields.maybe(der.BOOLEAN)
    usages = [each.name() for each in der.read(fields.take().octets()).within()]
    return usages == [_TIME_STAMPING]


def _check_signer(
    signer: Fields, info: bytes, certificates: tuple[bytes, ...], verify: VerifyWith
) -> _Certificate:
    """The certificate of whoever signed the TSTInfo; raises Untrusted."""
    signer.take(der.INTEGER)
    signer.take()  # who it says it is: the signed attributes bind the certificate
    hashed = _hash(signer.take(der.SEQUENCE))
    signed = signer.take(der.context(0))
    scheme = scheme_of(signer.take(der.SEQUENCE), hashed)
    signature = signer.take().octets()
    attributes = _attributes(signed)
    if attributes[_CONTENT_TYPE].name() != _TST_INFO:
        raise _untrusted("signature", "what is signed is of another type")
    if attributes[_MESSAGE_DIGEST].octets() != hashlib.new(hashed, info).digest():
        raise _untrusted("signature", "the signature is over another time-stamp")
    found = _bound(attributes, certificates)
    # RFC 5652 section 5.4: signed is the SET itself, not its implicit tag.
    message = der.element(der.SET, signed.content)
    if not verify(scheme, found.key, signature, message):
        raise _untrusted("signature", "the signature does not hold")
    if not found.stamps:
        raise _untrusted("certificate", "the certificate is not for time-stamps alone (2.3)")
    return found


def _hash(element: Element) -> str:
    name = _HASHES.get(_algorithm(element), "")
    if name in ("", "sha1"):
        raise _untrusted("signature", "it is signed over a hash that is not trusted here")
    return name


def scheme_of(element: Element, hashed: str) -> Scheme:
    """The scheme of an AlgorithmIdentifier; `hashed` where it names no hash. Raises Untrusted."""
    found = _SCHEMES.get(_algorithm(element))
    if found is None:
        raise _untrusted("signature", f"the algorithm {_algorithm(element)} is not known here")
    return Scheme(found[0], found[1] or hashed)


def _attributes(signed: Element) -> dict[str, Element]:
    """Type → its one value; the three that RFC 3161 and 5816 ask for are there."""
    found = {}
    for each in signed.within():
        fields = Fields(each)
        name = fields.take().name()
        values = fields.take(der.SET).within()
        if len(values) == 1:
            found[name] = values[0]
    binds = found.keys() & {_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2}
    if not binds or not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= found.keys():
        raise _untrusted("signature", "it does not say which certificate signed it")
    return found


def _bound(attributes: dict[str, Element], certificates: tuple[bytes, ...]) -> _Certificate:
    """The certificate that the signed attributes name by its hash (RFC 2634, RFC 5816)."""
    newer = attributes.get(_SIGNING_CERTIFICATE_V2)
    named = newer or attributes[_SIGNING_CERTIFICATE]
    first = Fields(Fields(Fields(named).take(der.SEQUENCE)).take(der.SEQUENCE))
    algorithm = first.maybe(der.SEQUENCE) if newer else None
    hashed = _hash(algorithm) if algorithm else "sha256" if newer else "sha1"
    digest = first.take().octets()
    for raw in certificates:
        if hashlib.new(hashed, raw).digest() == digest:
            return _certificate(raw)
    raise _untrusted("certificate", "the certificate of its signer did not come with it")
