"""Signed calls of the peer door: one fixed profile of RFC 9421 and RFC 9530 (PROTOCOL 2).

A call is refused unless all of this holds, in this order:

1.  it carries exactly one signature, under one label, in canonical structured-field text;
2.  the signature covers the components of the profile, each once, and no others;
3.  its parameters are those of the profile, each once, and `alg`, if stated, is `ed25519`;
4.  its tag is ours, its nonce is 128 bits, and it lives for at most 300 seconds;
5.  the body is not content-encoded, and has exactly the one SHA-256 digest that is stated;
6.  the key that `keyid` selects is not of small order, and the signature verifies under it;
7.  our clock lies within its life. Last, so that only the holder of the key can learn this.

Whether a nonce was seen before is the caller's to know. Nothing here reads a clock or the network.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hueandcry.core.errors import ClockOff, Malformed, Untrusted
from hueandcry.core.keys import Sign, Verify, check_public_key
from hueandcry.core.signature_fields import StatedSignature, read_fields, read_signature
from hueandcry.core.types import SECOND, Micros

TAG = "hueandcry-peer-v1"
LABEL = "sig"
NONCE_BYTES = 16
LIFETIME_MIN = 60  #: seconds; a shorter life would be eaten by the way and the skew
LIFETIME_MAX = 300  #: seconds (PROTOCOL 2)
SKEW: Micros = 30 * SECOND  #: how far two clocks that count as right may lie apart

KeyFor = Callable[[str], bytes]  #: keyid → public key; raises a HueError when there is none

_CALL = ('"@method"', '"@authority"', '"@path"', '"@query"', '"content-digest"')
_TYPE = '"content-type"'
_ANSWER = ('"@status"', '"content-digest"', '"signature";req')
_CALL_PARAMETERS = frozenset({"created", "expires", "nonce", "keyid", "tag"})
_ANSWER_PARAMETERS = frozenset({"created", "keyid", "tag"})

_DIGEST = re.compile(r"sha-256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:")
_NONCE = re.compile(r"[0-9a-f]{32}")
_KEYID = re.compile(r"[!#-\[\]-~]{1,200}")

_METHOD = re.compile(r"[A-Z]{1,20}")
_AUTHORITY = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?")
_PATH = re.compile(r"/[!-\"$->@-~]*")
_QUERY = re.compile(r"\?[!-\"$-~]*")
_TEXT = re.compile(r"[!-~](?:[ -~]*[!-~])?")


@dataclass(frozen=True, slots=True)
class Call:
    """What one request is: its target as sent, and under which name the server is configured.

    `authority` is host or host:port in lower case, without a default port; `path` and `query` keep
    their percent-encoding; `query` starts with `?` and is `?` alone when empty (RFC 9421, 2.2.7).
    Raises Malformed when a part could not stand in a request line.
    """

    method: str
    authority: str
    path: str
    query: str = "?"
    body: bytes | None = None
    content_type: str | None = None

    def __post_init__(self) -> None:
        for name, pattern in _PARTS:
            if not pattern.fullmatch(getattr(self, name)):
                raise Malformed("call_target", f"The {name} of this call is not in its form")
        if self.content_type is not None and not _TEXT.fullmatch(self.content_type):
            raise Malformed("call_content_type", "The content type of this call is not plain text")
        if self.body and self.content_type is None:
            raise Malformed("call_content_type", "This call has a body but no content type")

    @property
    def components(self) -> tuple[str, ...]:
        """The identifiers that a signature of this call covers (PROTOCOL 2)."""
        return (*_CALL, _TYPE) if self.body else _CALL

    def _values(self, digest: str) -> dict[str, str]:
        return {
            '"@method"': self.method,
            '"@authority"': self.authority,
            '"@path"': self.path,
            '"@query"': self.query,
            '"content-digest"': digest,
            _TYPE: self.content_type or "",
        }


_PARTS = (("method", _METHOD), ("authority", _AUTHORITY), ("path", _PATH), ("query", _QUERY))


@dataclass(frozen=True, slots=True)
class VerifiedCall:
    """What a signature that holds says: times in seconds since 1970, `signature` as received.

    The caller refuses a nonce that this key used before, and then keeps it until `forget_after`.
    """

    keyid: str
    nonce: bytes
    created: int
    expires: int
    signature: str
    forget_after: Micros


@dataclass(frozen=True, slots=True)
class VerifiedResponse:
    """Who answered, and when by its own clock, in seconds since 1970."""

    keyid: str
    created: int


def content_digest(body: bytes | None) -> str:
    """The `Content-Digest` of a body, one SHA-256 entry (RFC 9530); no body is the empty one."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body or b'').digest()).decode()}:"


