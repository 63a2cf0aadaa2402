"""Documents between members: JWS compact, read in numbered steps (PROTOCOL 3).

Standard library only; the signature check is passed in. Whether the key was valid for its purpose
at that time, who may be addressed, and what a type means, is decided by the caller.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hueandcry.core import strictjson
from hueandcry.core.errors import Malformed, TooLarge, Untrusted
from hueandcry.core.keys import (
    SIGNATURE_LENGTH,
    Sign,
    Verify,
    check_public_key,
)
from hueandcry.core.keys import is_small_order as is_small_order
from hueandcry.core.keys import key_id as key_id
from hueandcry.core.times import read_time, time_text
from hueandcry.core.types import Fingerprint, Micros

ALGORITHM = "Ed25519"  #: RFC 9864; the only one, so that nothing can be talked down
EVERYBODY = "*"  #: the audience of what may be passed on
MAX_DOCUMENT = 1 << 20  #: bytes

_MAX_HEADER = 512
_TYP = re.compile(r"hueandcry\.([a-z][a-z0-9-]{0,63})\.v1\+jws")
_KID = re.compile(r"([0-9a-f]{64})/([0-9a-f]{16})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_REQUIRED = frozenset({"agreement", "aud", "body", "iat", "id", "iss", "re", "v"})
_OPTIONAL = frozenset({"exercise"})


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose signature holds. `raw` is the record; the rest is for reading."""

    type: str
    kid: str
    id: UUID
    iss: Fingerprint
    aud: str  #: a fingerprint, or `EVERYBODY`
    iat: Micros
    v: int
    agreement: str | None  #: digest of the terms under which it is sent
    re: tuple[str, ...]  #: digests of the documents that it answers
    body: Mapping[str, Any]
    exercise: bool
    raw: bytes

    @property
    def digest(self) -> str:
        """Lower-case hex SHA-256 of the whole document: how others name it."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def iat_text(self) -> str:
        """`iat` exactly as the document spells it, since only one spelling is accepted."""
        return time_text(self.iat)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A well-formed document that nobody has vouched for: enough to find the key, no more."""

    type: str
    kid: str
    iss: Fingerprint
    _document: Document
    _signature: bytes

    @property
    def stated(self) -> Document:
        """What it says of itself, for the one kind that names its own key: a member's card."""
        return self._document

    @property
    def _message(self) -> bytes:
        return self._document.raw.rpartition(b".")[0]


def open_document(raw: bytes, *, max_bytes: int = MAX_DOCUMENT) -> Unverified:
    """The structure of a document, believed by nobody yet; Malformed or TooLarge."""
    # (1) Its size.
    if len(raw) > max_bytes:
        raise TooLarge("too_large", f"{len(raw)} bytes, a document has at most {max_bytes}")
    # (2) Exactly three base64url parts, each in its one right spelling.
    parts = raw.split(b".")
    if len(parts) != 3:
        raise Malformed("jws", f"A document has three parts, this has {len(parts)}")
    header, payload, signature = (_unbase64url(part) for part in parts)
    if len(signature) != SIGNATURE_LENGTH:
        raise Malformed("jws", f"A signature has {SIGNATURE_LENGTH} bytes")
    # (3) The header, without a member more or less.
    doc_type, kid = _read_header(header)
    # (4) The payload, its members and their forms.
    document = _read_payload(doc_type, kid, _canonical_object(payload, max_bytes), raw)
    return Unverified(doc_type, kid, document.iss, document, signature)


def verify_document(unverified: Unverified, *, key: bytes, verify: Verify) -> Document:
    """The document, when `key` is the public key that its `kid` names and the signature holds."""
    # (5) The key is one that can identify somebody, and the one that was named.
    check_public_key(key)
    if unverified.kid.rpartition("/")[2] != key_id(key):
        raise Untrusted("wrong_key", "The document names another key", do="Fetch the sender's card")
    # (6) The signature, over the bytes as they came.
    if not verify(key, unverified._signature, unverified._message):
        raise Untrusted("signature", "The signature of the document does not hold")
    return unverified._document


def sign_document(
    doc_type: str,
    payload: Mapping[str, Any],
    kid: str,
    sign: Sign,
    *,
    encode: Callable[[Any], bytes] = strictjson.canonical,
) -> bytes:
    """The document's bytes. What `open_document` would refuse is refused before it is signed."""
    header = {"alg": ALGORITHM, "kid": kid, "typ": f"hueandcry.{doc_type}.v1+jws"}
    message = _base64url(encode(header)) + b"." + _base64url(encode(dict(payload)))
    open_document(message + b"." + _base64url(bytes(SIGNATURE_LENGTH)))
    return message + b"." + _base64url(sign(message))


