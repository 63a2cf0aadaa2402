"""Signed calls for tests: one key, a call with a body and one without, and ways to bend them."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hueandcry.core.calls import (
    TAG,
    Call,
    VerifiedCall,
    content_digest,
    sign_call,
    sign_response,
    verify_call,
    verify_response,
)
from hueandcry.core.errors import HueError, NotFound
from hueandcry.core.types import SECOND

SEED = bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = PRIVATE.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
KEYID = "ab" * 32 + "/" + "cd" * 8
CREATED = 1_795_000_000
AT = CREATED * SECOND + 1
NONCE = bytes(range(100, 116))
POST = Call(
    "POST",
    "node.example:8443",
    "/peer/v1/batches/a%2Fb",
    "?lane=live&x=%20",
    b'{"a":1}',
    "application/json",
)
GET = Call("GET", "node.example", "/peer/v1/feed")


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def key_for(keyid: str) -> bytes:
    if keyid != KEYID:
        raise NotFound("key", "No such key")
    return PUBLIC


def signed(call: Call, **changes: object) -> dict[str, str]:
    given = {"keyid": KEYID, "sign": PRIVATE.sign, "created": CREATED, "nonce": NONCE} | changes
    fields = sign_call(call, **given)  # type: ignore[arg-type]
    return {name.lower(): value for name, value in fields.items()}


def believed(call: Call, headers: dict[str, str], at: int = AT) -> VerifiedCall:
    return verify_call(call, headers, at=at, key_for=key_for, verify=verify)


def by_hand(call: Call, covered: tuple[str, ...], parameters: str, digest: str) -> dict[str, str]:
    """A signature that holds over whatever is asked, so that only the profile can refuse it."""
    values = {
        '"@method"': call.method,
        '"@authority"': call.authority,
        '"@path"': call.path,
        '"@query"': call.query,
        '"content-digest"': digest,
        '"content-type"': call.content_type or "",
        '"date"': "now",
    }
    text = f"({' '.join(covered)}){parameters}"
    lines = [f"{name}: {values[name]}" for name in covered] + [f'"@signature-params": {text}']
    signature = base64.b64encode(PRIVATE.sign("\n".join(lines).encode())).decode()
    return {
        "content-digest": digest,
        "signature-input": f"sig={text}",
        "signature": f"sig=:{signature}:",
    }


def parameters(**changes: str | int | None) -> str:
    stated: dict[str, str | int | None] = {
        "created": CREATED,
        "expires": CREATED + 60,
        "nonce": NONCE.hex(),
        "keyid": KEYID,
        "tag": TAG,
    }
    stated |= changes
    return "".join(
        f';{name}="{value}"' if isinstance(value, str) else f";{name}={value}"
        for name, value in stated.items()
        if value is not None
    )


ALL = ('"@method"', '"@authority"', '"@path"', '"@query"', '"content-digest"', '"content-type"')


def refusal(headers: dict[str, str], call: Call = POST, at: int = AT) -> HueError:
    with pytest.raises(HueError) as caught:
        believed(call, headers, at)
    return caught.value


def hand_refusal(changes: dict[str, str | int | None], covered: tuple[str, ...] = ALL) -> HueError:
    return refusal(by_hand(POST, covered, parameters(**changes), content_digest(POST.body)))


ASKED = signed(POST)["signature"]


def answered(status: int = 200, body: bytes = b"{}", asked: str = ASKED) -> dict[str, str]:
    fields = sign_response(
        status,
        body,
        request_signature=asked,
        keyid=KEYID,
        sign=PRIVATE.sign,
        created=CREATED,
    )
    return {name.lower(): value for name, value in fields.items()}


def read_answer(status: int, body: bytes, headers: dict[str, str], asked: str = ASKED) -> object:
    return verify_response(
        status, body, headers, request_signature=asked, key_for=key_for, verify=verify
    )