def sign_call(
    call: Call,
    *,
    keyid: str,
    sign: Sign,
    created: int,
    nonce: bytes,
    lifetime: int = LIFETIME_MAX,
) -> dict[str, str]:
    """The three header fields that sign `call` for `lifetime` seconds (60 to 300) from `created`.

    Raises Malformed for a lifetime, nonce or keyid that no receiver would take.
    """
    if len(nonce) != NONCE_BYTES or not LIFETIME_MIN <= lifetime <= LIFETIME_MAX:
        raise Malformed("call_lifetime", "A call takes a nonce of 16 bytes and 60 to 300 seconds")
    digest = content_digest(call.body)
    parameters = (
        f';created={created};expires={created + lifetime};nonce="{nonce.hex()}"'
        f';keyid="{_checked_keyid(keyid)}";tag="{TAG}"'
    )
    return _signed(call.components, call._values(digest), parameters, sign, digest)


def verify_call(
    call: Call,
    headers: Mapping[str, str],
    *,
    at: Micros,
    key_for: KeyFor,
    verify: Verify,
    skew: Micros = SKEW,
) -> VerifiedCall:
    """Believes `call` or raises; `headers` has lower-case names, repeated fields joined by commas.

    Raises Malformed, TooLarge, Untrusted or ClockOff, each step of the module's list with its own
    code, and whatever `key_for` raises for a key that it does not know.
    """
    stated = read_fields(headers)
    _check_covered(stated.covered, call.components)
    _check_parameters(stated, _CALL_PARAMETERS)
    nonce, created, expires = _check_life(stated)
    digest = _check_body(call.body, headers)
    keyid = _check_signature(stated, call._values(digest), key_for, verify)
    _check_clock(created, expires, at, skew)
    forget_after = expires * SECOND + skew
    return VerifiedCall(keyid, nonce, created, expires, headers["signature"], forget_after)


def sign_response(
    status: int, body: bytes, *, request_signature: str, keyid: str, sign: Sign, created: int
) -> dict[str, str]:
    """The three header fields that bind an answer to the `Signature` field of its request.

    Raises Malformed when that field is not a signature, so that nothing can be bound to it.
    """
    digest = content_digest(body)
    parameters = f';created={created};keyid="{_checked_keyid(keyid)}";tag="{TAG}"'
    return _signed(_ANSWER, _answer(status, digest, request_signature), parameters, sign, digest)


def verify_response(
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    request_signature: str,
    key_for: KeyFor,
    verify: Verify,
) -> VerifiedResponse:
    """Believes the answer to the request that was sent with `request_signature`, or raises.

    The nonce of the request makes the answer fresh, so its time is returned and not judged: an
    answer with code `clock` is how the two clocks are compared. `key_for` must take only keys of
    the member that was asked. Raises as `verify_call` does.
    """
    stated = read_fields(headers)
    _check_covered(stated.covered, _ANSWER)
    _check_parameters(stated, _ANSWER_PARAMETERS)
    digest = _check_body(body, headers)
    values = _answer(status, digest, request_signature)
    keyid = _check_signature(stated, values, key_for, verify)
    return VerifiedResponse(keyid, stated.number("created"))


def _answer(status: int, digest: str, request_signature: str) -> dict[str, str]:
    read_signature(request_signature)
    return {
        '"@status"': str(status),
        '"content-digest"': digest,
        '"signature";req': request_signature,
    }


def _signed(
    covered: tuple[str, ...], values: Mapping[str, str], parameters: str, sign: Sign, digest: str
) -> dict[str, str]:
    text = f"({' '.join(covered)}){parameters}"
    signature = base64.b64encode(sign(_base(covered, values, text))).decode()
    return {
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={text}",
        "Signature": f"{LABEL}=:{signature}:",
    }