# --- header ------------------------------------------------------------------------------------


def _read_header(data: bytes) -> tuple[str, str]:
    """(type, kid); Malformed unless the header is exactly alg, kid and typ."""
    header = _canonical_object(data, _MAX_HEADER)
    if header.keys() != {"alg", "kid", "typ"}:
        raise Malformed("jws_header", "The header holds alg, kid and typ, and nothing else")
    if header["alg"] != ALGORITHM:
        raise Malformed("jws_alg", f"Documents are signed with {ALGORITHM} only")
    typ = _matched(_TYP, header["typ"], "jws_typ", "the type of a document of version 1")
    _matched(_KID, header["kid"], "jws_kid", "the name of a key")
    return typ[1], header["kid"]


# --- payload -----------------------------------------------------------------------------------


def _read_payload(doc_type: str, kid: str, payload: dict[str, Any], raw: bytes) -> Document:
    missing, unknown = _REQUIRED - payload.keys(), payload.keys() - _REQUIRED - _OPTIONAL
    if missing or unknown:
        wrong = ", ".join(ascii(name[:32]) for name in sorted(missing | unknown)[:4])
        raise Malformed("members", f"The document lacks or has too much: {wrong}")
    document = Document(
        type=doc_type,
        kid=kid,
        id=UUID(_matched(_UUID7, payload["id"], "id", "a UUIDv7")[0]),
        iss=_matched(_DIGEST, payload["iss"], "iss", "a fingerprint")[0],
        aud=_read_audience(payload["aud"], payload["agreement"]),
        iat=_read_iat(payload["iat"]),
        v=_read_version(payload["v"]),
        agreement=_read_agreement(payload["agreement"]),
        re=_read_answered(payload["re"]),
        body=_read_body(payload["body"]),
        exercise=_read_exercise(payload),
        raw=raw,
    )
    if kid.partition("/")[0] != document.iss:
        raise Malformed("iss", "The key belongs to another member than the issuer")
    return document


def _read_audience(aud: object, agreement: object) -> str:
    if aud != EVERYBODY:
        return _matched(_DIGEST, aud, "aud", "a fingerprint")[0]
    if agreement is not None:
        raise Malformed("agreement", "What is for everybody names no agreement")
    return EVERYBODY


def _read_iat(iat: object) -> Micros:
    if not isinstance(iat, str):
        raise Malformed("time", "iat is a time as text")
    return read_time(iat)


def _read_version(v: object) -> int:
    if type(v) is not int or v < 1:
        raise Malformed("v", "v is the version of the body, 1 or more")
    return v


def _read_agreement(agreement: object) -> str | None:
    return agreement if agreement is None else _digest(agreement, "agreement")


def _read_answered(answered: object) -> tuple[str, ...]:
    if not isinstance(answered, list):
        raise Malformed("re", "re is a list of digests")
    return tuple(_digest(each, "re") for each in answered)


def _read_body(body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise Malformed("body", "body is an object")
    return body


def _read_exercise(payload: Mapping[str, Any]) -> bool:
    # One spelling: a document that is no exercise does not have the member at all.
    if payload.get("exercise", True) is not True:
        raise Malformed("exercise", "exercise is true, or absent")
    return "exercise" in payload


def _digest(value: object, code: str) -> str:
    return _matched(_DIGEST, value, code, "a SHA-256 in lower-case hex")[0]


def _matched(form: re.Pattern[str], value: object, code: str, what: str) -> re.Match[str]:
    match = form.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Malformed(code, f"{ascii(value)[:80]} is not {what}")
    return match


# --- bytes -------------------------------------------------------------------------------------


def _canonical_object(data: bytes, max_bytes: int) -> dict[str, Any]:
    """The object whose RFC 8785 form these bytes are, and no other bytes."""
    value = strictjson.parse(data, max_bytes=max_bytes)
    if not isinstance(value, dict) or strictjson.canonical(value) != data:
        raise Malformed("not_canonical", "This is not an object in its RFC 8785 form")
    return value


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _unbase64url(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Malformed("base64url", "A part of the document is not base64url") from None
    # Spare bits could be set at will, which would give one document several digests.
    if _base64url(data) != text:
        raise Malformed("base64url", "A part of the document is not in its one right spelling")
    return data