def _base(covered: tuple[str, ...], values: Mapping[str, str], text: str) -> bytes:
    """The signature base of RFC 9421, section 2.5; every value is printable ASCII by now."""
    lines = [f"{name}: {values[name]}" for name in covered]
    return "\n".join((*lines, f'"@signature-params": {text}')).encode("ascii")


def _checked_keyid(keyid: str) -> str:
    if not _KEYID.fullmatch(keyid):
        raise Malformed("call_keyid", "A keyid is 1 to 200 printable characters without quotes")
    return keyid


# --- 2 to 4: what it covers, and its parameters ------------------------------------------------


def _check_covered(covered: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    missing = [name for name in wanted if name not in covered]
    if missing:
        raise Untrusted("call_uncovered", f"The signature does not cover {' '.join(missing)}")
    if len(covered) != len(wanted):
        raise Untrusted("call_covered", f"The signature covers more than {' '.join(wanted)}")


def _check_parameters(stated: StatedSignature, wanted: frozenset[str]) -> None:
    unknown = stated.parameters.keys() - wanted - {"alg"}
    if unknown:
        raise Untrusted("call_parameter_unknown", f"Unknown parameter: {' '.join(sorted(unknown))}")
    missing = wanted - stated.parameters.keys()
    if missing:
        raise Untrusted("call_parameter_missing", f"No parameter {' '.join(sorted(missing))}")
    if stated.parameters.get("alg", "ed25519") != "ed25519":
        raise Untrusted("call_algorithm", "The algorithm of a call is ed25519", do="Leave out alg")
    if stated.word("tag") != TAG:
        raise Untrusted("call_tag", f"The tag of a call to this door is {TAG}")


def _check_life(stated: StatedSignature) -> tuple[bytes, int, int]:
    nonce = stated.word("nonce")
    if not _NONCE.fullmatch(nonce):
        raise Untrusted("call_nonce", "A nonce is 128 random bits: 32 lower-case hex characters")
    created, expires = stated.number("created"), stated.number("expires")
    if not 0 < expires - created <= LIFETIME_MAX:
        raise Untrusted("call_lifetime", f"A call lives for at most {LIFETIME_MAX} seconds")
    return bytes.fromhex(nonce), created, expires


# --- 5 to 7: the body, the signature, the clock ------------------------------------------------


def _check_body(body: bytes | None, headers: Mapping[str, str]) -> str:
    if "content-encoding" in headers:
        raise Untrusted(
            "call_encoded",
            "The body is content-encoded",
            why="Content-Encoding is not covered by the signature",
            do="Send the body as it is",
        )
    digest = headers.get("content-digest")
    if digest is None:
        raise Untrusted("call_no_digest", "There is no Content-Digest")
    if not _DIGEST.fullmatch(digest):
        raise Malformed("call_digest_form", "Content-Digest is not exactly one SHA-256 entry")
    if digest != content_digest(body):
        raise Untrusted("call_digest", "The body is not the one that was signed")
    return digest


def _check_signature(
    stated: StatedSignature, values: Mapping[str, str], key_for: KeyFor, verify: Verify
) -> str:
    keyid = _checked_keyid(stated.word("keyid"))
    public = key_for(keyid)
    check_public_key(public)
    if not verify(public, stated.signature, _base(stated.covered, values, stated.text)):
        raise Untrusted(
            "call_signature",
            "The signature does not hold",
            why="The target, the body, the key or our configured URL differs from what was signed",
        )
    return keyid


def _check_clock(created: int, expires: int, at: Micros, skew: Micros) -> None:
    """Both directions carry the code `clock`, which peers act on (PROTOCOL 2)."""
    early, late = created * SECOND - skew - at, at - expires * SECOND - skew
    if early > 0:
        raise ClockOff(
            "clock", "This call comes from the future", why=f"By {early // SECOND + 1} s", do=_CLOCK
        )
    if late > 0:
        raise ClockOff(
            "clock", "This call has expired", why=f"{late // SECOND + 1} s ago", do=_CLOCK
        )


_CLOCK = "Compare both clocks; sign again with the time of our answer"
